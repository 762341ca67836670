"""The ledger as a whole: its gaps, their sums, and for how long each stream was vouched for."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from decimal import Context, Decimal

import asyncpg

from perps_stats.core.catalogue import GAPS
from perps_stats.core.errors import BadInput
from perps_stats.core.ledger import GapSum, StreamCoverage
from perps_stats.core.stored import GapFilter, Query, Shown
from perps_stats.core.types import Gap, GapCause
from perps_stats.database.lines import lines
from perps_stats.database.link import Link
from perps_stats.database.pages import market_names, page
from perps_stats.database.statements import statement

STEPS = {"day": timedelta(days=1), "hour": timedelta(hours=1), "stream": None}
"""By what coverage is told: days and hours are UTC; of a stream as a whole."""
MOST_STEPS = 1000
WHICH = """
    and ({0}::text[] is null or r.stream = any({0})) and ({1}::text[] is null or r.cause = any({1}))
    and ({2}::boolean is null or (r.end_time is null) = {2})
    and ({3}::boolean is null or (r.repaired_at is null) = {3})
"""
RATIO = Context(prec=6)


async def gaps(link: Link, query: Query, which: GapFilter) -> list[Gap]:
    """A page; also those that began before the span and reach into it."""
    records = await page(link, GAPS, query, WHICH, _values(which))
    return [record for record in records if isinstance(record, Gap)]


async def gap_lines(link: Link, query: Query, shown: Shown, which: GapFilter) -> bytes:
    """The same as text."""
    return await lines(link, GAPS, query, shown, condition=WHICH, compared=_values(which))


async def sum_gaps(link: Link, query: Query, which: GapFilter, *, now: datetime) -> list[GapSum]:
    """Of all gaps of the query, whatever its page."""
    names = (query.exchange, query.symbol, *market_names(query))
    streams, causes, *states = _values(which)
    rows = await link.fetch(
        statement("sum_gaps"),
        *(*names, query.start, query.end, streams, causes, now, *states),
        await _living(link),
    )
    return [_sum(row) for row in rows]


async def stream_coverage(
    link: Link,
    query: Query,
    *,
    streams: Sequence[str] = (),
    by: str,
    verifiable: Collection[tuple[str, str]],
    now: datetime,
) -> list[StreamCoverage]:
    """``by`` is one of ``STEPS``; ``verifiable`` are streams by exchange and name. Raises
    ``BadInput`` for a span of more than ``MOST_STEPS`` steps.
    """
    step, end = STEPS[by], now if query.end is None else min(query.end, now)
    if by == "hour" and query.start is None:
        raise BadInput("by", by, f"say since when: it takes {MOST_STEPS} hours at most")
    if step is not None and query.start is not None and end - query.start > MOST_STEPS * step:
        raise BadInput("by", by, f"the span has more than {MOST_STEPS} of them; ask for less")
    names = (query.exchange, query.symbol, *market_names(query))
    bounds = (query.start, end, list(streams) or None, step)
    living = await _living(link)
    rows = await link.fetch(statement("stream_coverage"), *names, *bounds, living)
    return [_coverage(row, (row["exchange"], row["stream"]) in verifiable) for row in rows]


def _coverage(row: asyncpg.Record, is_verifiable: bool) -> StreamCoverage:  # noqa: FBT001 of a row
    nothing, vouched, in_gaps = Decimal(0), row["vouched"], row["gaps"]
    length = Decimal((row["end_ts"] - row["start_ts"]) // timedelta(microseconds=1)).scaleb(-6)
    heard = vouched + in_gaps
    return StreamCoverage(
        exchange=row["exchange"],
        symbol=row["symbol"],
        stream=row["stream"],
        start=row["start_ts"],
        end=row["end_ts"],
        verified=vouched if is_verifiable else nothing,
        unverifiable=nothing if is_verifiable else vouched,
        in_gaps=in_gaps,
        not_collected=length - heard,
        gap_pct=RATIO.divide(in_gaps, heard) if heard else None,
    )


def _sum(row: asyncpg.Record) -> GapSum:
    return GapSum(
        stream=row["stream"],
        cause=GapCause(row["cause"]),
        gaps=row["gaps"],
        open=row["open"],
        collected=row["collected"],
        unrepaired=row["unrepaired"],
        seconds=row["seconds"],
        missed=row["missed"],
        rows_recovered=row["rows_recovered"],
    )


def _values(which: GapFilter) -> Sequence[object]:
    return (
        list(which.streams) or None,
        list(which.causes) or None,
        which.still_open,
        which.unrepaired,
    )


async def _living(link: Link) -> list[int]:
    return [row["session_id"] for row in await link.fetch(statement("live_sessions"))]
