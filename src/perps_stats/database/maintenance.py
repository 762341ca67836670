"""What the database needs now and then: parts ahead of their rows, and what is expired dropped.
TimescaleDB does most of it by itself, as its policies say.
"""

from datetime import datetime, timedelta

from perps_stats.core.catalogue import DATA_SETS, GAPS
from perps_stats.database.link import Link
from perps_stats.database.rollups import drop_hours, is_timescale, roll_up, rollups
from perps_stats.database.statements import statement
from perps_stats.database.upkeep import clean, shorten_ledger
from perps_stats.settings import RetentionSettings


async def maintain(
    link: Link, retention: RetentionSettings, columnstore_after_days: int, *, now: datetime
) -> None:
    """Raises ``DatabaseError``. What was done stays done; the next time goes on from there."""
    kept = kept_for(retention)
    hours = _days(retention.hourly)
    if await is_timescale(link):
        await _keep_policies(link, kept, hours, timedelta(days=columnstore_after_days))
    else:
        await link.fetch(statement("prepare_parts"), f"{now:%Y-%m-%d}")
        await roll_up(link, kept, now=now)
        if hours is not None:
            await drop_hours(link, now - hours)
    await _expire(link, kept, now)


def kept_for(retention: RetentionSettings) -> dict[str, timedelta | None]:
    """How long the rows of each fact table are kept; ``None``: for ever."""
    return {
        one.table: _days(getattr(retention, one.name))
        for one in DATA_SETS.values()
        if one is not GAPS
    }


def _days(days: int | None) -> timedelta | None:
    return None if days is None else timedelta(days=days)


async def _keep_policies(
    link: Link,
    kept: dict[str, timedelta | None],
    hours: timedelta | None,
    columnstore_after: timedelta,
) -> None:
    wanted = [(table, span, columnstore_after, None) for table, span in kept.items()]
    late = [(one.name, hours, None, kept[one.fact]) for one in await rollups(link)]
    async with link.borrow() as connection:
        for values in (*wanted, *late):
            await connection.execute(statement("keep_policies"), *values)


async def _expire(link: Link, kept: dict[str, timedelta | None], now: datetime) -> None:
    """Whole parts: what reaches across the limit is kept until all of it is older. What the server
    drops by itself is no longer claimed to be held.
    """
    timescale = await is_timescale(link)
    for one in DATA_SETS.values():
        span = kept.get(one.table)
        if span is None:
            continue
        expiry: datetime = (await link.fetch(statement("expiry"), one.table, now - span))[0][0]
        if timescale:
            await shorten_ledger(link, expiry, [one.name])
        else:
            await clean(link, expiry, [one.name])
