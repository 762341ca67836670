"""The handshake and the rules of RFC 6455: whatever comes, the right end and no traceback."""

import struct
from collections import Counter
from collections.abc import AsyncGenerator

import msgspec
import pytest
from tests.api.guard.known import Clock, Raw, admission, key
from websockets.exceptions import InvalidStatus

from perps_stats.api.guard import Rules
from perps_stats.api.live import PATH, Limits
from perps_stats.core.keys import Key, KeyScope

from .spoken import Heard, Spoken, Stream, so, streaming, trade

HANDSHAKE = (
    b"GET %b HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n%b\r\n"
)
TEXT, BINARY, CONT, CLOSE, PING, PONG = 1, 2, 0, 8, 9, 10
FIN, MASKED = 0x80, 0x80
ZEROS = bytes(4)
PINGS = b'{"op":"ping"}'


def frame(kind: int, payload: bytes = b"", *, fin: int = FIN, mask: int = MASKED) -> bytes:
    """As a client sends it; a mask of zeros changes nothing."""
    size = len(payload)
    length = bytes((mask | size,)) if size < 126 else struct.pack(">BH", mask | 126, size)
    return bytes((fin | kind,)) + length + (ZEROS if mask else b"") + payload


ENDINGS = {
    "not masked": (1002, frame(TEXT, PINGS, mask=0)),
    "a reserved bit": (1002, frame(TEXT | 0x40, PINGS)),
    "an unknown kind": (1002, frame(3, PINGS)),
    "the rest of nothing": (1002, frame(CONT, PINGS)),
    "two at once": (1002, frame(TEXT, b"{", fin=0) + frame(TEXT, b"}")),
    "a ping in parts": (1002, frame(PING, b"x", fin=0)),
    "a long ping": (1002, frame(PING, b"x" * 126)),
    "half a code": (1002, frame(CLOSE, b"\x03")),
    "a code nobody sends": (1002, frame(CLOSE, struct.pack(">H", 1005))),
    "no reason in UTF-8": (1007, frame(CLOSE, struct.pack(">H", 1000) + b"\xff")),
    "binary": (1003, frame(BINARY, PINGS)),
    "no UTF-8": (1007, frame(TEXT, b"\xff\xfe")),
    "a terabyte": (1009, struct.pack(">BBQ", 0x81, 0xFF, 1 << 40)),
    "more than may be said": (1009, struct.pack(">BBQ", 0x81, 0xFF, 1 << 63)),
    "too long in parts": (1009, frame(TEXT, b"x" * 60000, fin=0) * 2),
    "a flood of pings": (1008, frame(PING) * 100),
    "of fragments": (1008, frame(TEXT, b"", fin=0) + frame(CONT, fin=0) * 100),
    "a farewell": (1000, frame(CLOSE, struct.pack(">H", 1000))),
    "a code of one's own": (4321, frame(CLOSE, struct.pack(">H", 4321))),
}
"""What a client sends, and the code that it is told."""


@pytest.fixture
async def stream() -> AsyncGenerator[Stream]:
    """No time passes: no heartbeat comes in between, and nobody has earned another message."""
    async with streaming(Spoken(), seconds=Clock()) as running:
        yield running


async def opened(stream: Stream, path: bytes = PATH.encode(), headers: bytes = b"") -> Raw:
    raw = await stream.dial()
    await raw.say(HANDSHAKE % (path, headers))
    return raw


async def accepted(stream: Stream, headers: bytes = b"") -> tuple[Raw, bytes]:
    raw = await opened(stream, headers=headers)
    return raw, await raw.reader.readuntil(b"\r\n\r\n")


def close_of(said: bytes) -> int:
    """The code of the close frame at the end; 0: there is none."""
    place = said.rfind(bytes((FIN | CLOSE,)))
    return int.from_bytes(said[place + 2 : place + 4], "big") if place >= 0 else 0


async def test_the_handshake(stream: Stream) -> None:
    """The answer to the key of RFC 6455, 1.3; no extension, no sub-protocol that nobody offered."""
    _, head = await accepted(stream, b"Sec-WebSocket-Extensions: permessage-deflate\r\n")
    assert head.startswith(b"HTTP/1.1 101 ")
    assert b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in head
    assert b"Extensions" not in head
    assert b"Sec-WebSocket-Protocol" not in head


async def test_what_ends_a_connection(stream: Stream, capsys: pytest.CaptureFixture[str]) -> None:
    """With the code that RFC 6455 names; the next client is served, and nothing is left of it."""
    for name, (code, frames) in ENDINGS.items():
        raw, _ = await accepted(stream)
        await raw.say(frames)
        assert (name, close_of(await raw.rest())) == (name, code)
    async with stream.client() as next_one:
        await next_one.ask("ping")
        assert (await next_one.told()).type == "pong"
    await so(lambda: not stream.hub.clients)
    assert stream.hub.closed == Counter([*(code for code, _ in ENDINGS.values()), 1000])
    assert "Traceback" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "frames",
    [
        pytest.param(frame(TEXT, PINGS[:5], fin=0) + frame(CONT, PINGS[5:]), id="in parts"),
        pytest.param(
            frame(TEXT, PINGS[:5], fin=0) + frame(PONG) + frame(CONT, PINGS[5:]), id="interrupted"
        ),
        pytest.param(frame(PONG, b"unasked") + frame(TEXT, PINGS), id="after a pong unasked"),
    ],
)
async def test_what_is_well_formed_is_answered(stream: Stream, frames: bytes) -> None:
    """However it is cut, byte by byte too."""
    raw, _ = await accepted(stream)
    for byte in frames:
        await raw.say(bytes((byte,)))
    head = await raw.reader.readexactly(2)
    answer = msgspec.json.decode(await raw.reader.readexactly(head[1]), type=dict[str, object])
    assert answer["type"] == "pong"


async def test_a_ping_is_answered_with_its_own_words(stream: Stream) -> None:
    """As RFC 6455, 5.5.3 has it."""
    raw, _ = await accepted(stream)
    await raw.say(frame(PING, b"are you there"))
    assert await raw.reader.readexactly(15) == bytes((FIN | PONG, 13)) + b"are you there"


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        (b"/api/v1/streams", 404, "not-found"),
        (b"/api/v1/stream?symbol=BTC", 400, "unknown-parameter"),
    ],
)
async def test_another_address(stream: Stream, path: bytes, status: int, kind: str) -> None:
    """A problem document, as of all other paths."""
    raw = await opened(stream, path)
    answer = await raw.rest()
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    problem = msgspec.json.decode(answer.partition(b"\r\n\r\n")[2], type=dict[str, object])
    assert problem["type"] == f"urn:perps-stats:problem:{kind}"


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (b"Sec-WebSocket-Version: 12\r\n", 400),
        (b"Sec-WebSocket-Key: short\r\n", 400),
        (b"Origin: https://elsewhere.example\r\n", 403),
    ],
)
async def test_a_bad_handshake(stream: Stream, header: bytes, status: int) -> None:
    """It is refused, also where a page of another origin asks: it would have our user's rights."""
    raw = await opened(stream, headers=header)
    assert (await raw.rest()).startswith(b"HTTP/1.1 %d " % status)
    assert not stream.hub.clients


async def test_handshakes_are_counted(stream: Stream) -> None:
    """Among all answers: those that were accepted, and those that were refused, by kind."""
    await accepted(stream)
    await (await opened(stream, b"/api/v1/streams")).rest()
    assert (stream.tally.answers[101], stream.tally.answers[404]) == (1, 1)
    assert stream.tally.refusals["not-found"] == 1


async def test_pages_of_our_own_origin_and_of_named_ones() -> None:
    """Our own is that of the host that was asked."""
    rules = Rules(cors_origins=frozenset({b"https://friend.example"}))
    async with streaming(Spoken(), admitting=await admission(rules=rules)) as stream:
        for origin in (b"http://here", b"https://friend.example"):
            _, head = await accepted(stream, b"Origin: %b\r\n" % origin)
            assert head.startswith(b"HTTP/1.1 101 ")


async def test_keys_of_the_stream() -> None:
    """Where there are keys one is needed, for the stream; browsers say it as a sub-protocol."""
    (right, kept), (wrong, other) = key(KeyScope.STREAM), key(KeyScope.READ)
    async with streaming(Spoken(), admitting=await admission(kept, other)) as stream:
        for header, status in ((b"", 401), (b"X-API-Key: %b\r\n" % wrong, 403)):
            raw = await opened(stream, headers=header)
            assert (await raw.rest()).startswith(b"HTTP/1.1 %d " % status)
        raw, head = await accepted(stream, b"Authorization: Bearer %b\r\n" % right)
        assert head.startswith(b"HTTP/1.1 101 ")
        named = b"perps-stats.key." + right
        for offered, chosen in ((named, named), (b"perps-stats.v1, " + named, b"perps-stats.v1")):
            raw, head = await accepted(stream, b"Sec-WebSocket-Protocol: %b\r\n" % offered)
            assert b"Sec-WebSocket-Protocol: %b\r\n" % chosen in head


async def test_a_key_that_is_not_valid_any_more() -> None:
    """Who came in with it is closed."""
    text, kept = key(KeyScope.STREAM)
    admitting = await admission(kept)

    async def none() -> list[Key]:
        return []

    async with (
        streaming(Spoken(), admitting=admitting) as stream,
        stream.client({"X-API-Key": text.decode()}) as client,
    ):
        await admitting.keyring.read(none)
        assert await client.closed() == (1008, "the key is not valid any more")


async def test_as_many_clients_as_may_be() -> None:
    """The next is told to come again later."""
    async with streaming(Spoken(), Limits(clients=1)) as stream, stream.client():
        with pytest.raises(InvalidStatus) as raised:
            async with stream.client():
                pass
        assert raised.value.response.status_code == 503
        assert raised.value.response.headers["Retry-After"] == "5"


async def test_a_client_that_is_silent() -> None:
    """It is asked whether it is there; where it does not answer it is closed."""
    clock, limits = Clock(), Limits(idle_seconds=60.0)
    began = clock.now
    async with streaming(Spoken(), limits, seconds=clock) as stream, stream.client() as there:
        raw, _ = await accepted(stream)
        clock.now = began + 20.1
        assert await raw.reader.readexactly(2) == bytes((FIN | PING, 0))
        await so(lambda: max(each.heard_at for each in stream.hub.clients) == clock.now)
        clock.now = began + 60.1
        assert close_of(await raw.rest()) == 1008
        await there.ask("ping")
        assert (await there.told()).type == "pong"


async def test_a_stop_says_so(stream: Stream) -> None:
    """1001 to everybody, at once; the server does not wait for one that does not answer."""
    raw, _ = await accepted(stream)
    async with stream.client() as client:
        stream.until.set()
        code, reason = await client.closed()
        assert (code, reason) == (1001, "the server stops: resume from the last numbers")
    assert close_of(await raw.rest()) == 1001


async def test_a_cut_in_the_middle_of_a_frame(stream: Stream) -> None:
    """Nothing is left of a client that is gone."""
    raw, _ = await accepted(stream)
    await raw.say(frame(TEXT, PINGS)[:7])
    await so(lambda: len(stream.hub.clients) == 1)
    stream.hang_up()
    await so(lambda: not stream.hub.clients)
    assert stream.hub.closed == {1006: 1}


async def test_more_topics_than_may_be() -> None:
    """A refusal that says how many; those that there are stay."""
    async with streaming(Spoken(), Limits(topics=2)) as stream, stream.client() as client:
        await client.subscribe("trades", "binance", "BTC")
        await client.told()
        both = {"data_set": "tickers", "exchange": "*", "symbol": "BTC"}
        await client.ask("subscribe", id=1, channels=[both])
        refusal = (await client.told()).raw
        assert (refusal["field"], refusal["value"]) == ("channels", "3 topics")
        assert refusal["remedy"] == "a connection has at most 2 topics; open another"


async def told_ids(client: Heard, last: str) -> list[object]:
    heard: list[object] = []
    while last not in heard:
        heard += (await client.told()).of_rows("id")
    return heard


async def test_one_that_is_closed_does_not_disturb_the_others() -> None:
    """A client that breaks the rules in the middle of a stream of trades."""
    source = Spoken()
    async with streaming(source) as running, running.client() as good:
        await good.subscribe("trades", "binance", "BTC")
        await good.told()
        bad, _ = await accepted(running)
        await bad.say(frame(3))
        source.say("trades", trade(1))
        assert await told_ids(good, "1") == ["1"]
