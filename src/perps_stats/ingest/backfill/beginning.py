"""Where an exchange's history of a market begins: found by halving, to the hour."""

from datetime import datetime, timedelta

from perps_stats.core.errors import NotOffered
from perps_stats.core.intervals import interval_length, opening
from perps_stats.core.spans import Span
from perps_stats.core.times import from_ms
from perps_stats.core.types import Market
from perps_stats.exchanges.contract import Candles, Exchange, Flow
from perps_stats.feed.client import ExchangeClient
from perps_stats.feed.flow import refuse

DAY = timedelta(days=1)
FINE = "1h"


async def beginning(client: ExchangeClient, market: Market, wanted: Span) -> datetime | None:
    """When the first candle opens, if that is within ``wanted``; its end where there is none.

    ``None``: history begins before, or the exchange offers no candles.
    """
    exchange = client.exchange
    if exchange.klines is None:
        return None
    coarse = _coarsest(exchange)
    windows = _windows(exchange, coarse, wanted)
    first = await _first(client, market, coarse, windows[0])
    if first is not None and first <= opening(wanted.start, coarse):
        return None
    if first is None:
        first = await _first_of(client, market, coarse, windows[1:])
    if first is None:
        return wanted.end
    if coarse != FINE:
        day = Span(first, first + interval_length(coarse))
        first = await _first(client, market, FINE, day) or first
    return max(first, wanted.start)


def _coarsest(exchange: Exchange) -> str:
    """The interval, of a day at most, whose page reaches furthest."""
    offered = [each for each in exchange.intervals if interval_length(each) <= DAY]
    return max(offered, key=lambda each: exchange.kline_page(each).rows * interval_length(each))


def _windows(exchange: Exchange, interval: str, wanted: Span) -> list[Span]:
    length = exchange.kline_page(interval).rows * interval_length(interval)
    start = opening(wanted.start, interval)
    count = max(1, -(-(wanted.end - start) // length))
    return [Span(start + n * length, start + (n + 1) * length) for n in range(count)]


async def _first_of(
    client: ExchangeClient, market: Market, interval: str, windows: list[Span]
) -> datetime | None:
    """The first candle of any window. What is listed has candles in all windows after its first;
    of what is listed no more, the last ones are empty: then every window is looked at.
    """
    low, high = 0, len(windows)
    first: datetime | None = None
    while low < high:
        middle = (low + high) // 2
        found = await _first(client, market, interval, windows[middle])
        if found is None:
            low = middle + 1
        else:
            first, high = found, middle
    for window in windows if first is None else []:
        if found := await _first(client, market, interval, window):
            return found
    return first


async def _first(
    client: ExchangeClient, market: Market, interval: str, window: Span
) -> datetime | None:
    """That there is nothing is believed when it is said twice."""
    for _ in range(2):
        if found := (
            await client.put(_klines(client.exchange, market, interval, window), refuse)
        ).rows:
            return from_ms(found[0].time)
    return None


def _klines(exchange: Exchange, market: Market, interval: str, window: Span) -> Flow[Candles]:
    if exchange.klines is None:
        raise NotOffered("klines")
    return exchange.klines(market, interval, window, 1)
