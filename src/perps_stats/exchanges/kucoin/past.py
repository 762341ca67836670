"""Candles and funding of KuCoin futures: what was, and the rate that is running."""

from collections.abc import Sequence
from functools import partial

from perps_stats.core import types
from perps_stats.core.types import FundingKind, Market
from perps_stats.exchanges import history
from perps_stats.exchanges.candles import candle_reader, candles
from perps_stats.exchanges.contract import (
    Answer,
    Candle,
    Candles,
    Flow,
    PageSize,
    Request,
    Window,
    decoded,
    get,
    made,
    request,
)
from perps_stats.exchanges.kucoin import wire
from perps_stats.exchanges.kucoin.rest import hours_of, listed, time_of
from perps_stats.exchanges.kucoin.units import base_text
from perps_stats.exchanges.wire import decimal_text

CANDLES = 500
FULL_PAGE = 1
"""Of funding: how many rows a full page has is not documented, so any page may have been cut."""
SPACINGS = frozenset({1, 2, 4, 8})
KLINE_PAGE = PageSize(CANDLES - 1)  # one more proves that the last is closed
FUNDING_PAGE = PageSize(90, requests=2)  # the second learns that there is no more
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


def klines(market: Market, interval: str, window: Window, limit: int | None) -> Flow[Candles]:
    """Without the intervals in which nothing was traded."""

    def ask(first: int, last: int, _size: int) -> Request:
        of = {"symbol": market.native, "granularity": GRANULARITIES[interval]}
        return request("/api/v1/kline/query", of | {"from": first, "to": last}, weight=3)

    read = candle_reader(wire.Candle, whole, listed, partial(to_candles, market))
    return candles(ask, read, window, limit, interval=interval, page_size=CANDLES, stretched=True)


def whole(body: Answer) -> Sequence[wire.Candle]:
    return decoded(body, wire.Answer[list[wire.Candle]]).data


def to_candles(market: Market, found: Sequence[wire.Candle]) -> list[Candle]:
    """Of an inverse contract, quote coin is exact (the lots) and base coin taken at the close."""
    value = market.contract_value
    return [
        Candle(
            *(each.time, str(each.open), str(each.high), str(each.low), str(each.close)),
            coins(market, each),
            decimal_text(each.turnover if value is None else each.lots * value),
        )
        for each in found
    ]


def coins(market: Market, candle: wire.Candle) -> str | None:
    """``None`` at an impossible close: as no candle is given that has one, none is lost with it."""
    if not (candle.close.is_finite() and candle.close > 0):
        return None
    return base_text(market, candle.lots, candle.close)


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
        history.row_by_row(wire.Settlement, listed),
        window,
        limit,
        page_size=FULL_PAGE,
        spacings=SPACINGS,
        descending=True,
    )
    return [history.settled(market, settlement, hours) for settlement, hours in found]
