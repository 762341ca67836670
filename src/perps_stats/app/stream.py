"""Collecting alone; with a port, how it goes can be asked for."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, nullcontext
from typing import TypeAlias

from perps_stats.app.backfill import keep_filled
from perps_stats.app.collect import Observe, Report, collect, open_streamed
from perps_stats.app.maintenance import in_order
from perps_stats.app.parts import ALL_SECONDS, PART_SECONDS, named, side_by_side, unless_told
from perps_stats.app.repair import keep_repaired
from perps_stats.app.storage import open_storage
from perps_stats.database.repository import PostgresRepository
from perps_stats.settings import ApiSettings, Settings

LOOPBACK = "127.0.0.1"
Opened: TypeAlias = Callable[[PostgresRepository], AbstractAsyncContextManager[None]]


async def stream(
    settings: Settings,
    *,
    until: asyncio.Event,
    report: Report,
    observe: Observe,
    metrics_port: int | None = None,
) -> None:
    """``metrics_port`` answers the probes and the metrics, on loopback; it is taken first."""
    if metrics_port is None:
        parts = {"collecting": work(settings, until=until, report=report, observe=observe)}
        await side_by_side(until, parts, ALL_SECONDS)
        return
    from perps_stats.app.answering import Face, open_port  # noqa: PLC0415 no server, no waiting
    from perps_stats.app.condition import Condition  # noqa: PLC0415

    condition = Condition(collects=True)
    api = ApiSettings(host=LOOPBACK, port=metrics_port)
    face, observe = Face(condition, api), condition.observed(observe)
    with open_port(api) as listener:
        parts = {
            "answering": face.serve(listener, until),
            "collecting": work(
                settings, until=until, report=report, observe=observe, opened=face.open_probes
            ),
        }
        await side_by_side(until, parts, ALL_SECONDS)


async def work(
    settings: Settings,
    *,
    until: asyncio.Event,
    report: Report,
    observe: Observe,
    opened: Opened = lambda _repository: nullcontext(),
    history: bool = False,
) -> None:
    """The database, migrated, then the exchanges. ``opened`` is given the repository, and open as
    long as it is; ``history``: the recent past of what is streamed is filled back too.
    """
    async with AsyncExitStack() as stack:
        storage = named("the database", open_storage(settings))
        repository = await unless_told(until, stack.enter_async_context(storage))
        if repository is None:
            return
        answers = named("answers", opened(repository))
        await unless_told(until, stack.enter_async_context(answers))
        upkeep = named("upkeep", in_order(settings, repository.link))
        await stack.enter_async_context(upkeep)
        asked = (await stack.enter_async_context(open_streamed(settings))).values()
        parts = {
            "streams": collect(
                settings, asked, repository, until=until, report=report, observe=observe
            ),
            "repair": keep_repaired(asked, repository, until=until),
        }
        if history:
            parts["history"] = keep_filled(settings, asked, repository, until=until)
        await side_by_side(until, parts, PART_SECONDS)
