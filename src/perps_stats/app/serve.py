"""Answering alone, from what other processes collect."""

import asyncio

from perps_stats.app.answering import answer, open_port
from perps_stats.app.storage import open_storage
from perps_stats.settings import Settings


async def serve(settings: Settings, *, until: asyncio.Event) -> None:
    with open_port(settings.api) as listener:
        async with open_storage(settings) as repository:
            await answer(repository, listener, until=until)
