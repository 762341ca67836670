"""Candles and funding of KuCoin futures: what was, and the rate that is running."""

from perps_stats.core import types
from perps_stats.core.intervals import interval_length
from perps_stats.core.times import from_ms
from perps_stats.core.types import FundingKind, Market
from perps_stats.exchanges import history
from perps_stats.exchanges.contract import Flow, Request, Window, get, made, request
from perps_stats.exchanges.kucoin import wire
from perps_stats.exchanges.kucoin.rest import hours_of, listed, time_of
from perps_stats.exchanges.kucoin.units import base_of

CANDLES = 500
FULL_PAGE = 1
"""Of funding: how many rows a full page has is not documented, so any page may have been cut."""
SPACINGS = frozenset({1, 2, 4, 8})
GRANULARITIES = {
    "1m": 1,
    "5m": 5,
    "15m": 15,
    "30m": 30,
    "1h": 60,
    "2h": 120,
    "4h": 240,
    "8h": 480,
    "12h": 720,
    "1d": 1440,
    "1w": 10080,
}
"""In minutes."""


def klines(
    market: Market, interval: str, window: Window, limit: int | None
) -> Flow[list[types.Kline]]:
    """Without the intervals in which nothing was traded."""

    def ask(first: int, last: int, _size: int) -> Request:
        of = {"symbol": market.native, "granularity": GRANULARITIES[interval]}
        return request("/api/v1/kline/query", of | {"from": first, "to": last}, weight=3)

    candles = yield from history.candles(
        ask,
        wire.Candle,
        window,
        limit,
        interval=interval,
        page_size=CANDLES,
        listed=listed,
        stretched=True,
    )
    return [to_kline(market, interval, candle, closed=closed) for candle, closed in candles]


def to_kline(market: Market, interval: str, candle: wire.Candle, *, closed: bool) -> types.Kline:
    """Of an inverse contract, quote coin is exact (the lots) and base coin taken at the close."""
    opens, value = from_ms(candle.time), market.contract_value
    return made(
        types.Kline,
        *(market, candle),
        interval=interval,
        open_time=opens,
        close_time=opens + interval_length(interval),
        volume=base_of(market, candle.lots, candle.close),
        turnover=candle.turnover if value is None else candle.lots * value,
        closed=closed,
    )


def funding(market: Market) -> Flow[types.FundingRate]:
    """The rate of the running period, and if told the prediction of the one after.

    For 5 to 20 s after a settlement this is still the rate that was settled. No time of the answer
    is told.
    """
    path = f"/api/v1/funding-rate/{market.native}/current"
    now = (yield from get(path, wire.Answer[wire.Funding], weight=2)).data
    return made(
        types.FundingRate,
        *(market, now),
        funding_time=time_of(now.settles),
        next_funding_time=time_of(now.settles),
        funding_interval=hours_of(now.granularity),
        kind=FundingKind.PREDICTED,
        timestamp=None,
    )


def funding_history(
    market: Market, window: Window, limit: int | None
) -> Flow[list[types.FundingRate]]:
    def ask(first: int, last: int, _size: int) -> Request:
        of = {"symbol": market.native, "from": first, "to": last}
        return request("/api/v1/contract/funding-rates", of, weight=5)

    found = yield from history.settlements(
        ask,
        wire.Settlement,
        window,
        limit,
        page_size=FULL_PAGE,
        spacings=SPACINGS,
        listed=listed,
        descending=True,
    )
    return [history.settled(market, settlement, hours) for settlement, hours in found]
