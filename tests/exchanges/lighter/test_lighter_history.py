"""Lighter's candles and funding."""

from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest

from perps_stats.core.errors import Unreadable
from perps_stats.core.types import FundingKind, FundingRate, Kline
from perps_stats.exchanges.contract import Request, Window
from perps_stats.exchanges.lighter import past, rest

from ..answers import as_klines, asked, body  # noqa: TID252 (tests are no package that could be named)
from .venue import (
    CANDLES,
    ETH,
    FUNDINGS,
    HELD,
    HOUR,
    NOON,
    OF_ETH,
    RATES,
    SETTLED,
    T0,
    Json,
    answer,
    at,
    with_,
)


def test_candles() -> None:
    """``count_back`` covers the span; the last may still change; trades are not counted."""
    flow = as_klines(past.klines, ETH, "1m", Window(NOON, NOON + HOUR), None)
    found, asks = asked(flow, answer)
    query = {
        "resolution": "1m",
        "start_timestamp": str(T0),
        "end_timestamp": str(T0 + 3_659_999),
        "count_back": "61",
    }
    assert asks == [((CANDLES, OF_ETH | query, 1, ""),)]
    assert found[0] == Kline(
        exchange="lighter",
        symbol="ETH",
        interval="1m",
        open_time=NOON,
        close_time=at(60_000),
        open=Decimal("2264.2"),
        high=Decimal("2264.34"),
        low=Decimal("2263.36"),
        close=Decimal("2263.97"),
        volume=Decimal("13.2237"),
        turnover=Decimal("29934.600012"),
        trades=None,
        closed=True,
    )
    assert [each.closed for each in found] == [True, True, False]


def test_no_candles() -> None:
    """The list may be null."""
    flow = as_klines(past.klines, ETH, "1m", Window(NOON, NOON + HOUR), None)
    assert asked(flow, partial(with_, {CANDLES: {"code": 200, "r": "1m", "c": None}}))[0] == []


def test_a_candle_in_which_nothing_was_traded() -> None:
    """Numbers that are zero are left out of a candle: a volume may be, a price cannot."""
    bad: list[Unreadable] = []
    row: Json = {"t": T0, "o": 5, "h": 5, "l": 5, "c": 5}
    rows: list[Json] = [row, {"t": T0 + 60_000, "o": 5, "h": 5, "l": 5}]
    flow = as_klines(past.klines, ETH, "1m", Window(NOON, NOON + HOUR), None)
    found, _ = asked(flow, partial(with_, {CANDLES: HELD | {"c": rows}}), bad)
    assert [(each.volume, each.turnover) for each in found] == [(Decimal(0), Decimal(0))]
    assert "missing required field `c`" in str(bad[0])


@pytest.mark.parametrize("close", [0, -5, "NaN"])
def test_an_impossible_price_loses_only_its_candle(close: object) -> None:
    """It is reported, and the others are there."""
    bad: list[Unreadable] = []
    row: Json = {"t": T0, "o": 5, "h": 5, "l": 5, "c": 5}
    rows: list[Json] = [row, row | {"t": T0 + 60_000, "c": close}, row | {"t": T0 + 120_000}]
    flow = as_klines(past.klines, ETH, "1m", Window(NOON, NOON + HOUR), None)
    found, _ = asked(flow, partial(with_, {CANDLES: HELD | {"c": rows}}), bad)
    assert [each.open_time for each in found] == [at(0), at(120_000)]
    assert [f"close='{close}'" in str(each) for each in bad] == [True]


def test_no_request_spans_more_candles_than_a_page() -> None:
    """500 are given; a server that counts them back from the end cuts none off."""
    spans: list[int] = []

    def candles(request: Request) -> bytes:
        first, last = (int(request.query[f"{end}_timestamp"]) for end in ("start", "end"))
        count = int(request.query["count_back"])
        assert count <= 500
        opens = range(-(-first // 60_000) * 60_000, last + 1, 60_000)[-count:]
        spans.append(len(opens))
        row = {"o": 1, "h": 1, "l": 1, "c": 1}
        return body({"code": 200, "c": [row | {"t": time} for time in opens]})

    window = Window(NOON, NOON + timedelta(minutes=1200))
    found, _ = asked(as_klines(past.klines, ETH, "1m", window, None), candles)
    assert spans == [500, 500, 201]
    assert [each.open_time for each in found] == [at(60_000 * minute) for minute in range(1200)]
    assert all(each.closed for each in found)
    oldest, _ = asked(as_klines(past.klines, ETH, "1m", window, 3), candles)
    assert [each.open_time for each in oldest] == [at(0), at(60_000), at(120_000)]


def test_funding_now() -> None:
    """One request for all; when it settles is not told, and neither is the time of the answer."""
    found, asks = asked(rest.funding(ETH), answer)
    assert asks == [((RATES, {}, 1, ""),)]
    assert found == FundingRate(
        exchange="lighter",
        symbol="ETH",
        funding_rate=Decimal("0.000012"),
        predicted_rate=Decimal("0.000012"),
        funding_interval=Decimal(1),
        kind=FundingKind.PREDICTED,
        timestamp=None,
    )


def test_funding_history() -> None:
    """Asked for in seconds; an hour each."""
    flow = past.funding_history(ETH, Window(NOON, NOON + 5 * HOUR), None)
    found, asks = asked(flow, answer)
    query = {
        "resolution": "1h",
        "start_timestamp": str(T0 // 1000),
        "end_timestamp": str(T0 // 1000 + 5 * 3600),
        "count_back": "6",
    }
    assert asks == [((FUNDINGS, OF_ETH | query, 1, ""),)]
    assert found[1] == FundingRate(
        exchange="lighter",
        symbol="ETH",
        funding_rate=Decimal("-0.000002"),
        funding_time=NOON + HOUR,
        funding_interval=Decimal(1),
        kind=FundingKind.SETTLED,
        timestamp=NOON + HOUR,
    )
    assert [each.funding_time for each in found] == [NOON, NOON + HOUR]


def test_what_settles_at_the_end_of_the_window_is_not_in_it() -> None:
    """Windows are half-open, though the exchange is asked in whole seconds."""
    half = timedelta(milliseconds=500)
    flow = past.funding_history(ETH, Window(NOON - half, NOON + HOUR), None)
    assert [each.funding_time for each in asked(flow, answer)[0]] == [NOON]
    flow = past.funding_history(ETH, Window(NOON + half, NOON + 2 * HOUR), None)
    assert [each.funding_time for each in asked(flow, answer)[0]] == [NOON + HOUR]


def test_funding_history_in_pages() -> None:
    """500 hours a request, counted back from the end, which is another's; the oldest of the limit;
    a hole does not end it.
    """
    asked_for: list[int] = []

    def settled(request: Request) -> bytes:
        first, last = (int(request.query[f"{end}_timestamp"]) for end in ("start", "end"))
        asked_for.append(int(request.query["count_back"]))
        hours = [hour for hour in range(-(-first // 3600), last // 3600 + 1) if hour % 7]
        row = {"rate": "0.0012", "direction": "long", "value": "1"}
        told = [row | {"timestamp": hour * 3600} for hour in hours]
        return body(SETTLED | {"fundings": told[-asked_for[-1] :]})

    window = Window(NOON, NOON + 1200 * HOUR)
    found, _ = asked(past.funding_history(ETH, window, None), settled)
    assert asked_for == [500, 500, 203]
    start = T0 // 3_600_000
    expected = [hour for hour in range(1200) if (start + hour) % 7]
    assert [each.funding_time for each in found] == [NOON + hour * HOUR for hour in expected]
    few, _ = asked(past.funding_history(ETH, window, 3), settled)
    assert [each.funding_time for each in few] == [each.funding_time for each in found[:3]]


@pytest.mark.parametrize("spoilt", [{"direction": "up"}, {"rate": "-0.0012"}, {"direction": None}])
def test_a_rate_whose_sign_is_not_sure_is_reported(spoilt: Json) -> None:
    """The sign is the direction's alone: any other, or a sign of its own, is no rate we know."""
    row: Json = {"timestamp": T0 // 1000, "rate": "0.0012", "direction": "long"}
    fundings = [row, row | {"timestamp": T0 // 1000 + 3600} | spoilt]
    bad: list[Unreadable] = []
    flow = past.funding_history(ETH, Window(NOON, NOON + 5 * HOUR), None)
    found, _ = asked(flow, partial(with_, {FUNDINGS: SETTLED | {"fundings": fundings}}), bad)
    assert [each.funding_rate for each in found] == [Decimal("0.000012")]
    assert "row 1: " in str(bad[0])
