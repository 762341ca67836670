"""A question ends in time, whatever is asked."""

import asyncio

import pytest

from perps_stats.api.deadline import in_time
from perps_stats.core.errors import DatabaseError


async def answer() -> str:
    return "yes"


async def fail() -> str:
    raise DatabaseError("away")


async def test_an_answer_in_time() -> None:
    """It is passed on, as is a failure."""
    assert await in_time(10, answer()) == "yes"
    with pytest.raises(DatabaseError, match="away"):
        await in_time(10, fail())


async def test_one_who_does_not_even_confirm_a_cancellation() -> None:
    """It is not waited for; what it says later disturbs nobody."""
    told, free = asyncio.Event(), asyncio.Event()

    async def frozen() -> str:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            told.set()
            await free.wait()
            raise DatabaseError("too late") from None
        return "never"

    with pytest.raises(DatabaseError, match=r"no answer within 0\.01 s"):
        await in_time(0.01, frozen())
    await told.wait()
    free.set()
    await asyncio.sleep(0)


async def test_whoever_asks_may_go() -> None:
    """When the caller is cancelled the question is too."""
    begun, told = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            told.set()

    caller = asyncio.create_task(in_time(60, slow()))
    await begun.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    await told.wait()
