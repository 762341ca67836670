"""What is held of each series and what is missing, which of candles and settled rates is exact."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache

import asyncpg
from msgspec import Struct
from msgspec.structs import replace

from perps_stats.core.catalogue import DATA_SETS, FUNDING_RATES, GAPS, KLINES, DataSet, data_set
from perps_stats.core.figures import Coverage, Hole
from perps_stats.core.intervals import INTERVALS, interval_length, opening
from perps_stats.core.stored import Query
from perps_stats.core.types import FundingKind
from perps_stats.database.facts import is_small
from perps_stats.database.link import Link
from perps_stats.database.pages import market_names
from perps_stats.database.statements import statement

VARIANTS = {KLINES.name: "interval", FUNDING_RATES.name: "kind"}


class Series(Struct, frozen=True):
    """``variant`` is the interval or the kind, empty where there is none."""

    market_id: int
    variant: str
    held: Coverage


async def coverage(
    link: Link,
    query: Query,
    names: Sequence[str] = (),
    intervals: Sequence[str] = (),
    *,
    now: datetime,
) -> list[Coverage]:
    """Of the query, markets and span count. Without ``names`` all data sets but the gaps; without
    ``intervals`` all. Raises ``BadInput`` for a name that is none.
    """
    steps = {name: interval_length(name) for name in intervals or INTERVALS}
    found: list[Coverage] = []
    for one in map(data_set, names or [name for name in DATA_SETS if name != GAPS.name]):
        if one is KLINES:
            found += await _klines(link, query, steps, now)
        elif one is FUNDING_RATES:
            found += await _settled(link, query, now)
            found += await _counted(link, one, query, FundingKind.PREDICTED.value, now)
        else:
            found += await _counted(link, one, query, "", now)
    return found


async def _klines(
    link: Link, query: Query, steps: Mapping[str, timedelta], now: datetime
) -> list[Coverage]:
    lengths: list[timedelta] = []
    series: list[Series] = []
    for one in await _series(link, KLINES, query, list(steps), now):
        lengths.append(steps[one.variant])
        series.append(replace(one, held=_on_grid(one, lengths[-1], query.end, now)))
    variants = [one.variant for one in series]
    rows = await link.fetch(
        statement("kline_holes"), _markets(series), variants, lengths, *_spans(series)
    )
    return [
        _with_holes(one.held, row, -(-_length(row) // step))
        for one, row, step in zip(series, rows, lengths, strict=True)
    ]


async def _settled(link: Link, query: Query, now: datetime) -> list[Coverage]:
    series = await _series(link, FUNDING_RATES, query, [FundingKind.SETTLED.value], now)
    rows = await link.fetch(statement("funding_holes"), _markets(series), *_spans(series))
    return [
        _with_holes(one.held, row, row["missing"]) for one, row in zip(series, rows, strict=True)
    ]


async def _counted(
    link: Link, one: DataSet, query: Query, variant: str, now: datetime
) -> list[Coverage]:
    """Of what comes at no fixed distance nobody knows what is missing."""
    series = await _series(link, one, query, [variant], now)
    if not await is_small(link, one.table):
        return [each.held for each in series]
    text = count_statement(one)
    rows = await link.fetch(text, query.start, _end(query, now), variant)
    counts: dict[int, int] = {row["market_id"]: row["rows"] for row in rows}
    return [replace(each.held, rows=counts.get(each.market_id, 0)) for each in series]


async def _series(
    link: Link, one: DataSet, query: Query, variants: Sequence[str], now: datetime
) -> list[Series]:
    end = _end(query, now)
    names = (query.exchange, query.symbol, *market_names(query))
    rows = await link.fetch(series_statement(one), *names, query.start, end, variants)
    return [
        Series(row["market_id"], row["variant"], _held(one, row, _start(query, row), end))
        for row in rows
    ]


def _end(query: Query, now: datetime) -> datetime:
    return now if query.end is None else min(query.end, now)


def _start(query: Query, row: asyncpg.Record) -> datetime | None:
    """Nothing is expected from before the exchange's history, where we know its begin."""
    earliest: datetime | None = row["earliest_ts"]
    first: datetime | None = row["first_ts"]
    known = [time for time in (earliest, first) if time is not None]
    if query.start is None:
        return min(known, default=None)
    return query.start if earliest is None else max(query.start, min(known))


def _held(one: DataSet, row: asyncpg.Record, start: datetime | None, end: datetime) -> Coverage:
    return Coverage(
        exchange=row["exchange"],
        symbol=row["symbol"],
        data_set=one.name,
        interval=row["variant"] if one is KLINES else None,
        kind=FundingKind(row["variant"]) if one is FUNDING_RATES else None,
        start=start,
        end=end,
        first=row["first_ts"],
        last=row["last_ts"],
        rows=None,
        missing=None,
        holes=None,
    )


def _on_grid(one: Series, step: timedelta, asked: datetime | None, now: datetime) -> Coverage:
    """From the first candle that opens in the span to the end of the last that is closed."""
    held = one.held
    anchor = held.first or opening(now, one.variant)
    closed = now - (now - anchor) % step
    end = closed if asked is None else min(closed, asked + (anchor - asked) % step)
    if held.start is None:
        return replace(held, end=end)
    start = held.start + (anchor - held.start) % step
    return replace(held, start=start, end=max(start, end))


def _with_holes(held: Coverage, row: asyncpg.Record, missing: int | None) -> Coverage:
    if held.start is None:
        return replace(held, rows=0)
    holes = [
        Hole(start=span.lower, end=span.upper, answered=name == "answered")
        for name in ("answered", "unanswered")
        for span in row[name]
    ]
    holes.sort(key=lambda hole: hole.start)
    return replace(held, rows=row["rows"], missing=missing, holes=holes)


def _length(row: asyncpg.Record) -> timedelta:
    spans = (span for name in ("answered", "unanswered") for span in row[name])
    return sum((span.upper - span.lower for span in spans), timedelta())


def _markets(series: Sequence[Series]) -> list[int]:
    return [one.market_id for one in series]


def _spans(series: Sequence[Series]) -> tuple[list[datetime], list[datetime]]:
    """Where nothing is known to be expected, an empty one."""
    ends = [one.held.end for one in series]
    return [one.held.start or one.held.end for one in series], ends


@cache
def series_statement(one: DataSet) -> str:
    variant = VARIANTS.get(one.name)
    return statement("series").format(
        data_set=one.name,
        table=one.table,
        same="true" if variant is None else f'r."{variant}" = s.variant',
        progress="s.variant" if one is KLINES else "''",
    )


@cache
def count_statement(one: DataSet) -> str:
    variant = VARIANTS.get(one.name)
    same = "$3 = ''" if variant is None else f'r."{variant}" = $3'
    return statement("count_series").format(table=one.table, same=same)
