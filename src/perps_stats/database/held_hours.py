"""What markets held in the hours of a span: means of what was sampled."""

import asyncpg

from perps_stats.aggregator.comparing import MEASURES
from perps_stats.core.stored import HeldHour, Mean, Query
from perps_stats.database.link import Link
from perps_stats.database.pages import market_names
from perps_stats.database.statements import statement


async def held_hours(link: Link, query: Query) -> list[HeldHour]:
    """All of the query's markets and span, which is of whole hours; in no order."""
    names = market_names(query)
    rows = await link.fetch(statement("held_hours"), *names, query.start, query.end)
    return [_hour(row) for row in rows]


def _hour(row: asyncpg.Record) -> HeldHour:
    told = zip(MEASURES, row["means"], row["samples"], row["floors"], strict=False)
    return HeldHour(
        exchange=row["exchange"],
        symbol=row["symbol"],
        timestamp=row["ts"],
        mid_price=row["mid_price"],
        means={name: Mean(mean, count, lower) for name, mean, count, lower in told if count},
    )
