"""Shares of a coin's volume, turnover, open interest and liquidity, hour by hour.

Every market has a row in every hour, whether anything is stored of it or not: so it is known which
hours a page needs, and a hole is seen.
"""

from asyncio import sleep
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from operator import gt, lt

from msgspec import Struct, structs

from perps_stats.aggregator.comparing import (
    OPEN_INTEREST,
    TURNOVER,
    VOLUME,
    Holding,
    currency_of,
    share_rows,
)
from perps_stats.aggregator.exact import ratio
from perps_stats.api.derived.parameters import USUAL_MEASURES
from perps_stats.api.derived.present import Name, by_coin, name_of
from perps_stats.api.derived.shares import COINS, NO_MID, in_coins, unknown
from perps_stats.api.filters import Filters
from perps_stats.api.names import Choice
from perps_stats.api.sources import Sources
from perps_stats.core.catalogue import DataSet
from perps_stats.core.comparisons import ShareHour
from perps_stats.core.stored import HeldHour, Query
from perps_stats.core.times import EPOCH
from perps_stats.core.types import Market

HOUR = timedelta(hours=1)
SHARE_HOURS = DataSet(
    name="share_hours",
    row=ShareHour,
    table="tickers_1h",
    key=("timestamp", "base", "measure"),
    meaning="what part of a coin's volume, open interest and liquidity each market held",
)


def is_known(row: Struct) -> bool:
    return isinstance(row, ShareHour) and row.amount is not None


async def share_hours(
    sources: Sources, choice: Choice, filters: Filters, query: Query
) -> list[ShareHour]:
    markets, now = await sources.markets(choice), sources.now()
    measures = filters.measures or USUAL_MEASURES
    of_hour = len(markets) * len(measures)
    if not of_hour:
        return []
    hours = list(islice(_hours(query, now), query.limit // of_hour + 2))
    held = await _held(sources, markets, hours)
    coins = sorted(by_coin(markets).items(), reverse=query.newest_first)
    found: list[ShareHour] = []
    for hour in hours:
        for _, coin in coins:
            told = {name_of(each): (each, held.get((name_of(each), hour))) for each in coin}
            found += _page(_rows(told, measures, hour, now), query)
            await sleep(0)  # coins are many, and others want answers
            if len(found) >= query.limit:
                return found[: query.limit]
    return found


def _hours(query: Query, now: datetime) -> Iterator[datetime]:
    """Those that begin in the span, from the cursor's on; none that is to come."""
    start, end = query.start or EPOCH, min(query.end or now, now)
    if start >= end:
        return
    first, last = -((EPOCH - start) // HOUR), -((EPOCH - end) // HOUR) - 1
    if query.after is not None:
        reached = (query.after.time - EPOCH) // HOUR
        first = first if query.newest_first else max(first, reached)
        last = min(last, reached) if query.newest_first else last
    numbers = range(first, last + 1)
    yield from (EPOCH + at * HOUR for at in (reversed(numbers) if query.newest_first else numbers))


async def _held(
    sources: Sources, markets: Sequence[Market], hours: Sequence[datetime]
) -> Mapping[tuple[Name, datetime], HeldHour]:
    if not hours:
        return {}
    names = tuple(name_of(market) for market in markets)
    asked = Query(markets=names, start=min(hours), end=max(hours) + HOUR)
    known = await sources.repository.get_held_hours(asked)
    return {(name_of(each), each.timestamp): each for each in known}


def _rows(
    coin: Mapping[Name, tuple[Market, HeldHour | None]],
    measures: Sequence[str],
    hour: datetime,
    now: datetime,
) -> Iterator[ShareHour]:
    """Of the markets of a coin, and what is known of each."""
    for measure in measures:
        held = [_holding(measure, *each) for each in coin.values()]
        for row in share_rows(measure, [structs.replace(each, timestamp=hour) for each in held]):
            _, told = coin[name_of(row)]
            mean = told and told.means.get(measure)
            yield ShareHour(
                **structs.asdict(row),
                samples=mean.samples if mean else 0,
                ended=hour + HOUR <= now,
            )


def _holding(measure: str, market: Market, told: HeldHour | None) -> Holding:
    unit = currency_of(market.quote) if measure == TURNOVER else COINS
    mean = told and told.means.get(measure)
    if not told or not mean:
        return unknown(market, [f"no {measure} is stored of this hour"], unit)
    if measure == TURNOVER:
        return Holding(market=market, amount=mean.value, unit=unit, timestamp=told.timestamp)
    if measure in {VOLUME, OPEN_INTEREST}:
        return in_coins(market, mean.value, told.timestamp)
    if not told.mid_price:
        return unknown(market, NO_MID)
    quantity = ratio(mean.value, told.mid_price)
    return in_coins(market, quantity, told.timestamp, at_least=mean.at_least)


def _page(rows: Iterator[ShareHour], query: Query) -> list[ShareHour]:
    """In the query's order, those that lie beyond its cursor."""
    ordered = sorted(rows, key=_place, reverse=query.newest_first)
    if query.after is None:
        return ordered
    end, is_beyond = (query.after.time, *query.after.rest), lt if query.newest_first else gt
    return [row for row in ordered if is_beyond(_place(row), end)]


def _place(row: ShareHour) -> tuple[datetime | str | None, ...]:
    return (row.timestamp, row.base, row.measure, row.exchange, row.symbol)
