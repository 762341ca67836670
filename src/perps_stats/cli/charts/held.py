"""What the database holds of the markets that a chart is asked about."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import TypeAlias, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from perps_stats.cli.charts.candles import made_of, merged, opening
from perps_stats.cli.charts.figure import Span
from perps_stats.cli.charts.liquidity import STREAM
from perps_stats.core.catalogue import FUNDING_RATES, GAPS, DataSet
from perps_stats.core.errors import BadInput, UnknownMarket, near_names
from perps_stats.core.figures import LiquidityDepthStats
from perps_stats.core.intervals import INTERVALS
from perps_stats.core.stored import Query
from perps_stats.core.symbols import Registry, split_full
from perps_stats.core.traits import Repository
from perps_stats.core.types import FundingKind, FundingRate, Gap, Kline, Market
from perps_stats.database.rows import cursor_after

PAGE = 5000
AT_ONCE = 8
SETTLED = {"kind": FundingKind.SETTLED.value}
Row = TypeVar("Row", bound=Struct)
Ask: TypeAlias = Callable[[Query], Awaitable[list[Row]]]


async def markets_of(
    repository: Repository, known: Sequence[str], exchanges: Sequence[str] | None, symbol: str
) -> list[Market]:
    """The stored markets that a name means, of one exchange or of all. Raises ``BadInput``."""
    venue, name = split_full(symbol)
    stored = {each.name for each in await repository.get_exchanges()}
    wanted = [venue] if venue is not None else list(exchanges or sorted(stored, key=_place(known)))
    found: list[Market] = []
    for exchange in wanted:
        if exchange not in {*known, *stored}:
            near = near_names(exchange, known) or known
            raise BadInput("exchanges", exchange, f"use {', '.join(near)}")
        try:
            found.append(Registry(await repository.get_markets(exchange)).find(name))
        except UnknownMarket as error:
            if error.ambiguous:
                names = ", ".join(f"{exchange}:{candidate}" for candidate in error.candidates)
                raise BadInput("symbols", symbol, f"it names several markets: {names}") from error
    return found


def _place(known: Sequence[str]) -> Callable[[str], int]:
    return lambda name: known.index(name) if name in known else len(known)


async def extent(
    repository: Repository, markets: Sequence[Market], interval: str, span: Span
) -> Span | None:
    """From the first to the last candle of which one of that interval can be made."""
    found = [
        each
        for market in markets
        for name in made_of(interval)
        if (each := await _covered(repository, market, name, span)) is not None
    ]
    if not found:
        return None
    return Span(min(each.start for each in found), max(each.end for each in found))


async def intervals(repository: Repository, markets: Sequence[Market], span: Span) -> list[str]:
    """Of which candles are stored."""
    return [
        name
        for name in INTERVALS
        for found in [await _covered(repository, market, name, span) for market in markets]
        if found is not None
    ]


async def klines(repository: Repository, market: Market, interval: str, span: Span) -> list[Kline]:
    """Those that open in the span; made of shorter ones where these reach further."""
    source = await _source(repository, market, interval, span)
    if source is None:
        return []
    whole = INTERVALS[interval]
    step = max(1, PAGE // (whole // INTERVALS[source])) * whole
    begin, end = opening(span.start, whole), opening(span.end, whole) + whole
    found: list[Kline] = []
    while begin < end:
        query = only(market, Span(begin, min(begin + step, end)), step // INTERVALS[source])
        found += merged(await repository.get_klines(query, source), interval)
        begin += step
    return [candle for candle in found if candle.open_time < span.end]


async def _source(repository: Repository, market: Market, interval: str, span: Span) -> str | None:
    """The stored interval that covers most of the span, the longest of several."""
    best, most = None, -INTERVALS[interval]
    for name in made_of(interval):
        covered = await _covered(repository, market, name, span)
        if covered is not None and covered.length > most + INTERVALS[interval]:
            best, most = name, covered.length
    return best


async def _covered(
    repository: Repository, market: Market, interval: str, span: Span
) -> Span | None:
    query = only(market, span, 1)
    first = await repository.get_klines(query, interval)
    last = await repository.get_klines(replace(query, newest_first=True), interval)
    return Span(first[0].open_time, last[0].close_time) if first and last else None


async def last(
    ask: Ask[Row], markets: Sequence[Market], only: Mapping[str, str] | None = None
) -> Row | None:
    """Whenever it was."""
    names = tuple((market.exchange, market.symbol) for market in markets)
    found = await ask(Query(markets=names, only=only or {}, newest_first=True, limit=1))
    return found[0] if found else None


async def funding(repository: Repository, market: Market, span: Span) -> list[FundingRate]:
    """Settled rates."""
    query = replace(only(market, span, PAGE), only=SETTLED)
    return [row async for row in _all(repository.get_funding_rates, FUNDING_RATES, query)]


async def gaps(repository: Repository, market: Market, span: Span) -> list[Gap]:
    """Of the book, which nobody can repair."""
    query = only(market, span, PAGE)
    return [row async for row in _all(repository.get_gaps, GAPS, query) if row.stream == STREAM]


async def _all(ask: Ask[Row], data_set: DataSet, query: Query) -> AsyncIterator[Row]:
    while True:
        page = await ask(query)
        for row in page:
            yield row
        if len(page) < query.limit:
            return
        query = replace(query, after=cursor_after(data_set, page[-1]))


async def liquidity(
    repository: Repository, market: Market, span: Span, most: int
) -> tuple[list[LiquidityDepthStats], timedelta | None]:
    """All samples, or if there are more than ``most`` the first of each of so many equal parts of
    what is held and the last, and how long a part is.
    """
    found = await repository.get_liquidity_depth(only(market, span, most + 1))
    if len(found) <= most:
        return found, None
    newest = replace(only(market, span, 1), newest_first=True)
    (last,) = await repository.get_liquidity_depth(newest)
    begin, end = found[0].timestamp or span.start, last.timestamp or span.end
    part = (end - begin) / most
    gate = asyncio.Semaphore(AT_ONCE)

    async def first(number: int) -> list[LiquidityDepthStats]:
        start = begin + number * part
        async with gate:
            return await repository.get_liquidity_depth(only(market, Span(start, start + part), 1))

    rows = await asyncio.gather(*map(first, range(most)))
    return list(dict.fromkeys([*(row for each in rows for row in each), last])), part


def only(market: Market, span: Span, limit: int) -> Query:
    markets = ((market.exchange, market.symbol),)
    return Query(markets=markets, start=span.start, end=span.end, limit=limit)
