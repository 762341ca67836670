"""Answering alone, from what other processes collect."""

import asyncio
from contextlib import AsyncExitStack

from perps_stats.app.answering import Face, open_port
from perps_stats.app.condition import Condition
from perps_stats.app.live_stored import LiveStored
from perps_stats.app.parts import ALL_SECONDS, named, side_by_side, unless_told
from perps_stats.app.storage import open_storage
from perps_stats.settings import Settings
from perps_stats.settings.fees import taker_fees


async def serve(settings: Settings, *, until: asyncio.Event) -> None:
    with open_port(settings.api, settings.database) as listener:
        live = LiveStored()
        face = Face(
            Condition(collects=False),
            settings.api,
            live,
            ask=live.run,
            taker_fees=taker_fees(settings),
        )
        parts = {
            "answering": face.serve(listener, until),
            "the database": _keep_open(settings, face, until),
        }
        await side_by_side(until, parts, ALL_SECONDS)


async def _keep_open(settings: Settings, face: Face, until: asyncio.Event) -> None:
    async with AsyncExitStack() as stack:
        storage = named("the database", open_storage(settings))
        repository = await unless_told(until, stack.enter_async_context(storage))
        if repository is not None:
            answers = named("answers", face.open(repository))
            await unless_told(until, stack.enter_async_context(answers))
            await until.wait()
