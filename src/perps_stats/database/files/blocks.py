"""What the server sends, as blocks of whole rows: one is written while the next one comes."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager

BLOCK_BYTES = 4 << 20


class Blocks:
    """``rows`` counts what has come."""

    def __init__(self, write: Callable[[bytes], None], thread: ThreadPoolExecutor) -> None:
        self.rows = 0
        self._write = write
        self._thread = thread
        self._block = bytearray()
        self._writing: Future[None] | None = None

    async def take(self, piece: bytes) -> None:
        self._block += piece
        self.rows += piece.count(b"\n")
        if len(self._block) >= BLOCK_BYTES and is_whole(self._block):
            await self._hand_over()

    async def finish(self) -> None:
        await self._hand_over()
        await self._written()

    async def _hand_over(self) -> None:
        await self._written()
        block, self._block = bytes(self._block), bytearray()
        self._writing = self._thread.submit(self._write, block)

    async def _written(self) -> None:
        if self._writing is not None:
            await asyncio.wrap_future(self._writing)


@asynccontextmanager
async def blocks_to(write: Callable[[bytes], None]) -> AsyncGenerator[Blocks]:
    """At the end all is written. After an error nothing is being written any more."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        blocks = Blocks(write, thread)
        yield blocks
        await blocks.finish()


def is_whole(block: bytes | bytearray) -> bool:
    """Whether it ends with a row: a line end between quotes belongs to a text."""
    return block.endswith(b"\n") and block.count(b'"') % 2 == 0
