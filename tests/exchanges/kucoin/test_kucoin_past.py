"""KuCoin's candles and funding, page by page."""

from decimal import Decimal
from functools import partial

import pytest

from perps_stats.core.errors import Unreadable
from perps_stats.core.types import FundingKind, FundingRate, Kline, Market
from perps_stats.exchanges.contract import Window
from perps_stats.exchanges.kucoin import KUCOIN, past

from ..answers import as_klines, asked, body  # noqa: TID252 (tests are no package that could be named)
from . import venue
from .venue import (
    BTC,
    FUNDING,
    HOUR,
    HOUR_MS,
    KLINES,
    NOON,
    OF_XBT,
    SETTLED,
    T0,
    USD,
    answer,
    at,
    settled,
    with_,
)

MINUTES = Window(NOON, at(180_000))


def candle(minute: int, prices: str, volume: str, turnover: str | None, *, closed: bool) -> Kline:
    opened, high, low, close = map(Decimal, prices.split())
    return Kline(
        exchange="kucoin",
        symbol="BTC",
        interval="1m",
        open_time=at(minute * 60_000),
        close_time=at((minute + 1) * 60_000),
        open=opened,
        high=high,
        low=low,
        close=close,
        volume=Decimal(volume),
        turnover=None if turnover is None else Decimal(turnover),
        closed=closed,
    )


def test_candles() -> None:
    """Lots are sixth, turnover seventh if it is told; a minute without trades has none."""
    found, asks = asked(as_klines(past.klines, BTC, "1m", MINUTES, None), answer)
    query = OF_XBT | {"granularity": "1", "from": str(T0), "to": str(T0 + 239_999)}
    assert asks == [((KLINES, query, 3, ""),)]
    assert found == [
        candle(0, "110100.1 110300 110000.5 110199.5", "1.234", "135985.3", closed=True),
        candle(2, "110199.5 110200 110199 110200", "0.056", None, closed=True),
    ]
    later = Window(NOON, at(240_000))
    assert [
        each.closed for each in asked(as_klines(past.klines, BTC, "1m", later, None), answer)[0]
    ] == [
        True,
        True,
        False,
    ]


def test_candles_of_an_inverse_contract() -> None:
    """The lots are its turnover in dollars; at the close they are so much coin."""
    found, _ = asked(as_klines(past.klines, USD, "1m", MINUTES, 1), answer)
    assert (found[0].volume, found[0].turnover) == (Decimal("0.0111978729486068"), Decimal(1234))


@pytest.mark.parametrize("market", [BTC, USD])
@pytest.mark.parametrize("close", [0, -5, "NaN", "sNaN"])
def test_an_impossible_price_loses_only_its_candle(market: Market, close: object) -> None:
    """It is reported, and the others are there; nor is coin of an inverse contract taken at it."""
    bad: list[Unreadable] = []
    rows = [[T0 + minute * 60_000, 5, 6, 4, 5, 12] for minute in range(3)]
    spoilt = [rows[0], [*rows[1][:4], close, 12], rows[2]]
    flow = as_klines(past.klines, market, "1m", MINUTES, None)
    found, _ = asked(flow, partial(with_, {KLINES: spoilt}), bad)
    assert [each.open_time for each in found] == [at(0), at(120_000)]
    assert [f"close='{close}'" in str(each) for each in bad] == [True]


def test_candles_in_pages() -> None:
    """A request never spans more than the 500 candles of a page."""
    _, asks = asked(
        as_klines(past.klines, BTC, "4h", Window(NOON, NOON + 4000 * HOUR), None), answer
    )
    spans = [(int(query["from"]), int(query["to"])) for ((_, query, _, _),) in asks]
    page = 500 * 4 * HOUR_MS
    assert spans == [
        (T0, T0 + page - 1),
        (T0 + page, T0 + 2 * page - 1),
        (T0 + 2 * page, T0 + 2 * page + 4 * HOUR_MS - 1),
    ]
    assert asks[0][0][1]["granularity"] == "240"


def test_the_intervals_are_those_of_the_documents() -> None:
    """Eleven, in minutes."""
    minutes = [1, 5, 15, 30, 60, 120, 240, 480, 720, 1440, 10080]
    assert list(past.GRANULARITIES.values()) == minutes
    names = ["1m", "5m", "15m", "30m", "1h", "2h", "4h", "8h", "12h", "1d", "1w"]
    assert list(KUCOIN.intervals) == names


def test_the_running_funding_rate() -> None:
    """It settles at a time that is told, as are cap, floor and interval; the answer has no time."""
    found, asks = asked(past.funding(BTC), answer)
    assert asks == [((FUNDING, {}, 2, ""),)]
    assert found == FundingRate(
        exchange="kucoin",
        symbol="BTC",
        funding_rate=Decimal("0.000061"),
        predicted_rate=Decimal("0.000109"),
        funding_time=NOON + 4 * HOUR,
        next_funding_time=NOON + 4 * HOUR,
        funding_interval=Decimal(8),
        funding_rate_cap_floor=Decimal("0.003"),
        funding_rate_floor=Decimal("-0.00375"),
        kind=FundingKind.PREDICTED,
        timestamp=None,
    )
    old = {name: venue.RATE[name] for name in ("symbol", "granularity", "timePoint", "value")}
    found, _ = asked(past.funding(BTC), partial(with_, {FUNDING: old | {"predictedValue": None}}))
    unknown = [found.predicted_rate, found.funding_time, found.funding_rate_cap_floor]
    assert unknown == [None] * 3


def test_settled_funding() -> None:
    """Oldest first; the interval is the time since the one before, which lies outside here."""
    window = Window(NOON, NOON + HOUR)
    found, asks = asked(past.funding_history(BTC, window, None), answer)
    first = T0 - 8 * HOUR_MS - 60_000
    paths = [(path, query["from"], query["to"], weight) for ((path, query, weight, _),) in asks]
    assert paths[0] == (SETTLED, str(first), str(T0 + HOUR_MS - 1), 5)
    assert found == [
        FundingRate(
            exchange="kucoin",
            symbol="BTC",
            funding_rate=Decimal("-0.000279"),
            funding_time=NOON,
            funding_interval=Decimal(8),
            kind=FundingKind.SETTLED,
            timestamp=NOON,
        )
    ]


@pytest.mark.parametrize("page", [1, 7, 100])
def test_settled_funding_in_pages(page: int) -> None:
    """However many of the newest rows a page holds, all are found, none twice."""
    rows = settled(-800, 0)

    def cut(request: object) -> bytes:
        query = request.query  # type: ignore[attr-defined]
        wanted = range(int(query["from"]), int(query["to"]) + 1)
        fitting = [row for row in rows if row["timepoint"] in wanted]
        return body({"code": "200000", "data": fitting[:page]})

    window = Window(NOON - 800 * HOUR, NOON + HOUR)
    found, _ = asked(past.funding_history(BTC, window, None), cut)
    assert [each.funding_time for each in found] == [
        NOON + hours * HOUR for hours in range(-800, 1, 8)
    ]
    assert [each.funding_interval for each in found] == [None] + [Decimal(8)] * 100
    assert len(asked(past.funding_history(BTC, window, 5), cut)[0]) == 5
