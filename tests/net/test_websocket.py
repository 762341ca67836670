"""Connections over real sockets: whatever a server does, they end with a reason."""

import asyncio
import base64
import hashlib
import struct
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import pytest

from perps_stats.core.errors import RateLimited, Unreachable
from perps_stats.net.websocket import MOST_FRAGMENTS, WebSocketLimits, connect

LIMITS = WebSocketLimits(connect_seconds=60.0, max_frame_bytes=1000)
TEXT, BINARY, CONTINUED, CLOSE, FIN = 1, 2, 0, 8, 0x80
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
Answer = Callable[[bytes], bytes]


def frame(kind: int, payload: bytes, *, fin: bool = True) -> bytes:
    """Of a server, so without a mask: RFC 6455, section 5.2."""
    first = bytes([kind | (FIN if fin else 0)])
    size = len(payload)
    if size < 126:
        return first + bytes([size]) + payload
    if size < 1 << 16:
        return first + bytes([126]) + struct.pack(">H", size) + payload
    return first + bytes([127]) + struct.pack(">Q", size) + payload


def accepted(key: bytes) -> bytes:
    token = base64.b64encode(hashlib.sha1(key + GUID).digest())  # noqa: S324 the protocol's own
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + token + b"\r\n\r\n"
    )


def refused(status: bytes, headers: bytes = b"") -> Answer:
    return lambda _key: b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n" + headers + b"\r\n"


@asynccontextmanager
async def serving(*frames: bytes, answer: Answer = accepted) -> AsyncGenerator[str]:
    """A server that answers the handshake, sends these bytes, and stays."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        lines = request.split(b"\r\n")
        keys = [line.split(b": ")[1] for line in lines if line.startswith(b"Sec-WebSocket-Key")]
        writer.write(answer(keys[0]) + b"".join(frames))
        await reader.read()
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        yield f"ws://127.0.0.1:{port}/"


async def end_of(*frames: bytes) -> tuple[str, list[bytes]]:
    """Why the connection ended, and what was received before."""
    heard: list[bytes] = []
    async with serving(*frames) as url:
        connection = await connect(url, lambda message, _recv_us: heard.append(message), LIMITS)
        async with asyncio.timeout(60):
            reason = await connection.ended()
        connection.close()
    return reason, heard


async def test_fragments_are_one_message() -> None:
    """In the order they came; a close frame tells its code and its words."""
    reason, heard = await end_of(
        frame(TEXT, b'{"a"', fin=False),
        frame(CONTINUED, b":1", fin=False),
        frame(CONTINUED, b"}"),
        frame(CLOSE, struct.pack(">H", 1012) + b"service restart"),
    )
    assert heard == [b'{"a":1}']
    assert reason == "the exchange closed it (1012 service restart)"


async def test_nothing_counts_after_the_close_frame() -> None:
    """What a server says after its goodbye is not heard."""
    goodbye = frame(CLOSE, struct.pack(">H", 1001))
    reason, heard = await end_of(frame(TEXT, b"1"), goodbye, frame(TEXT, b"2"), goodbye)
    assert heard == [b"1"]
    assert reason == "the exchange closed it (1001)"


async def test_a_frame_that_is_too_large_ends_it() -> None:
    """More than was agreed is never held in memory: its size in the header is enough."""
    reason, heard = await end_of(frame(TEXT, b"1"), frame(TEXT, b"x" * 1001)[:50])
    assert heard == [b"1"]
    assert "1001 > 1000" in reason


async def test_fragments_without_end_end_it() -> None:
    """Neither by their bytes nor by their number."""
    much, _ = await end_of(
        frame(TEXT, b"x" * 600, fin=False), frame(CONTINUED, b"x" * 600, fin=False)
    )
    assert much == "a message in fragments has 1200 bytes and no end"
    empty = frame(CONTINUED, b"", fin=False)
    many, _ = await end_of(frame(TEXT, b"", fin=False), empty * (MOST_FRAGMENTS + 1))
    assert many == "a message in fragments has 0 bytes and no end"


async def test_text_that_is_no_utf8_ends_it() -> None:
    """RFC 6455, section 8.1; a binary message may hold any bytes."""
    reason, heard = await end_of(
        frame(TEXT, "\N{EURO SIGN}".encode()), frame(BINARY, b"\xff"), frame(TEXT, b"\xff")
    )
    assert heard == ["\N{EURO SIGN}".encode(), b"\xff"]
    assert reason == "a text message is not UTF-8"


async def test_what_the_protocol_forbids_ends_it() -> None:
    """A continuation of nothing, a message in another, an unknown kind: no error of ours."""
    alone, heard = await end_of(frame(CONTINUED, b"x"))
    within, _ = await end_of(frame(TEXT, b"x", fin=False), frame(TEXT, b"y"))
    assert (alone, within, heard) == ("fragments of no message", "fragments of no message", [])
    unknown, _ = await end_of(frame(3, b"x"))
    assert unknown.startswith("the connection was lost (")


@pytest.mark.parametrize(
    ("status", "banned"),
    [(b"429 Too Many Requests", False), (b"418 I'm a teapot", True), (b"403 Forbidden", True)],
)
async def test_a_refusal_for_now_says_until_when(status: bytes, banned: bool) -> None:  # noqa: FBT001 a case
    """Who has asked too often is told so in the handshake, too."""
    async with serving(answer=refused(status, b"Retry-After: 7\r\n")) as url:
        with pytest.raises(RateLimited) as raised:
            await connect(url, lambda _message, _recv_us: None, LIMITS)
    assert raised.value.banned is banned
    assert "nothing is sent before" in str(raised.value)


async def test_any_other_refusal_is_unreachable() -> None:
    """With the status that it was refused with."""
    async with serving(answer=refused(b"503 Service Unavailable")) as url:
        with pytest.raises(Unreachable, match="503"):
            await connect(url, lambda _message, _recv_us: None, LIMITS)


async def test_who_does_not_answer_is_given_up_in_time() -> None:
    """The deadline holds for the whole handshake."""
    limits = WebSocketLimits(connect_seconds=0.5)
    async with serving(answer=lambda _key: b"") as url:
        with pytest.raises(Unreachable, match="does not accept a connection"):
            await connect(url, lambda _message, _recv_us: None, limits)
