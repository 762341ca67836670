"""Collecting, filling back and answering in one process; to show it, from simulated exchanges."""

import asyncio
from contextlib import AsyncExitStack

import structlog
from msgspec.structs import replace

from perps_stats.app.answering import answer, open_port
from perps_stats.app.backfill import keep_filled
from perps_stats.app.collect import Report, collect, open_streamed
from perps_stats.app.maintenance import in_order
from perps_stats.app.storage import open_storage
from perps_stats.settings import ExchangeSettings, Settings
from perps_stats.sim import SimSettings, Simulator

log = structlog.get_logger()
DEMO_DIRECTORY = "demo"


async def run(settings: Settings, *, demo: bool, until: asyncio.Event, report: Report) -> None:
    async with AsyncExitStack() as stack:
        listener = stack.enter_context(open_port(settings.api))
        if demo:
            settings = await _simulated(settings, stack)
        repository = await stack.enter_async_context(open_storage(settings))
        await stack.enter_async_context(in_order(settings, repository.link))
        exchanges = await stack.enter_async_context(open_streamed(settings))
        asked = exchanges.values()
        async with asyncio.TaskGroup() as group:
            group.create_task(answer(repository, listener, until=until))
            group.create_task(collect(settings, asked, repository, until=until, report=report))
            group.create_task(keep_filled(settings, asked, repository, until=until))


async def _simulated(settings: Settings, stack: AsyncExitStack) -> Settings:
    """The same settings, pointed at simulated exchanges and at a database of their own."""
    wanted = SimSettings(symbols=tuple(settings.stream.symbols))
    simulator = await stack.enter_async_context(Simulator(wanted))
    log.warning("all data is simulated", exchanges=list(simulator.venues))
    return replace(
        settings,
        exchanges={
            name: ExchangeSettings(rest_url=venue.rest_url, ws_url=venue.ws_url)
            for name, venue in simulator.venues.items()
        },
        stream=replace(settings.stream, exchanges=tuple(simulator.venues)),
        database=replace(settings.database, url=None, dir=settings.database.dir / DEMO_DIRECTORY),
    )
