"""Answering alone, from what other processes collect."""

import asyncio

from perps_stats.api import serve as serve_api
from perps_stats.app.storage import open_storage
from perps_stats.settings import Settings


async def serve(settings: Settings, *, until: asyncio.Event) -> None:
    async with open_storage(settings) as repository:
        await serve_api(repository, settings.api, until=until)
