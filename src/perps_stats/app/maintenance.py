"""Keeping the database in order while it is written to: at once, and each hour."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import structlog

from perps_stats.core.errors import PerpsError
from perps_stats.database.link import Link
from perps_stats.database.maintenance import maintain
from perps_stats.settings import Settings

log = structlog.get_logger()
HOUR_SECONDS = 3600.0
CANCEL_SECONDS = 0.5
"""A database that is frozen does not confirm that a statement was called off."""


@asynccontextmanager
async def in_order(settings: Settings, link: Link) -> AsyncGenerator[None]:
    """As long as it is open. What is being done at the end is called off: it is done the next time,
    as is what fails.
    """
    working = asyncio.create_task(_each_hour(settings, link))
    try:
        yield
    finally:
        working.cancel()
        await asyncio.wait((working,), timeout=CANCEL_SECONDS)


async def _each_hour(settings: Settings, link: Link) -> None:
    columnstore_after = settings.database.columnstore_after_days
    while True:
        try:
            await maintain(link, settings.retention, columnstore_after, now=datetime.now(UTC))
        except PerpsError as error:
            log.warning("the database was not put in order; again in an hour", reason=str(error))
        await asyncio.sleep(HOUR_SECONDS)
