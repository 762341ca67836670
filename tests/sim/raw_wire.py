"""A WebSocket client that looks at the bytes alone: RFC 6455, a server's frames."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

from .wire import Client

UPGRADE = (
    "GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)
TEXT = 1


class Head(NamedTuple):
    opcode: int
    size: int


class Raw:
    def __init__(self, reader: asyncio.StreamReader) -> None:
        self.reader = reader

    async def head(self) -> Head:
        """Of the next frame, which is whole and bears no mask."""
        first, second = await self.reader.readexactly(2)
        assert first & 0xF0 == 0x80
        assert second < 128
        size = second
        if second > 125:
            size = int.from_bytes(await self.reader.readexactly(2 if second == 126 else 8), "big")
        return Head(first & 0x0F, size)

    async def frame(self) -> bytes:
        """The next message of text."""
        head = await self.head()
        assert head.opcode == TEXT
        return await self.reader.readexactly(head.size)


@asynccontextmanager
async def raw_stream(client: Client, path: str) -> AsyncIterator[Raw]:
    """A connection that was upgraded."""
    reader, writer = await asyncio.open_connection("127.0.0.1", client.venue.port)
    try:
        writer.write(UPGRADE.format(path=path).encode())
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101")
        yield Raw(reader)
    finally:
        writer.close()
