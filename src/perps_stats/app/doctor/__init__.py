"""Looks at everything that collecting needs, all at once, within a given time."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from msgspec.structs import replace

from perps_stats.app.clients import open_exchanges
from perps_stats.app.doctor.findings import Finding
from perps_stats.app.doctor.machine import look_at_files, look_at_spool
from perps_stats.app.doctor.storage import look_at_database
from perps_stats.app.doctor.venue import Look
from perps_stats.settings import Settings


async def examine(
    settings: Settings, exchanges: Sequence[str] | None, seconds: float
) -> list[Finding]:
    """Of these exchanges, or of those that are collected from. Raises ``BadInput``, ``ConfigError``
    for what nobody could look at.
    """
    names = exchanges or settings.stream.exchanges or None
    network = replace(
        settings.network,
        attempts=1,
        connect_seconds=min(settings.network.connect_seconds, seconds),
        patience_seconds=seconds,
        read_seconds=seconds,
    )
    async with open_exchanges(replace(settings, network=network), names) as asked:
        looks = [Look(settings, each, timedelta(seconds=seconds)) for each in asked.values()]
        database, spool, *venues = await asyncio.gather(
            look_at_database(settings.database, seconds),
            asyncio.to_thread(look_at_spool, settings),
            *(look.run() for look in looks),
        )
    files = look_at_files([look.connections for look in looks])
    return [*(one for found in venues for one in found), *database, *spool, files]
