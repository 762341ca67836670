"""A connection that cannot be opened is an error of the exchange's, whatever went wrong."""

import asyncio

import pytest

from perps_stats.core.errors import Unreachable
from perps_stats.net.websocket import WebSocketLimits, connect


async def hang_up(_here: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
    back.transport.abort()


async def test_who_is_reset_in_the_handshake_is_told() -> None:
    """The TCP connection was accepted, and ended before a word was said."""
    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    async with server:
        with pytest.raises(Unreachable, match="does not accept a connection"):
            await connect(url, lambda _frame, _recv_us: None, WebSocketLimits())
