"""Collecting alone."""

import asyncio

from perps_stats.app.collect import Report, collect, open_streamed
from perps_stats.app.maintenance import in_order
from perps_stats.app.storage import open_storage
from perps_stats.settings import Settings


async def stream(settings: Settings, *, until: asyncio.Event, report: Report) -> None:
    async with (
        open_storage(settings) as repository,
        in_order(settings, repository.link),
        open_streamed(settings) as exchanges,
    ):
        asked = exchanges.values()
        await collect(settings, asked, repository, until=until, report=report)
