"""Collecting, filling back and answering in one process; to show it, from simulated exchanges."""

import asyncio
from contextlib import AsyncExitStack

import structlog
from msgspec.structs import replace

from perps_stats.app.answering import Face, open_port
from perps_stats.app.collect import Observe, Report
from perps_stats.app.condition import Condition
from perps_stats.app.live import LiveFeeds
from perps_stats.app.parts import ALL_SECONDS, side_by_side
from perps_stats.app.stream import work
from perps_stats.settings import ExchangeSettings, Settings
from perps_stats.settings.fees import taker_fees
from perps_stats.sim import SimSettings, Simulator

log = structlog.get_logger()
DEMO_DIRECTORY = "demo"


async def run(
    settings: Settings,
    *,
    demo: bool,
    faults: tuple[str, ...],
    until: asyncio.Event,
    report: Report,
    observe: Observe,
) -> None:
    """The port first, so that who asks is told what is waited for; then the database, migrated;
    then the exchanges. ``faults`` are those of a demo's.
    """
    condition = Condition(collects=True)
    feeds = LiveFeeds()
    face = Face(condition, settings.api, feeds, taker_fees(settings))
    async with AsyncExitStack() as stack:
        listener = stack.enter_context(open_port(settings.api, settings.database))
        if demo:
            settings = await _simulated(settings, faults, stack)
        working = work(
            settings,
            until=until,
            report=report,
            observe=feeds.observed(condition.observed(observe)),
            opened=face.open,
            history=True,
        )
        parts = {"answering": face.serve(listener, until), "collecting": working}
        await side_by_side(until, parts, ALL_SECONDS)


async def _simulated(
    settings: Settings, faults: tuple[str, ...], stack: AsyncExitStack
) -> Settings:
    wanted = SimSettings(symbols=tuple(settings.stream.symbols), faults=faults)
    simulator = await stack.enter_async_context(Simulator(wanted))
    log.warning("all data is simulated", exchanges=list(simulator.venues))
    return of_demo(settings, simulator)


def of_demo(settings: Settings, simulator: Simulator) -> Settings:
    """The same settings, pointed at simulated exchanges and at a database of their own."""
    return replace(
        settings,
        exchanges={
            name: ExchangeSettings(rest_url=venue.rest_url, ws_url=venue.ws_url)
            for name, venue in simulator.venues.items()
        },
        stream=replace(
            settings.stream,
            exchanges=tuple(simulator.venues),
            store_seconds=settings.stream.sample_seconds,  # who looks at a demo looks at once
        ),
        database=replace(settings.database, url=None, dir=settings.database.dir / DEMO_DIRECTORY),
    )
