"""A bound on how long a question may take, whatever the one who is asked does."""

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

from perps_stats.core.errors import DatabaseError

T = TypeVar("T")
_left: "set[asyncio.Task[object]]" = set()
"""Questions nobody waits for any more. The loop itself holds its tasks only weakly."""


async def in_time(seconds: float, question: Coroutine[object, object, T]) -> T:
    """Raises ``DatabaseError`` where there is no answer in time.

    The question is then cancelled and left alone: a database that is frozen does not confirm the
    cancellation either, and the driver would wait for that without end.
    """
    asked = asyncio.create_task(question)
    try:
        await asyncio.wait((asked,), timeout=seconds)
    finally:
        if not asked.done():
            _leave(asked)
    if not asked.done():
        raise DatabaseError(f"no answer within {seconds:g} s")
    return asked.result()


def _leave(asked: asyncio.Task[T]) -> None:
    _left.add(asked)
    asked.add_done_callback(_forget)
    asked.cancel()


def _forget(asked: asyncio.Task[T]) -> None:
    _left.discard(asked)
    if not asked.cancelled():
        asked.exception()
