"""Collecting alone."""

import asyncio

from perps_stats.app.collect import Report, collect
from perps_stats.app.storage import open_storage
from perps_stats.settings import Settings


async def stream(settings: Settings, *, until: asyncio.Event, report: Report) -> None:
    async with open_storage(settings) as repository:
        await collect(settings, repository, until=until, report=report)
