"""Lighter's history: candles, and funding that was settled."""

from collections.abc import Sequence

from perps_stats.core import types
from perps_stats.core.intervals import interval_length
from perps_stats.core.times import from_ms
from perps_stats.core.types import FundingKind, Market
from perps_stats.exchanges import history
from perps_stats.exchanges.candles import candle_reader, candles
from perps_stats.exchanges.contract import (
    Candle,
    Candles,
    Flow,
    PageSize,
    Request,
    Window,
    decoded,
    made,
    request,
)
from perps_stats.exchanges.lighter import wire
from perps_stats.exchanges.lighter.rest import INTERVAL_HOURS, id_of

CANDLES, SETTLEMENTS = 500, 500
KLINE_PAGE = PageSize(CANDLES - 1)  # one more proves that the last is closed
FUNDING_PAGE = PageSize(SETTLEMENTS - 1)  # that of the end itself may be given, too


def klines(market: Market, interval: str, window: Window, limit: int | None) -> Flow[Candles]:
    length = interval_length(interval) // history.MILLISECOND

    def ask(first: int, last: int, _size: int) -> Request:
        """``count_back`` counts from the end: the whole span, so that it cuts nothing off."""
        span = {"start_timestamp": first, "end_timestamp": last}
        of = {**id_of(market), "resolution": interval, **span}
        return request("/api/v1/candles", of | {"count_back": (last - first) // length + 1})

    return candles(
        ask, read_candles, window, limit, interval=interval, page_size=CANDLES, stretched=True
    )


def to_candles(found: Sequence[wire.Candle]) -> list[Candle]:
    return [
        Candle(
            *(each.time, str(each.open), str(each.high), str(each.low), str(each.close)),
            *(str(each.volume), str(each.turnover)),
        )
        for each in found
    ]


read_candles = candle_reader(
    wire.Candle,
    lambda body: decoded(body, wire.AllCandles).listed or [],
    lambda body: decoded(body, wire.Candles).listed or [],
    to_candles,
)


def funding_history(
    market: Market, window: Window, limit: int | None
) -> Flow[list[types.FundingRate]]:
    """One row an hour, and each rate is for one hour, whether or not the hour before is there.

    Whether the row of ``end_timestamp`` is given is not documented. It is after ``last``, and
    ``count_back`` counts from the end: one more, so that this row costs none at the start.
    """

    def ask(first: int, last: int, _size: int) -> Request:
        span = {"start_timestamp": first // 1000, "end_timestamp": last // 1000 + 1}
        hours = (last - first) // history.HOUR + 2
        of = {**id_of(market), "resolution": "1h", **span, "count_back": hours}
        return request("/api/v1/fundings", of)

    settled = yield from history.paged(
        ask,
        history.row_by_row(
            wire.Settlement, lambda body: decoded(body, wire.Settlements).listed or []
        ),
        *history.span(window),
        page_size=SETTLEMENTS + 1,  # none is full: all of its span is in a page
        limit=limit,
        stretch=(SETTLEMENTS - 1) * history.HOUR,
    )
    return [to_settled(market, settlement) for settlement in settled]


def to_settled(market: Market, settlement: wire.Settlement) -> types.FundingRate:
    """Percent without a sign; where longs pay it is positive."""
    fraction, time = settlement.rate.scaleb(-2), from_ms(settlement.time)
    return made(
        types.FundingRate,
        market,
        funding_rate=fraction if settlement.direction == "long" else -fraction,
        funding_time=time,
        funding_interval=INTERVAL_HOURS,
        kind=FundingKind.SETTLED,
        timestamp=time,
    )
