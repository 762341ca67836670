"""What amounts cost by the hour of the week, from stored samples."""

from decimal import Decimal

import asyncpg

from perps_stats.core.comparisons import SlippageHour
from perps_stats.core.stored import Query
from perps_stats.core.types import Side
from perps_stats.database.link import Link
from perps_stats.database.pages import market_names
from perps_stats.database.statements import statement

PERCENTILES = ("p10_bps", "p50_bps", "p90_bps", "p99_bps")


async def slippage_hours(link: Link, query: Query) -> list[SlippageHour]:
    """All of the query's markets and span; ``only`` may name an amount and a side."""
    amount = query.only.get("trade_amount")
    rows = await link.fetch(
        statement("slippage_hours"),
        query.exchange,
        query.symbol,
        *market_names(query),
        query.start,
        query.end,
        None if amount is None else Decimal(amount),
        query.only.get("side"),
    )
    return [_hour(row) for row in rows]


def _hour(row: asyncpg.Record) -> SlippageHour:
    percentiles: list[Decimal] = row["percentiles"]
    filled = (each if each.is_finite() else None for each in percentiles)
    return SlippageHour(
        exchange=row["exchange"],
        symbol=row["symbol"],
        side=Side(row["side"]),
        trade_amount=row["trade_amount"],
        hour_of_week=row["hour_of_week"],
        samples=row["samples"],
        unfilled=row["unfilled"],
        **dict(zip(PERCENTILES, filled, strict=True)),
        first=row["first_ts"],
        last=row["last_ts"],
    )
