"""Bars of a span: stored candles, and where they are missing those made of minutes."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal

from msgspec import Struct, structs

from perps_stats.api.udf.resolutions import length_of
from perps_stats.core.errors import BadInput
from perps_stats.core.stored import Query
from perps_stats.core.times import to_us
from perps_stats.core.traits import Repository
from perps_stats.core.types import Kline, Market, Price

SECOND_US = 1_000_000
MOST_BARS = 10_000


class Bars(Struct, frozen=True, kw_only=True):
    """Columns of a table, oldest first: when each opens (Unix seconds), prices, base quantity."""

    s: Literal["ok"] = "ok"
    t: list[int]
    o: list[Price]
    h: list[Price]
    l: list[Price]  # noqa: E741  the protocol's name
    c: list[Price]
    v: list[Price | None]


class Wanted(Struct, frozen=True):
    """Bars that open before ``end``: the last ``count``, or else all from ``start`` on."""

    start: datetime | None
    end: datetime
    count: int | None


class NoData(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """``next_time``: when the newest bar opens that is older; none: there is none."""

    s: Literal["no_data"]
    next_time: int | None = None


async def history(
    repository: Repository, market: Market, interval: str, span: Wanted
) -> Bars | NoData:
    """Raises ``BadInput`` for a span of more bars than one answer has."""
    start, most = (span.start, MOST_BARS + 1) if span.count is None else (None, span.count)
    candles = await newest(repository, market, interval, start=start, end=span.end, most=most)
    if len(candles) > MOST_BARS:
        remedy = f"more than {MOST_BARS} bars follow; ask for a shorter span, or give countback"
        raise BadInput("from", seconds(candles[0].open_time), remedy)
    if candles:
        return to_bars(candles)
    older = (
        await newest(repository, market, interval, start=None, end=start, most=1)
        if start is not None
        else []
    )
    return NoData(s="no_data", next_time=seconds(older[0].open_time) if older else None)


async def newest(
    repository: Repository,
    market: Market,
    interval: str,
    *,
    start: datetime | None,
    end: datetime,
    most: int,
) -> list[Kline]:
    """The newest ``most`` of those that open in a span, oldest first."""
    query = Query(
        markets=((market.exchange, market.symbol),),
        start=start,
        end=end,
        limit=most,
        newest_first=True,
    )
    stored = (await repository.get_klines(query, interval))[::-1]
    doubt = doubtful_from(stored, length_of(interval), start, most)
    if interval == "1m" or (doubt is not None and doubt >= end):
        return stored
    made = await repository.get_merged_klines(structs.replace(query, start=doubt), interval)
    by_time = {candle.open_time: candle for candle in (*made, *stored)}
    return [by_time[time] for time in sorted(by_time)][-most:]


def doubtful_from(
    stored: list[Kline], length: timedelta, start: datetime | None, most: int
) -> datetime | None:
    """From when on a candle may be missing among ``stored``; ``None``: from ever."""
    is_from_start = start is not None and stored and stored[0].open_time - start < length
    if len(stored) < most and not is_from_start:
        return start
    holes = (one.close_time for one, next_ in pairwise(stored) if next_.open_time > one.close_time)
    return next(holes, stored[-1].close_time)


def to_bars(candles: list[Kline]) -> Bars:
    return Bars(
        t=[seconds(candle.open_time) for candle in candles],
        o=[candle.open for candle in candles],
        h=[candle.high for candle in candles],
        l=[candle.low for candle in candles],
        c=[candle.close for candle in candles],
        v=[candle.volume for candle in candles],
    )


def seconds(time: datetime) -> int:
    return to_us(time) // SECOND_US
