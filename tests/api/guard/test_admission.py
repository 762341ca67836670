"""Who may ask what."""

from http import HTTPStatus

import pytest
from msgspec.structs import replace
from tests.api.guard.known import NOW, Clock, admission, key

from perps_stats.api.guard import Admission, Caller, Keyring, Refusal, Rules, origins
from perps_stats.api.guard.keyring import KEPT_SECONDS
from perps_stats.api.guard.refusals import Headers
from perps_stats.core.keys import Key, KeyScope

LOCAL, FAR = "127.0.0.1", "203.0.113.9"
DATA = "/api/v1/tickers"
PUBLIC = Rules(is_public=True)


def asked(
    of: Admission, path: str = DATA, headers: Headers = (), peer: str = FAR, method: str = "GET"
) -> tuple[int, str]:
    """Status, and whose quota it is, or why not."""
    answer = of.may_ask(method, path, headers, peer)
    if isinstance(answer, Refusal):
        return answer.status, answer.kind
    return 200, answer.name


def bearer(text: bytes) -> Headers:
    return [(b"authorization", b"Bearer " + text)]


async def test_on_loopback_without_keys_nothing_is_needed() -> None:
    """Nor is anything counted, or a key looked at."""
    free = await admission(rules=Rules(address_requests=1))
    for _ in range(5):
        assert free.may_ask("GET", DATA, bearer(b"nonsense"), LOCAL) == Caller(LOCAL)


@pytest.mark.parametrize("rules", [PUBLIC, Rules()])
async def test_once_there_is_a_key_or_a_public_address_one_is_needed(rules: Rules) -> None:
    """In either header, in any spelling of Bearer, of one key."""
    text, kept = key()
    guard = await admission(kept, rules=rules)
    name = f"key {kept.id}"
    assert asked(guard) == (401, "key-needed")
    assert asked(guard, headers=bearer(text)) == (200, name)
    assert asked(guard, headers=[(b"authorization", b"bearer  " + text + b" ")]) == (200, name)
    assert asked(guard, headers=[(b"x-api-key", text)]) == (200, name)
    assert asked(guard, headers=[(b"x-api-key", text), *bearer(text)]) == (200, name)
    assert asked(guard, headers=[(b"x-api-key", text), *bearer(key()[0])]) == (400, "bad-request")
    assert asked(guard, headers=[(b"authorization", b"Basic " + text)]) == (401, "key-needed")
    assert asked(guard, headers=bearer(key()[0])) == (401, "bad-key")


async def test_a_public_address_needs_one_though_there_is_none() -> None:
    """No key opens it then."""
    assert asked(await admission(rules=PUBLIC)) == (401, "key-needed")


async def test_the_page_and_the_probes_are_open() -> None:
    """All else is not, however it is spelt; the metrics are open to this machine."""
    guard = await admission(key()[1], rules=PUBLIC)
    for path in ("/", "/livez", "/readyz", "/assets/index-1.js", "/favicon.ico"):
        assert asked(guard, path) == (200, FAR)
    for path in ("/metrics", "//api/v1/tickers", "/api/v1/openapi.json", "/udf/config", "/x", ""):
        assert asked(guard, path) == (401, "key-needed")
    assert asked(guard, "/metrics", peer=LOCAL) == (200, LOCAL)
    assert asked(guard, "/metrics", [(b"x-forwarded-for", b"203.0.113.9")], LOCAL)[0] == 401
    assert asked(guard, "/metrics", [(b"x-forwarded-for", b"127.0.0.1")], LOCAL)[0] == 401
    assert asked(guard, "/metrics", [(b"forwarded", b"for=127.0.0.1")], LOCAL)[0] == 401


async def test_a_key_opens_what_it_is_for() -> None:
    """403 says which scope is missing, to programs too."""
    reading, reads = key(KeyScope.READ)
    streaming, streams = key(KeyScope.STREAM)
    guard = await admission(reads, streams, rules=PUBLIC)
    answer = guard.may_ask("GET", DATA, bearer(streaming), FAR)
    assert isinstance(answer, Refusal)
    assert (answer.status, answer.detail) == (403, "this key lacks the scope read")
    assert answer.headers == (
        (
            b"www-authenticate",
            b'Bearer realm="perps-stats", error="insufficient_scope", scope="read"',
        ),
    )
    answer = guard.may_stream(bearer(reading), FAR)
    assert isinstance(answer, Refusal)
    assert answer.detail == "this key lacks the scope stream"
    assert isinstance(guard.may_stream(bearer(streaming), FAR), Caller)


async def test_browsers_name_a_key_by_a_sub_protocol() -> None:
    """They can add no header to the handshake."""
    text, kept = key()
    guard = await admission(kept, rules=PUBLIC)
    offered = [(b"sec-websocket-protocol", b"perps-stats.v1, perps-stats.key." + text)]
    answer = guard.may_stream(offered, FAR)
    assert isinstance(answer, Caller)
    assert answer.key == kept
    assert isinstance(guard.may_stream([], FAR), Refusal)


async def test_pages_of_other_origins_may_not_connect() -> None:
    """A page of ours may, whatever our address is called; others where they are named."""
    guard = await admission(rules=Rules(cors_origins=origins(["https://charts.example"])))
    host = (b"host", b"perps.example:8080")

    def status(origin: bytes) -> int:
        answer = guard.may_stream([host, (b"origin", origin)], LOCAL)
        return answer.status if isinstance(answer, Refusal) else 200

    assert status(b"http://perps.example:8080") == 200
    assert status(b"https://charts.example") == 200
    for origin in (b"https://evil.example", b"null", b"http://perps.example", b"\xff"):
        assert status(origin) == 403


async def test_before_the_keys_are_read_nobody_is_let_in() -> None:
    """Which there are is not known; the page and the probes need none."""
    clock = Clock()
    unread = Admission(Keyring((), now=clock.time, seconds=clock), Rules(), clock)
    assert asked(unread) == (503, "starting")
    assert asked(unread, peer=LOCAL) == (503, "starting")
    assert isinstance(unread.may_stream([], LOCAL), Refusal)
    assert asked(unread, "/readyz") == (200, FAR)


async def test_keys_that_are_known_no_more_open_nothing() -> None:
    """503 and not 401: the key may be as good as ever."""
    clock = Clock()
    text, kept = key()
    guard = await admission(kept, rules=PUBLIC, clock=clock)
    clock.now += KEPT_SECONDS
    assert asked(guard, headers=bearer(text))[0] == 200
    clock.now += 1
    assert asked(guard, headers=bearer(text)) == (503, "database-away")
    assert asked(guard, headers=bearer(key()[0])) == (503, "database-away")


async def test_quotas_are_of_keys_and_of_addresses() -> None:
    """A key has its own wherever it is used from; who has none uses up that of his address."""
    text, kept = key()
    other, another = key()
    rules = Rules(is_public=True, key_requests=2, address_requests=1)
    guard = await admission(kept, another, rules=rules)
    assert asked(guard, "/")[0] == 200
    assert asked(guard, "/") == (429, "quota-exceeded")
    assert asked(guard) == (429, "quota-exceeded")
    assert asked(guard, "/", peer="203.0.113.10")[0] == 200
    assert [asked(guard, headers=bearer(text))[0] for _ in range(3)] == [200, 200, 429]
    assert asked(guard, headers=bearer(text), peer="203.0.113.77")[0] == 429
    assert asked(guard, headers=bearer(other))[0] == 200


async def test_who_is_over_his_quota_is_told_for_how_long() -> None:
    """In whole seconds, at least one, beside what the quota is."""
    guard = await admission(rules=Rules(is_public=True, address_requests=60))
    for _ in range(60):
        guard.may_ask("GET", "/", (), FAR)
    answer = guard.may_ask("GET", "/", (), FAR)
    assert isinstance(answer, Refusal)
    assert answer.status is HTTPStatus.TOO_MANY_REQUESTS
    assert answer.headers == (
        (b"retry-after", b"1"),
        (b"ratelimit-policy", b'"address";q=60;w=60'),
        (b"ratelimit", b'"address";r=0;t=60'),
    )


async def test_guessing_keys_uses_up_the_quota() -> None:
    """Of the address, which then is not even told whether it guessed right."""
    guard = await admission(key()[1], rules=Rules(is_public=True, address_requests=3))
    guesses = [asked(guard, headers=bearer(key()[0]))[0] for _ in range(5)]
    assert guesses == [401, 401, 401, 429, 429]


@pytest.mark.parametrize(
    ("peer", "headers", "expected"),
    [
        (FAR, [], FAR),
        (FAR, [(b"x-forwarded-for", b"198.51.100.1")], FAR),
        (LOCAL, [(b"x-forwarded-for", b"198.51.100.1")], "198.51.100.1"),
        (LOCAL, [(b"x-forwarded-for", b"10.9.9.9, 198.51.100.1")], "198.51.100.1"),
        (LOCAL, [(b"x-forwarded-for", b"198.51.100.1, ::1")], "198.51.100.1"),
        (LOCAL, [(b"x-forwarded-for", b"10.1.1.1"), (b"x-forwarded-for", b"9.9.9.9")], "9.9.9.9"),
        (LOCAL, [(b"x-forwarded-for", b"nonsense\xff")], "unknown"),
        ("2001:db8:1:2:3:4:5:6", [], "2001:db8:1:2::"),
        ("::ffff:203.0.113.9", [], FAR),
    ],
)
async def test_whose_address_it_is(peer: str, headers: Headers, expected: str) -> None:
    """A proxy that is trusted tells it; the word of others counts nothing. Of IPv6 a network."""
    guard = await admission(rules=PUBLIC)
    assert asked(guard, "/", headers, peer) == (200, expected)


@pytest.mark.parametrize(
    "header",
    [(b"content-length", b"1"), (b"transfer-encoding", b"chunked"), (b"content-length", b"00")],
)
async def test_a_question_has_no_body(header: tuple[bytes, bytes]) -> None:
    """The connection ends with the refusal: where the next request begins may be in doubt."""
    guard = await admission()
    answer = guard.may_ask("GET", DATA, [header], LOCAL)
    assert isinstance(answer, Refusal)
    assert (answer.status, answer.headers) == (400, ((b"connection", b"close"),))
    assert asked(guard, headers=[(b"content-length", b"0")], peer=LOCAL)[0] == 200


async def test_who_was_let_in_is_asked_again() -> None:
    """A key that is revoked, or the first one that is made, ends what was open."""
    text, kept = key()
    guard = await admission(kept)
    caller = guard.may_stream(bearer(text), LOCAL)
    assert isinstance(caller, Caller)
    assert guard.is_still_welcome(caller)

    async def revoked() -> list[Key]:
        return [replace(kept, revoked_at=NOW)]

    await guard.keyring.read(revoked)
    assert not guard.is_still_welcome(caller)
    assert not guard.is_still_welcome(Caller(LOCAL))
