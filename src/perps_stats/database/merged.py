"""Candles of any interval, made of stored ones of a minute.

A candle is made only where every minute of it is stored: where one is missing, nobody knows what it
would have said, and there is a hole. Stored candles are closed, so those made of them are.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from operator import gt, lt

import asyncpg
from msgspec import Struct

from perps_stats.core.catalogue import KLINES
from perps_stats.core.errors import BadInput
from perps_stats.core.intervals import INTERVALS, opening
from perps_stats.core.stored import Cursor, Query
from perps_stats.core.times import EPOCH, parse_duration
from perps_stats.database.coverage import series_statement
from perps_stats.database.link import Link
from perps_stats.database.pages import market_names
from perps_stats.database.rows import cursor_after, to_records
from perps_stats.database.statements import statement

SOURCE = "1m"
MINUTE = INTERVALS[SOURCE]
MOST_SOURCES = 500_000
"""Rows that one look reads at most, of all markets."""


class Bucket(Struct, frozen=True):
    """The longer interval: its name, its length, and a time at which one opens."""

    name: str
    length: timedelta
    origin: datetime

    def next(self, time: datetime) -> datetime:
        """When the first one opens that does not open before ``time``."""
        return time + (self.origin - time) % self.length


def bucket(interval: str) -> Bucket:
    """Any number of whole minutes above one: ``7m``, ``1h``, ``1w``. Raises ``BadInput``."""
    if interval in INTERVALS and interval != SOURCE:
        return Bucket(interval, INTERVALS[interval], opening(EPOCH, interval))
    length = parse_duration(interval, field="interval")
    if length % MINUTE or length <= MINUTE:
        raise BadInput("interval", interval, "use whole minutes, more than one, such as 7m or 45m")
    return Bucket(interval, length, EPOCH)


async def merged_klines(link: Link, query: Query, interval: str) -> list[Struct]:
    """A page of those that open in the query's span, as ``pages.page`` would give stored ones."""
    whole = bucket(interval)
    series = await _stored(link, query)
    if not series:
        return []
    begin, end = _span(query, whole, series)
    count = max(1, min(query.limit, MOST_SOURCES // (whole.length // MINUTE)) // len(series))
    found: list[Struct] = []
    while begin < end and len(found) < query.limit:
        length = min(count * whole.length, end - begin)
        first = end - length if query.newest_first else begin
        rows = await _merged(link, query, whole, first, first + length)
        found += rows
        begin, end = (begin, first) if query.newest_first else (first + length, end)
        count = count if rows else 2 * count
    return found[: query.limit]


async def _stored(link: Link, query: Query) -> list[asyncpg.Record]:
    """The series of minutes that the query's markets have."""
    names = (query.exchange, query.symbol, *market_names(query))
    ever = datetime.max.replace(tzinfo=UTC)
    rows = await link.fetch(series_statement(KLINES), *names, None, ever, [SOURCE])
    return [row for row in rows if row["first_ts"] is not None]


def _span(
    query: Query, whole: Bucket, series: Sequence[asyncpg.Record]
) -> tuple[datetime, datetime]:
    """Of the query, cut at its cursor and at what is stored; from an opening to one."""
    begin = min(row["first_ts"] for row in series)
    end = max(row["last_ts"] for row in series) + MINUTE
    if query.start is not None:
        begin = max(begin, query.start)
    if query.end is not None:
        end = min(end, query.end)
    if query.after is not None and query.newest_first:
        end = min(end, query.after.time + MINUTE)
    elif query.after is not None:
        begin = max(begin, query.after.time)
    return whole.next(begin), whole.next(end)


async def _merged(
    link: Link, query: Query, whole: Bucket, first: datetime, before: datetime
) -> list[Struct]:
    """All that open in a span and lie beyond the cursor, in the query's order."""
    rows = await link.fetch(
        statement("merged_klines"),
        query.exchange,
        query.symbol,
        *market_names(query),
        first,
        before,
        SOURCE,
        whole.name,
        whole.length,
        whole.origin,
        whole.length // MINUTE,
    )
    records = to_records(KLINES, reversed(rows) if query.newest_first else rows)
    if query.after is None:
        return records
    beyond = gt if not query.newest_first else lt
    ended = _place(query.after)
    return [record for record in records if beyond(_place(cursor_after(KLINES, record)), ended)]


def _place(cursor: Cursor) -> tuple[datetime, tuple[str, ...]]:
    return cursor.time, cursor.rest
