"""What stands in front of all answers, and what all answers bear."""

import asyncio
from collections.abc import Mapping

import pytest
from litestar import Litestar, Response, get
from litestar.datastructures import State
from litestar.enums import ScopeType
from litestar.types import HTTPRequestEvent, HTTPScope, Message
from tests.api.conftest import asking
from tests.api.guard.known import admission, key

from perps_stats.api.guard import Admission, Guard, Rules, middleware, origins

PAGE = "default-src 'self'"
ORIGIN = "https://charts.example"
CORS = {"Origin": ORIGIN}
PREFLIGHT = {**CORS, "Access-Control-Request-Method": "GET"}


@get("/")
async def page() -> Response[bytes]:
    return Response(b"<p>", media_type="text/html", headers={"Content-Security-Policy": PAGE})


@get("/api/v1/x")
async def data() -> bytes:
    return b"0123456789"


@get("/api/v1/stream")
async def stream(state: State) -> bytes:
    del state
    return b"0" * 100


APP = Litestar([page, data, stream], openapi_config=None)


SCOPE: HTTPScope = {  # type: ignore[typeddict-item]  # what is looked at
    "type": ScopeType.HTTP,
    "method": "GET",
    "path": "/api/v1/x",
    "headers": [],
    "client": ("203.0.113.9", 1),
}


async def nothing() -> HTTPRequestEvent:
    raise AssertionError


def guard(of: Admission, most_bytes: int = 1000) -> Guard:
    return Guard(APP, of, most_bytes=most_bytes)


def safe(headers: Mapping[str, str]) -> None:
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


async def test_every_answer_is_safe_in_a_browser() -> None:
    """Answers and refusals; of the page its own policy, of all else one that allows nothing."""
    nothing = "default-src 'none'; frame-ancestors 'none'"
    async with asking(guard(await admission(key()[1]))) as ask:
        for path, status, policy in (
            ("/", 200, PAGE),
            ("/livez", 404, nothing),
            ("/api/v1/x", 401, nothing),
        ):
            reply = await ask(path)
            safe(reply.headers)
            assert (reply.status, reply.headers["Content-Security-Policy"]) == (status, policy)
            assert "Access-Control-Allow-Origin" not in reply.headers


async def test_a_refusal_is_a_problem_document() -> None:
    """With what to do, and the header that says so to programs."""
    async with asking(guard(await admission(key()[1]))) as ask:
        reply = await ask("/api/v1/x")
    assert reply.headers["WWW-Authenticate"] == 'Bearer realm="perps-stats"'
    assert reply.headers["Content-Type"] == "application/problem+json"
    told = {name: reply.body[name] for name in ("type", "title", "status", "detail", "instance")}
    assert told == {
        "type": "urn:perps-stats:problem:key-needed",
        "title": "Key needed",
        "status": 401,
        "detail": "a key is needed: Authorization: Bearer ps_… or X-API-Key: ps_…",
        "instance": "/api/v1/x",
    }


async def test_answers_tell_of_the_quota() -> None:
    """What it is and what is left; over it 429 and when to come again."""
    text, kept = key()
    async with asking(guard(await admission(kept, rules=Rules(key_requests=2)))) as ask:
        headers = {"X-API-Key": text.decode()}
        replies = [await ask("/api/v1/x", headers=headers) for _ in range(3)]
    assert [reply.status for reply in replies] == [200, 200, 429]
    assert {reply.headers["RateLimit-Policy"] for reply in replies} == {'"key";q=2;w=60'}
    assert [reply.headers["RateLimit"] for reply in replies] == [
        '"key";r=1;t=30',
        '"key";r=0;t=60',
        '"key";r=0;t=60',
    ]
    assert replies[2].headers["Retry-After"] == "30"
    assert replies[2].body["detail"] == "more requests than the quota allows; again in 30 s"


async def test_who_does_not_wait_is_made_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal of more requests than allowed is held back, of so many at once."""
    monkeypatch.setattr(middleware, "MOST_HELD", 1)
    monkeypatch.setattr(middleware, "HELD_SECONDS", 3600)
    guarded = guard(await admission(rules=Rules(is_public=True, address_requests=1)))

    async def ask() -> int:
        sent: list[int] = []

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                sent.append(message["status"])

        await guarded(SCOPE, nothing, send)
        return sent[0]

    assert await ask() == 401
    held = asyncio.create_task(ask())
    await asyncio.sleep(0)
    assert [await ask(), await ask(), held.done()] == [429, 429, False]
    held.cancel()
    await asyncio.wait((held,))


async def test_pages_that_are_named_may_read_answers() -> None:
    """And refusals; others, and all where none is named, may not."""
    text, kept = key()
    rules = Rules(cors_origins=origins([ORIGIN]))
    async with asking(guard(await admission(kept, rules=rules))) as ask:
        for headers in (CORS, {**CORS, "X-API-Key": text.decode()}):
            reply = await ask("/api/v1/x", headers=headers)
            assert reply.headers["Access-Control-Allow-Origin"] == ORIGIN
            assert reply.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
            assert "RateLimit" in reply.headers["Access-Control-Expose-Headers"]
        other = await ask("/api/v1/x", headers={"Origin": "https://evil.example"})
        assert "Access-Control-Allow-Origin" not in other.headers
        assert (reply.headers["Vary"], other.headers["Vary"]) == ("Origin", "Origin")


async def test_browsers_ask_before_they_ask() -> None:
    """Without a key, as they must; only pages that are named are told that they may."""
    rules = Rules(cors_origins=origins([ORIGIN]))
    async with asking(guard(await admission(key()[1], rules=rules))) as ask:
        reply = await ask("/api/v1/x", method="OPTIONS", headers=PREFLIGHT)
        assert (reply.status, reply.text) == (204, b"")
        assert reply.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert reply.headers["Access-Control-Allow-Methods"] == "GET, HEAD"
        assert "Authorization" in reply.headers["Access-Control-Allow-Headers"]
        evil = {**PREFLIGHT, "Origin": "https://evil.example"}
        assert (await ask("/api/v1/x", method="OPTIONS", headers=evil)).status == 401


@pytest.mark.parametrize(("most", "status"), [(10, 200), (9, 400)])
async def test_an_answer_has_a_size(most: int, status: int) -> None:
    """What is larger is not sent, and says what to do."""
    async with asking(guard(await admission(), most)) as ask:
        reply = await ask("/api/v1/x")
    assert reply.status == status
    if status == 400:
        assert reply.body["detail"] == (
            "the answer is larger than 9 bytes; use a smaller limit, or ask for less"
        )
