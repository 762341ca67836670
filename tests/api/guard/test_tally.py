"""What is counted of questions, as they are answered and refused."""

from collections.abc import Mapping

from litestar import Litestar, get
from tests.api.conftest import asking
from tests.api.guard.known import Clock, admission, key, opened

from perps_stats.api.guard import Guard, Rules, Tally, origins, refusals
from perps_stats.api.guard.tally import KINDS
from perps_stats.core.keys import KeyScope

ORIGIN = "https://charts.example"
NOT_HTTP = b"not as RFC 9112 has it\r\n\r\n"


@get("/api/v1/x")
async def data() -> bytes:
    return b"0123456789"


@get("/api/v1/wrong")
async def wrong() -> bytes:
    raise AssertionError


APP = Litestar([data, wrong], openapi_config=None, logging_config=None)


def counted(of: Mapping[str, int] | Mapping[int, int]) -> dict[object, int]:
    """Those that were."""
    return {name: count for name, count in of.items() if count}


async def test_each_answer_counts_once() -> None:
    """By its status, our own faults too; how long it took is known of what was let in."""
    tally = Tally()
    rules = Rules(cors_origins=origins([ORIGIN]))
    guard = Guard(APP, await admission(rules=rules), tally=tally)
    preflight = {"Origin": ORIGIN, "Access-Control-Request-Method": "GET"}
    async with asking(guard) as ask:
        for path in ("/api/v1/x", "/api/v1/x", "/api/v1/none", "/api/v1/wrong"):
            await ask(path)
        await ask("/api/v1/x", method="HEAD")
        await ask("/api/v1/x", method="OPTIONS", headers=preflight)
    assert counted(tally.answers) == {200: 2, 204: 1, 404: 1, 405: 1, 500: 1}
    assert counted(tally.refusals) == {}
    assert tally.seconds.distribution().count == 5


async def test_each_refusal_counts_by_its_kind() -> None:
    """And among the answers; it is not among the times."""
    tally = Tally()
    text, kept = key()
    streams, other = key(KeyScope.STREAM)
    rules = Rules(key_requests=2, address_requests=2)
    admitted = await admission(kept, other, rules=rules, clock=Clock())
    guard = Guard(APP, admitted, tally=tally, most_bytes=9)
    async with asking(guard) as ask:
        for given in (None, b"ps_nobody_knows", streams, text):
            headers = {} if given is None else {"X-API-Key": given.decode()}
            await ask("/api/v1/x", headers=headers)
        await ask("/api/v1/x")
    assert counted(tally.answers) == {400: 1, 401: 2, 403: 1, 429: 1}
    assert counted(tally.refusals) == {
        "key-needed": 1,
        "bad-key": 1,
        "scope-missing": 1,
        "answer-too-large": 1,
        "quota-exceeded": 1,
    }
    assert tally.seconds.distribution().count == 0


async def test_what_is_no_question_counts() -> None:
    """It is refused before the guard sees it."""
    tally = Tally()
    async with opened(APP, tally=tally) as door:
        await door.ask(NOT_HTTP)
    assert counted(tally.refusals) == {"bad-request": 1}
    assert counted(tally.answers) == {400: 1}


def test_every_kind_is_told_of_before_there_are_any() -> None:
    """Those of the guard: a count that begins at 1 is no increase to Prometheus."""
    made = (
        refusals.no_key(),
        refusals.bad_key("unknown"),
        refusals.lacks("read"),
        refusals.keys_unknown(),
        refusals.starting(),
        refusals.over_quota(1, ()),
        refusals.foreign_origin(b"a"),
        refusals.bad_request("a"),
        refusals.too_large(1),
    )
    assert {each.kind for each in made} == set(KINDS)
