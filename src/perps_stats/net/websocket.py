"""One WebSocket connection to an exchange: connect within a deadline, hand over frames, say why it
ended. Pings, pongs and fragments are dealt with here; meaning is not.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from picows import (
    WSCloseCode,
    WSError,
    WSFrame,
    WSHandshakeError,
    WSListener,
    WSMsgType,
    WSTransport,
    ws_connect,  # pyright: ignore[reportUnknownVariableType] its **kwargs are untyped
)

from perps_stats.core.errors import RateLimited, Unreachable
from perps_stats.net.http import BAN, FALLBACK_RETRY_AFTER, SIMULATED_HEADER, retry_after

BANS = frozenset({BAN, HTTPStatus.FORBIDDEN})


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSocketLimits:
    """``connect_seconds`` are for reaching the host, and as many for the handshake."""

    connect_seconds: float = 10.0
    ping_idle_seconds: float = 10.0
    ping_reply_seconds: float = 10.0
    max_frame_bytes: int = 16 << 20
    """Of a message, too, whatever fragments it comes in."""


MOST_FRAGMENTS = 10_000
TEXT, BINARY, CONTINUATION = WSMsgType.TEXT, WSMsgType.BINARY, WSMsgType.CONTINUATION
UNHEARD = logging.getLogger("picows")
"""How a connection ended is said by whoever had opened it."""
UNHEARD.addHandler(logging.NullHandler())
UNHEARD.propagate = False


class _Listener(WSListener):
    """Collects fragments into messages and remembers how the conversation ended."""

    def __init__(self, receive: Callable[[bytes, int], None], limits: WebSocketLimits) -> None:
        self._receive = receive
        self._most = limits.max_frame_bytes
        self._fragments: list[bytes] = []
        self._size = 0
        self._kind = TEXT
        self.has_ended = False
        self.farewell = "the connection was lost"

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        kind, fin = frame.msg_type, frame.fin
        if self.has_ended:
            return
        if kind is TEXT or kind is BINARY or kind is CONTINUATION:
            payload = frame.get_payload_as_bytes()
            if not fin or self._fragments or kind is CONTINUATION:
                self._collect(transport, kind, payload)
                if not fin or self.has_ended:
                    return
                payload = b"".join(self._fragments)
                kind = self._kind
                self._fragments.clear()
                self._size = 0
            if kind is TEXT and not payload.isascii() and not _is_utf8(payload):
                self._end(transport, WSCloseCode.INVALID_TEXT, "a text message is not UTF-8")
                return
            self._receive(payload, time.time_ns() // 1000)
        elif kind is WSMsgType.CLOSE:
            self._end(transport, WSCloseCode.OK, f"the exchange closed it ({_close_text(frame)})")

    def _collect(self, transport: WSTransport, kind: WSMsgType, fragment: bytes) -> None:
        """The first fragment says of what kind the message is."""
        if (kind is CONTINUATION) is not bool(self._fragments):
            self._end(transport, WSCloseCode.PROTOCOL_ERROR, "fragments of no message")
            return
        if kind is not CONTINUATION:
            self._kind = kind
        self._fragments.append(fragment)
        self._size += len(fragment)
        if self._size > self._most or len(self._fragments) > MOST_FRAGMENTS:
            self._fragments.clear()
            much = f"{self._size} bytes and no end"
            self._end(transport, WSCloseCode.MESSAGE_TOO_BIG, f"a message in fragments has {much}")

    def _end(self, transport: WSTransport, code: WSCloseCode, farewell: str) -> None:
        self.has_ended = True
        self.farewell = farewell
        transport.send_close(code)
        transport.disconnect()


def _is_utf8(payload: bytes) -> bool:
    try:
        payload.decode()
    except UnicodeDecodeError:
        return False
    return True


def _close_text(frame: WSFrame) -> str:
    reason = (frame.get_close_message() or b"").decode("utf-8", "replace")
    return f"{frame.get_close_code()} {reason}".strip()


class Connection:
    """An open WebSocket. ``receive(frame, recv_us)`` is called for every message, in order."""

    def __init__(self, transport: WSTransport, listener: _Listener) -> None:
        self._transport = transport
        self._listener = listener
        headers = transport.response.headers
        self.simulated = SIMULATED_HEADER in headers

    def send(self, frame: bytes) -> None:
        """A text frame; let go where the connection has ended."""
        if not self._transport.is_disconnected:
            self._transport.send(WSMsgType.TEXT, frame)

    def pause(self) -> None:
        """Read no more until ``resume``: the sender feels it through TCP."""
        if not self._transport.is_disconnected:
            self._transport.underlying_transport.pause_reading()

    def resume(self) -> None:
        if not self._transport.is_disconnected:
            self._transport.underlying_transport.resume_reading()

    async def ended(self) -> str:
        """Wait for the end; say why."""
        try:
            await self._transport.wait_disconnected()
        except (WSError, OSError) as error:
            if not self._listener.has_ended:
                return f"the connection was lost ({error})"
        return self._listener.farewell

    def close(self) -> None:
        if not self._transport.is_disconnected:
            self._transport.send_close(WSCloseCode.OK)
            self._transport.disconnect()


async def connect(
    url: str, receive: Callable[[bytes, int], None], limits: WebSocketLimits
) -> Connection:
    """Open a connection. Raises ``Unreachable``, or ``RateLimited`` where it is refused for now."""
    try:
        async with asyncio.timeout(2 * limits.connect_seconds):
            transport, listener = await ws_connect(
                lambda: _Listener(receive, limits),
                url,
                logger_name=UNHEARD,
                websocket_handshake_timeout=limits.connect_seconds,
                enable_auto_ping=True,
                auto_ping_idle_timeout=limits.ping_idle_seconds,
                auto_ping_reply_timeout=limits.ping_reply_seconds,
                max_frame_size=limits.max_frame_bytes,
                disconnect_on_exception=True,
            )
    except (WSError, OSError, TimeoutError) as error:
        if limited := _limited(error):
            raise limited from error
        reason = str(error) or type(error).__name__
        raise Unreachable(f"{url} does not accept a connection ({reason})") from error
    if not isinstance(listener, _Listener):  # there is none where it was lost in the handshake
        raise Unreachable(f"{url} does not accept a connection (it hung up)")
    return Connection(transport, listener)


def _limited(error: Exception) -> RateLimited | None:
    """What the refusal of a handshake says about the next."""
    if not isinstance(error, WSHandshakeError) or error.response is None:
        return None
    status = error.response.status
    if status != HTTPStatus.TOO_MANY_REQUESTS and status not in BANS:
        return None
    seconds = retry_after(error.response.headers) or FALLBACK_RETRY_AFTER
    return RateLimited(datetime.now(UTC) + timedelta(seconds=seconds), banned=status in BANS)
