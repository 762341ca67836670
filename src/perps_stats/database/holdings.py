"""What a table holds of each market."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

import asyncpg
from msgspec import Struct

from perps_stats.database.facts import Facts
from perps_stats.database.held import Holding, TableStats
from perps_stats.database.link import Link
from perps_stats.database.statements import statement

DAY = timedelta(days=1)
WHOLE = 100
SAMPLED_BYTES = 128 << 20
"""Of a table that is larger so much is read to tell how its markets share its rows."""


class Share(Struct):
    """Rows of a market, in all and per day."""

    rows: float = 0.0
    per_day: float | None = None


async def holdings(link: Link, told: Facts, table: TableStats, since: datetime) -> list[Holding]:
    """``since`` bounds what is recent."""
    if told.count.parts is None:
        shares = await _counted(link, told, since)
    else:
        shares = await _estimated(link, told.parts, told.count.parts, table.rows_per_day)
    return [
        _holding(table, span, shares.get(span["market_id"], Share()), told, since)
        for span in told.spans
    ]


async def _counted(link: Link, told: Facts, since: datetime) -> dict[int, Share]:
    text = statement("market_rows").format(part=told.table, sample="")
    found = {row["market_id"]: row for row in await link.fetch(text, since)}
    spans = {span["market_id"]: span for span in told.spans}
    return {
        market: Share(row["rows"], _pace(row["recent"], spans[market], since))
        for market, row in found.items()
        if market in spans
    }


async def _estimated(
    link: Link,
    parts: Sequence[asyncpg.Record],
    rows: Sequence[int],
    rows_per_day: float | None,
) -> dict[int, Share]:
    """A few parts are counted, and their neighbours are taken to be shared alike. Of a part that is
    too large for that, some pages are. What comes in a day is shared as the newest part is.
    """
    shares: dict[int, Share] = defaultdict(Share)
    filled = [(part, count) for part, count in zip(parts, rows, strict=True) if count]
    size = sum(part["bytes"] for part, _ in filled)
    groups = max(1, min(len(filled), SAMPLED_BYTES * len(filled) // max(1, size)))
    for number in range(groups):
        group = filled[number * len(filled) // groups : (number + 1) * len(filled) // groups]
        for market, part_of_all in (await _fractions(link, group[len(group) // 2][0])).items():
            shares[market].rows += part_of_all * sum(count for _, count in group)
            if number == 0 and rows_per_day is not None:
                shares[market].per_day = part_of_all * rows_per_day
    return shares


async def _fractions(link: Link, part: asyncpg.Record) -> dict[int, float]:
    """Which part of its rows each market has."""
    percent = 100 * SAMPLED_BYTES / max(1, part["bytes"])
    sampled = percent < WHOLE and not part["columnar"]
    sample = f"tablesample system ({percent:.4f})" if sampled else ""
    text = statement("market_rows").format(part=part["part"], sample=sample)
    found = await link.fetch(text, None)
    read = sum(row["rows"] for row in found)
    return {row["market_id"]: row["rows"] / read for row in found}


def _holding(
    table: TableStats, span: asyncpg.Record, share: Share, told: Facts, since: datetime
) -> Holding:
    """Of a market that no sample showed we know of one row."""
    rows = max(1, round(share.rows))
    per_day = 0.0 if span["last_ts"] <= since else share.per_day
    bytes_per_row = table.bytes_per_row or 0.0
    return Holding(
        table=table.table,
        exchange=span["exchange"],
        symbol=span["symbol"],
        rows=rows,
        rows_exact=told.count.parts is None,
        bytes=round(rows * bytes_per_row),
        bytes_per_row=table.bytes_per_row,
        rows_per_day=per_day,
        bytes_per_day=None if per_day is None else per_day * bytes_per_row,
        first_ts=span["first_ts"],
        last_ts=span["last_ts"],
        contradictions=told.contradictions.get(span["market_id"], 0),
    )


def _pace(recent: int, span: asyncpg.Record, since: datetime) -> float | None:
    """Rows a day, where there is more than one."""
    days = (span["last_ts"] - max(span["first_ts"], since)) / DAY
    return recent / days if days >= 1 else None
