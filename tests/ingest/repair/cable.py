"""A cable between the collector and a simulated exchange that can be cut, and joined again."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager


class Cable:
    """Carries bytes from its ``port`` to another one of this machine, while it is whole."""

    def __init__(self, to: int) -> None:
        self._to = to
        self._is_whole = True
        self._ends: dict[asyncio.StreamWriter, None] = {}
        self.port = 0

    def cut(self) -> None:
        """Whoever talks is cut off; who comes anew is turned away."""
        self._is_whole = False
        for end in list(self._ends):
            end.transport.abort()

    def join(self) -> None:
        self._is_whole = True

    async def carry(self, here: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        if not self._is_whole:
            back.transport.abort()
            return
        there, onward = await asyncio.open_connection("127.0.0.1", self._to)
        self._ends |= {back: None, onward: None}
        try:
            await asyncio.gather(self._pass(here, onward), self._pass(there, back))
        finally:
            for end in (back, onward):
                self._ends.pop(end, None)
                end.transport.abort()

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65_536):
                sink.write(data)
                await sink.drain()
        except ConnectionError:
            pass
        finally:
            sink.transport.abort()


@asynccontextmanager
async def cable(to: int) -> AsyncGenerator[Cable]:
    laid = Cable(to)
    server = await asyncio.start_server(laid.carry, "127.0.0.1", 0)
    laid.port = server.sockets[0].getsockname()[1]
    try:
        yield laid
    finally:
        laid.cut()
        server.close()
        await server.wait_closed()
