"""What the database holds and costs, by table and by market."""

import shutil
from collections import defaultdict
from datetime import datetime, timedelta

from perps_stats.core.catalogue import DATA_SETS
from perps_stats.database.facts import Facts, facts
from perps_stats.database.held import DatabaseStats, Holding, TableStats
from perps_stats.database.holdings import holdings
from perps_stats.database.link import Link
from perps_stats.database.statements import statement

RECENT = timedelta(days=7)
DAY = timedelta(days=1)


async def stats(link: Link, *, now: datetime, by_market: bool = False) -> DatabaseStats:
    contradictions: dict[str, dict[int, int]] = defaultdict(dict)
    for row in await link.fetch(statement("count_contradictions")):
        contradictions[row["data_set"]][row["market_id"]] = row["contradictions"]
    tables: list[TableStats] = []
    held: list[Holding] = []
    for one in DATA_SETS.values():
        told = await facts(link, one.table, contradictions[one.name])
        tables.append(_table(told, now))
        if by_market:
            held += await holdings(link, told, tables[-1], now - RECENT)
    return DatabaseStats(
        bytes=(await link.fetch(statement("database_size")))[0][0],
        bytes_per_day=sum(one.bytes_per_day or 0 for one in tables),
        free_bytes=None if link.directory is None else shutil.disk_usage(link.directory).free,
        tables=tables,
        holdings=held,
    )


def _table(told: Facts, now: datetime) -> TableStats:
    bytes_per_row = told.bytes / told.count.rows if told.count.rows else None
    bytes_per_day = _growth(told, now)
    return TableStats(
        table=told.table,
        parts=len(told.parts),
        rows=told.count.rows,
        rows_exact=told.count.exact,
        bytes=told.bytes,
        bytes_per_row=bytes_per_row,
        rows_per_day=None if bytes_per_day is None else bytes_per_day / (bytes_per_row or 1.0),
        bytes_per_day=bytes_per_day,
        first_ts=min((span["first_ts"] for span in told.spans), default=None),
        last_ts=max((span["last_ts"] for span in told.spans), default=None),
        contradictions=sum(told.contradictions.values()),
    )


def _growth(told: Facts, now: datetime) -> float | None:
    """Bytes a day of the parts that reach into the last seven days, by the time their rows span."""
    if not told.spans:
        return None
    first = min(span["first_ts"] for span in told.spans)
    last = max(span["last_ts"] for span in told.spans)
    if last <= now - RECENT:
        return 0.0
    size, spanned = 0, timedelta()
    for part in told.parts:
        start, end = part["first_ts"] or first, part["end_ts"] or last
        if now - RECENT < end and start < now:
            size += part["bytes"]
            spanned += max(min(end, last) - max(start, first), timedelta())
    return size / (spanned / DAY) if spanned >= DAY else None
