"""Runs a question to the database that the settings name."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from perps_stats.app.logs import configure_logs
from perps_stats.app.storage import open_storage
from perps_stats.database.repository import PostgresRepository
from perps_stats.settings import Settings

AnswerT = TypeVar("AnswerT")


def with_repository(
    settings: Settings, ask: Callable[[PostgresRepository], Awaitable[AnswerT]]
) -> AnswerT:
    configure_logs(settings.log)

    async def asked() -> AnswerT:
        async with open_storage(settings) as repository:
            return await ask(repository)

    return asyncio.run(asked())
