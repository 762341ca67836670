"""Binance's history in pages: aggregated trades, candles, settled funding."""

from collections.abc import Sequence
from datetime import timedelta

from perps_stats.core import types
from perps_stats.core.times import from_ms
from perps_stats.core.types import Market
from perps_stats.exchanges import history
from perps_stats.exchanges.binance import wire
from perps_stats.exchanges.binance.rest import ROWS, to_trade
from perps_stats.exchanges.candles import candle_reader, candles
from perps_stats.exchanges.contract import (
    Candle,
    Candles,
    Fills,
    Flow,
    PageSize,
    Request,
    Window,
    decoded,
    made,
    request,
)

CANDLE_WEIGHTS = ((100, 1), (500, 2), (1001, 5))
CANDLES = 1000  # 1500 would be given, at twice the weight
MOST = 10_000_000
"""More trades than any window that is asked for holds."""
SPACINGS = frozenset({1, 4, 8})
KLINE_PAGE = PageSize(CANDLES - 1)  # one more proves that the last is closed
INTEREST_PERIOD, INTEREST_STEP = "5m", timedelta(minutes=5)
INTEREST_PAGE, INTEREST_KEPT = PageSize(500), timedelta(days=30)
FUNDING_PAGE = PageSize(ROWS - 10)  # the 8 h before it are asked for, too


def aggregated_trades(market: Market, window: Window, limit: int) -> Flow[list[types.Trade]]:
    found = yield from aggregates(market, window, limit)
    return [to_aggregated(market, each) for each in found]


def aggregated_between(market: Market, window: Window) -> Flow[list[types.Trade]]:
    return aggregated_trades(market, window, MOST)


def fills(market: Market, window: Window, limit: int) -> Flow[list[Fills]]:
    found = yield from aggregates(market, window, limit)
    return [Fills(to_aggregated(market, each), range(each.first, each.last + 1)) for each in found]


def to_aggregated(market: Market, each: wire.AggregateTrade) -> types.Trade:
    return to_trade(market, each, f"a{each.number}")


def aggregates(market: Market, window: Window, limit: int) -> Flow[list[wire.AggregateTrade]]:
    def by_time(first: int, last: int, size: int) -> Request:
        return request("/fapi/v1/aggTrades", page_query(market, first, last, size), weight=20)

    def by_number(number: int, size: int) -> Request:
        of = {"symbol": market.native, "fromId": number, "limit": size}
        return request("/fapi/v1/aggTrades", of, weight=20)

    return history.numbered(
        by_time, by_number, wire.AggregateTrade, window, limit, page_size=ROWS, stretch=history.HOUR
    )


def klines(market: Market, interval: str, window: Window, limit: int | None) -> Flow[Candles]:
    def ask(first: int, last: int, size: int) -> Request:
        of = page_query(market, first, last, size) | {"interval": interval}
        weight = next(weight for below, weight in CANDLE_WEIGHTS if size < below)
        return request("/fapi/v1/klines", of, weight=weight)

    return candles(ask, read_candles, window, limit, interval=interval, page_size=CANDLES)


def to_candles(found: Sequence[wire.Candle]) -> list[Candle]:
    return [
        Candle(r.time, r.open, r.high, r.low, r.close, r.volume, r.turnover, r.trades)
        for r in found
    ]


read_candles = candle_reader(
    wire.Candle,
    lambda body: decoded(body, list[wire.Candle]),
    history.plain_list,
    to_candles,
)


def page_query(market: Market, first: int, last: int, size: int) -> dict[str, str | int]:
    return {"symbol": market.native, "startTime": first, "endTime": last, "limit": size}


def interest_history(market: Market, window: Window) -> Flow[list[types.OpenInterest]]:
    """Of the last 30 days. Where a span holds more than a page, which rows come is not told: no
    request spans more.

    https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api/Open-Interest-Statistics
    """

    def ask(first: int, last: int, size: int) -> Request:
        of = page_query(market, first, last, size) | {"period": INTEREST_PERIOD}
        return request("/futures/data/openInterestHist", of, pool="interest")

    found = yield from history.paged(
        ask,
        history.row_by_row(wire.PastInterest),
        *history.span(window),
        page_size=INTEREST_PAGE.rows,
        limit=None,
        stretch=INTEREST_PAGE.rows * INTEREST_STEP // history.MILLISECOND,
    )
    return [made(types.OpenInterest, market, row, timestamp=from_ms(row.time)) for row in found]


def funding_history(
    market: Market, window: Window, limit: int | None
) -> Flow[list[types.FundingRate]]:
    def ask(first: int, last: int, size: int) -> Request:
        of = page_query(market, first, last, size)
        return request("/fapi/v1/fundingRate", of, pool="funding")

    found = yield from history.settlements(
        ask, history.row_by_row(wire.Settlement), window, limit, page_size=ROWS, spacings=SPACINGS
    )
    return [history.settled(market, settlement, hours) for settlement, hours in found]
