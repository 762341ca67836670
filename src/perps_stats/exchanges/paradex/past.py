"""Paradex's history: candles, of which those above an hour are put together here, and funding."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby

from msgspec import Raw

from perps_stats.core import types
from perps_stats.core.errors import Unreadable
from perps_stats.core.intervals import interval_length
from perps_stats.core.times import from_ms
from perps_stats.core.types import FundingKind, Market
from perps_stats.exchanges import history
from perps_stats.exchanges.candles import candle_reader, candles, checked
from perps_stats.exchanges.contract import (
    Answer,
    Candle,
    Candles,
    Flow,
    PageSize,
    Request,
    Window,
    decoded,
    made,
    request,
    rows,
    together,
)
from perps_stats.exchanges.history import HOUR, MILLISECOND, Page, Read
from perps_stats.exchanges.paradex import wire

RESOLUTIONS = {"1m": 1, "3m": 3, "5m": 5, "15m": 15, "30m": 30, "1h": 60}
"""The exchange's own intervals, as it wants them named: in minutes."""
AGGREGATED = ("2h", "4h", "6h", "8h", "12h", "1d")
SPAN = 500
"""How many candles a request spans at most; the documents name no limit."""
PERIODS_AT_ONCE = 20
FUNDING_PAGE = PageSize(PERIODS_AT_ONCE, row_by_row=True)


def kline_page(interval: str) -> PageSize:
    """One more proves that the last is closed; of those made of hours, one bar more."""
    if interval in AGGREGATED:
        return PageSize(SPAN // (interval_length(interval) // interval_length("1h")) - 2)
    return PageSize(SPAN - 1)


def listed(body: Answer) -> Sequence[Raw]:
    return decoded(body, wire.Results).results


def whole(body: Answer) -> Sequence[wire.Candle]:
    return decoded(body, wire.AllCandles).results


def to_candles(found: Sequence[wire.Candle]) -> list[Candle]:
    """Without volume and turnover: in which unit the volume is told is not known."""
    return [
        Candle(each.time, str(each.open), str(each.high), str(each.low), str(each.close))
        for each in found
    ]


read_candles = candle_reader(wire.Candle, whole, listed, to_candles)


def read_all(body: Answer) -> Flow[Page[Candle]]:
    """Of candles that are put together: without one of them a bar would be wrong."""
    found = to_candles(whole(body))
    sound = yield from checked(found)
    if len(sound) < len(found):
        raise Unreadable("an hour of a longer candle")
    return Page(found, len(found))


def klines(market: Market, interval: str, window: Window, limit: int | None) -> Flow[Candles]:
    if interval in AGGREGATED:
        return (yield from aggregated(market, interval, window, limit))
    return (yield from own(market, interval, window, limit, read_candles))


def own(
    market: Market, interval: str, window: Window, limit: int | None, read: Read[Candle]
) -> Flow[Candles]:
    """Candles of an interval that the exchange has."""

    def ask(first: int, last: int, _size: int) -> Request:
        times = {"start_at": first, "end_at": last}
        of = {"symbol": market.native, "resolution": RESOLUTIONS[interval]}
        return request("/v1/markets/klines", of | times)

    return candles(ask, read, window, limit, interval=interval, page_size=SPAN, stretched=True)


def aggregated(market: Market, interval: str, window: Window, limit: int | None) -> Flow[Candles]:
    """Made of candles of an hour; they begin at multiples of their length since 1970.

    An hour that is not there had no trade. Only an hour after its end proves that a bar is closed:
    those of the bar that follows the window are asked for, too.
    """
    length = interval_length(interval) // MILLISECOND
    first, last = history.span(window)
    first, last = -(-first // length) * length, last // length * length
    if first > last:
        return Candles([], 0)
    wanted = None if limit is None else limit * (length // HOUR) + 1
    hours = Window(from_ms(first), from_ms(last + 2 * length))
    found = (yield from own(market, "1h", hours, wanted, read_all)).rows
    bars = groupby(found, key=lambda hour: hour.time // length * length)
    made_of = [merged(opened, list(parts)) for opened, parts in bars if opened <= last][:limit]
    newest = found[-1].time if found else 0
    closed = sum(newest >= bar.time + length for bar in made_of)
    return Candles(made_of, closed, aggregated_from="1h")


def merged(opened: int, hours: list[Candle]) -> Candle:
    high = max((hour.high for hour in hours), key=Decimal)
    low = min((hour.low for hour in hours), key=Decimal)
    return Candle(opened, hours[0].open, high, low, hours[-1].close)


def funding_history(
    market: Market, window: Window, limit: int | None
) -> Flow[list[types.FundingRate]]:
    """The last rate of each funding period that ended in the window.

    Funding accrues all the time, and there is a row about every 5 seconds: each period (a multiple
    of the market's ``funding_interval`` since 1970) is asked for its newest row alone. A period has
    ended if there is a row after it, so the newest row of all is asked for first.
    """
    first, last = history.span(window)
    newest = yield from rows(listed((yield newest_of(market))), wire.Funding)
    last = min([last, *(row.time - 1 for row in newest)]) if newest else first - 1
    period = int((market.funding_interval or wire.USUAL_HOURS) * HOUR)
    ends = range((first // period + 1) * period, last + 2, period)
    found: list[wire.Funding] = []
    while ends and (limit is None or len(found) < limit):
        spans = [(max(first, end - period), end - 1) for end in ends[:PERIODS_AT_ONCE]]
        bodies = yield from together(*(newest_of(market, *span) for span in spans))
        found += yield from rows([raw for body in bodies for raw in listed(body)], wire.Funding)
        ends = ends[PERIODS_AT_ONCE:]
    return [to_funding(market, row) for row in found if first <= row.time <= last][:limit]


def newest_of(market: Market, start: int | None = None, end: int | None = None) -> Request:
    of = {"market": market.native, "page_size": 1, "start_at": start, "end_at": end}
    return request("/v1/funding/data", of)


def to_funding(market: Market, row: wire.Funding) -> types.FundingRate:
    time = from_ms(row.time)
    return made(
        types.FundingRate,
        market,
        funding_rate=Decimal(row.rate),
        funding_time=time,
        funding_interval=wire.hours(row.period),
        kind=FundingKind.SETTLED,
        timestamp=time,
    )
