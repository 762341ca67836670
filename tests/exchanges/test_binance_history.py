"""Binance's candles, funding and open interest."""

from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest

from perps_stats.core.errors import Unreadable
from perps_stats.core.types import (
    FundingKind,
    FundingRate,
    Kline,
    OpenInterest,
)
from perps_stats.exchanges.binance import past, rest
from perps_stats.exchanges.contract import Window

from . import venue
from .answers import as_klines, asked, body
from .venue import (
    ALL,
    ASK_FUNDING_INFO,
    BTC,
    HELD_PATH,
    HOUR,
    NOON,
    OF_BTC,
    PREMIUM_PATH,
    T0,
    answer,
    at,
    with_,
)


def test_candles() -> None:
    """Half-open in time; the last one of the page may still change."""
    flow = as_klines(past.klines, BTC, "1m", Window(NOON, NOON + HOUR), None)
    found, asks = asked(flow, answer)
    query = OF_BTC | {"interval": "1m", "startTime": str(T0), "endTime": str(T0 + 3_659_999)}
    assert asks == [(("/fapi/v1/klines", query | {"limit": "61"}, 1, ""),)]
    assert found[0] == Kline(
        exchange="binance",
        symbol="BTC",
        interval="1m",
        open_time=NOON,
        close_time=at(60_000),
        open=Decimal("61650.10"),
        high=Decimal("61700.00"),
        low=Decimal("61600.00"),
        close=Decimal("61659.80"),
        volume=Decimal("12.345"),
        turnover=Decimal("761199.12"),
        trades=308,
        closed=True,
    )
    assert [each.closed for each in found] == [True, True, False]


@pytest.mark.parametrize("close", ["0", "-5", "NaN", "much"])
def test_an_impossible_price_loses_only_its_candle(close: str) -> None:
    """It is reported, and the others are there."""
    bad: list[Unreadable] = []
    first, second, third = venue.CANDLES
    spoilt = [first, [*second[:4], close, *second[5:]], third]
    flow = as_klines(past.klines, BTC, "1m", Window(NOON, NOON + HOUR), None)
    found, _ = asked(flow, partial(with_, {"/fapi/v1/klines": spoilt}), bad)
    assert [each.open_time for each in found] == [at(0), at(120_000)]
    assert [f"close='{close}'" in str(each) for each in bad] == [True]


@pytest.mark.parametrize(
    ("rows", "limit", "weight"),
    [(98, 99, 1), (99, 100, 2), (498, 499, 2), (499, 500, 5), (999, 1000, 5), (5000, 1000, 5)],
)
def test_the_weight_of_candles(rows: int, limit: int, weight: int) -> None:
    """One more is asked for than is wanted; a thousand weigh the least for their number."""
    flow = as_klines(past.klines, BTC, "1m", Window(NOON, NOON + 5000 * HOUR), rows)
    _, asks = asked(flow, answer)
    assert (asks[0][0][1]["limit"], asks[0][0][2]) == (str(limit), weight)


RATE = FundingRate(
    exchange="binance",
    symbol="BTC",
    funding_rate=Decimal("0.0001"),
    predicted_rate=Decimal("0.0001"),
    funding_time=NOON + 4 * HOUR,
    next_funding_time=NOON + 4 * HOUR,
    funding_interval=Decimal(8),
    kind=FundingKind.PREDICTED,
    timestamp=at(3),
)


def test_funding_now_of_a_market_with_the_default_terms() -> None:
    """A running estimate; cap and floor are not told."""
    found, asks = asked(rest.funding(BTC), answer)
    assert asks == [((PREMIUM_PATH, OF_BTC, 1, ""), ASK_FUNDING_INFO)]
    assert found == RATE


def test_funding_now_of_a_market_with_terms_of_its_own() -> None:
    """Its interval, cap and floor are those of fundingInfo."""
    found, _ = asked(rest.funding(ALL["ETHUSDT"]), answer)
    assert (found.funding_interval, found.funding_rate_cap_floor, found.funding_rate_floor) == (
        Decimal(4),
        Decimal("0.02"),
        Decimal("-0.015"),
    )


def test_a_perpetual_without_a_rate_is_unreadable() -> None:
    """An empty rate is not a rate of zero."""
    empty: dict[str, object] = {PREMIUM_PATH: venue.PREMIUM | {"lastFundingRate": ""}}
    with pytest.raises(Unreadable, match="without a funding rate"):
        asked(rest.funding(BTC), partial(with_, empty))


def test_funding_history() -> None:
    """Looks back 8 h for the first interval; an empty mark price of old rows is no fault."""
    flow = past.funding_history(BTC, Window(NOON - 5 * HOUR, NOON + 5 * HOUR), None)
    found, asks = asked(flow, answer)
    start = T0 - 13 * 3_600_000 - 60_000
    query = {"startTime": str(start), "endTime": str(T0 + 5 * 3_600_000 - 1), "limit": "1000"}
    assert asks == [(("/fapi/v1/fundingRate", OF_BTC | query, 1, "funding"),)]
    first, second = found
    assert (first.funding_rate, first.funding_interval) == (Decimal("0.0001"), None)
    time = NOON + 4 * HOUR + timedelta(milliseconds=2)
    assert second == FundingRate(
        exchange="binance",
        symbol="BTC",
        funding_rate=Decimal("-0.0000375"),
        funding_time=time,
        funding_interval=Decimal(8),
        kind=FundingKind.SETTLED,
        timestamp=time,
    )


def test_open_interest_and_its_value() -> None:
    """Base units times the mark price of the same moment."""
    found, asks = asked(rest.open_interest(BTC), answer)
    assert asks == [((HELD_PATH, OF_BTC, 1, ""), (PREMIUM_PATH, OF_BTC, 1, ""))]
    assert found == OpenInterest(
        exchange="binance",
        symbol="BTC",
        open_interest=Decimal("79123.456"),
        open_value=Decimal("4878753088.19456"),
        timestamp=at(2),
    )


def test_open_interest_of_the_past() -> None:
    """The row of the exchange's own documents; a request never spans more than 500 of them."""
    row = {
        "symbol": "BTCUSDT",
        "sumOpenInterest": "20403.12345678",
        "sumOpenInterestValue": "176196512.12345678",
        "CMCCirculatingSupply": "165880.538",
        "timestamp": T0,
    }
    flow = past.interest_history(BTC, Window(NOON, NOON + 50 * HOUR))
    found, asks = asked(flow, lambda _: body([row]))
    assert found == [
        OpenInterest(
            exchange="binance",
            symbol="BTC",
            open_interest=Decimal("20403.12345678"),
            open_value=Decimal("176196512.12345678"),
            timestamp=NOON,
        )
    ]
    page = OF_BTC | {"period": "5m", "limit": "500"}
    bounds = [(T0, T0 + 149_999_999), (T0 + 150_000_000, T0 + 179_999_999)]
    assert asks == [
        (
            (
                "/futures/data/openInterestHist",
                page | {"startTime": str(first), "endTime": str(last)},
                1,
                "interest",
            ),
        )
        for first, last in bounds
    ]
