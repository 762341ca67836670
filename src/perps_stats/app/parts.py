"""Parts of a service, side by side until told. None of them holds up the end."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeVar

import structlog

from perps_stats.core.errors import PerpsError

T = TypeVar("T")
log = structlog.get_logger()
ALL_SECONDS = 4.2
"""How long a service has to end once told."""
PART_SECONDS = 3.2
"""How long its parts have: what they used is closed after them."""
CANCEL_SECONDS = 0.2


class Cut(PerpsError):
    """Parts that did not end in time were cancelled."""


async def side_by_side(
    until: asyncio.Event, parts: Mapping[str, Coroutine[object, object, None]], seconds: float
) -> None:
    """Until all have ended, as they do once told, or one fails, which tells the others. They then
    have so many ``seconds``.

    Raises the first failure; ``Cut`` where a part had to be cancelled.
    """
    tasks = [asyncio.create_task(work, name=name) for name, work in parts.items()]
    told = asyncio.create_task(until.wait())
    try:
        await _all_or_failure(tasks, told)
        until.set()
        _, late = await asyncio.wait(tasks, timeout=seconds)
    finally:
        for task in (told, *tasks):
            task.cancel()
        await asyncio.wait((told, *tasks), timeout=CANCEL_SECONDS)
    failures = [task.exception() for task in tasks if task.done() and not task.cancelled()]
    for failure in filter(None, failures):
        raise failure
    if late:
        names = ", ".join(sorted(task.get_name() for task in late))
        log.error("did not end in time", parts=names, seconds=seconds)
        raise Cut(f"cut after {seconds:g} s: {names}; the next start lists what was not stored")


async def _all_or_failure(tasks: list[asyncio.Task[None]], told: asyncio.Task[bool]) -> None:
    """Until all have ended, one has failed, or we were told."""
    pending = {*tasks, told}
    while told in pending and len(pending) > 1:
        done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        if any(task.exception() for task in done if not task.cancelled()):
            return


async def unless_told(until: asyncio.Event, opening: Coroutine[object, object, T]) -> T | None:
    """What is opened; ``None`` where we are told to stop before it is: it is then called off."""
    task = asyncio.create_task(opening)
    told = asyncio.create_task(until.wait())
    try:
        await asyncio.wait((task, told), return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        task.cancel()
        await asyncio.wait((task,), timeout=CANCEL_SECONDS)
        return None
    finally:
        told.cancel()
        task.cancel()


@asynccontextmanager
async def named(name: str, opened: AbstractAsyncContextManager[T]) -> AsyncGenerator[T]:
    """The same; but when there is no time left to close it, it is named and left alone."""
    value = await opened.__aenter__()
    try:
        yield value
    finally:
        closing = asyncio.ensure_future(opened.__aexit__(None, None, None))
        try:
            await asyncio.wait((closing,))
        except asyncio.CancelledError:
            log.warning("did not close in time", part=name)
            closing.cancel()
            raise
        closing.result()
