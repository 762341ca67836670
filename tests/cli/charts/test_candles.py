"""Candles are made longer without losing or inventing anything."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace
from tests.cli.charts.made import HOUR, NOON, kline

from perps_stats.cli.charts.candles import drawn_interval, made_of, merged, opening
from perps_stats.cli.charts.figure import Span

FOUR = ["100 110 95 105", "105 120 104 106", "106 107 80 90", "90 99 89 98"]


@pytest.mark.parametrize(
    ("asked", "days", "most", "expected"),
    [
        ("1h", 7, 168, "1h"),
        ("1h", 7, 167, "2h"),
        ("1m", 365, 450, "1d"),
        ("1d", 365, 100, "1w"),
        ("3d", 30, 10, "3d"),
        ("1w", 7000, 10, "1w"),
    ],
)
def test_the_shortest_interval_that_fits(asked: str, days: int, most: int, expected: str) -> None:
    """Never a shorter one than was asked for; not of three days, which begin anywhere."""
    assert drawn_interval(asked, Span(NOON, NOON + timedelta(days=days)), most) == expected


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        ("1m", ["1m"]),
        ("15m", ["15m", "5m", "3m", "1m"]),
        ("3d", ["3d"]),
        ("1d", ["1d", "12h", "8h", "6h", "4h", "2h", "1h", "30m", "15m", "5m", "3m", "1m"]),
    ],
)
def test_what_a_candle_may_be_made_of(interval: str, expected: list[str]) -> None:
    """Whatever divides it, the longest first."""
    assert made_of(interval) == expected


def test_weeks_begin_on_mondays_and_days_at_midnight() -> None:
    """In UTC."""
    assert opening(NOON, timedelta(weeks=1)) == datetime(2026, 3, 2, tzinfo=UTC)
    assert opening(NOON - 13 * HOUR, timedelta(weeks=1)) == datetime(2026, 2, 23, tzinfo=UTC)
    assert opening(NOON, timedelta(days=1)) == datetime(2026, 3, 2, tzinfo=UTC)
    assert opening(NOON, 12 * HOUR) == NOON


def test_four_hours_make_one_candle() -> None:
    """First open, highest high, lowest low, last close; amounts are summed, exactly."""
    volumes = ["0.1", "0.2", "1e-30", "12345678901234567890.5"]
    hours = [
        replace(kline(at, prices, volume=volume), trades=at, turnover=Decimal(at))
        for at, (prices, volume) in enumerate(zip(FOUR, volumes, strict=True))
    ]
    (made,) = merged(hours, "4h")
    assert (made.open_time, made.close_time) == (NOON, NOON + 4 * HOUR)
    assert (made.open, made.high, made.low, made.close) == tuple(map(Decimal, (100, 120, 80, 98)))
    assert made.volume == Decimal("12345678901234567890.800000000000000000000000000001")
    assert (made.turnover, made.trades) == (Decimal(6), 6)
    assert (made.interval, made.aggregated_from, made.closed) == ("4h", "1h", True)


@pytest.mark.parametrize("missing", range(4))
def test_a_missing_part_is_a_hole(missing: int) -> None:
    """The four hours are not shown; those after them are."""
    hours = [kline(at) for at in range(8) if at != missing]
    assert [candle.open_time for candle in merged(hours, "4h")] == [NOON + 4 * HOUR]


def test_an_unknown_amount_makes_the_sum_unknown() -> None:
    """Null, never zero."""
    hours = [kline(at, volume=None if at == 2 else "1") for at in range(4)]
    (made,) = merged(hours, "4h")
    assert (made.volume, made.turnover, made.trades) == (None, None, None)


def test_candles_of_that_interval_stay_as_they_are() -> None:
    """Also where there are holes."""
    hours = [kline(0), kline(2)]
    assert list(merged(hours, "1h")) == hours
