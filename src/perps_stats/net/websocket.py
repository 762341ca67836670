"""One WebSocket connection to an exchange: connect within a deadline, hand over frames, say why it
ended. Pings, pongs and fragments are dealt with here; meaning is not.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from picows import (
    WSCloseCode,
    WSError,
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    ws_connect,  # pyright: ignore[reportUnknownVariableType] its **kwargs are untyped
)

from perps_stats.core.errors import Unreachable
from perps_stats.net.http import SIMULATED_HEADER


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSocketLimits:
    connect_seconds: float = 10.0
    ping_idle_seconds: float = 10.0
    ping_reply_seconds: float = 10.0
    max_frame_bytes: int = 16 << 20


class _Listener(WSListener):
    """Collects fragments into frames and remembers how the conversation ended."""

    def __init__(self, receive: Callable[[bytes, int], None]) -> None:
        self._receive = receive
        self._fragments: list[bytes] = []
        self.farewell = "the connection was lost"

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        kind = frame.msg_type
        if kind is WSMsgType.TEXT or kind is WSMsgType.BINARY or kind is WSMsgType.CONTINUATION:
            payload = frame.get_payload_as_bytes()
            if self._fragments or not frame.fin:
                self._fragments.append(payload)
                if not frame.fin:
                    return
                payload = b"".join(self._fragments)
                self._fragments.clear()
            self._receive(payload, time.time_ns() // 1000)
        elif kind is WSMsgType.CLOSE:
            self.farewell = f"the exchange closed it ({_close_text(frame)})"
            transport.send_close(WSCloseCode.OK)
            transport.disconnect()


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
        except WSError as error:
            return str(error)
        except OSError as error:
            return f"the connection was lost ({error})"
        return self._listener.farewell

    def close(self) -> None:
        if not self._transport.is_disconnected:
            self._transport.send_close(WSCloseCode.OK)
            self._transport.disconnect()


async def connect(
    url: str, receive: Callable[[bytes, int], None], limits: WebSocketLimits
) -> Connection:
    """Open a connection. Raises ``Unreachable``."""
    try:
        async with asyncio.timeout(limits.connect_seconds):
            transport, listener = await ws_connect(
                lambda: _Listener(receive),
                url,
                enable_auto_ping=True,
                auto_ping_idle_timeout=limits.ping_idle_seconds,
                auto_ping_reply_timeout=limits.ping_reply_seconds,
                max_frame_size=limits.max_frame_bytes,
                disconnect_on_exception=True,
            )
    except (WSError, OSError, TimeoutError) as error:
        reason = str(error) or type(error).__name__
        raise Unreachable(f"{url} does not accept a connection ({reason})") from error
    if not isinstance(listener, _Listener):
        raise TypeError("picows returned another listener")
    return Connection(transport, listener)
