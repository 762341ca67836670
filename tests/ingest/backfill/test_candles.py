"""A page of candles: which are final, what is missing, and the rows that are kept."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perps_stats.core.catalogue import KLINES
from perps_stats.core.errors import Unreadable
from perps_stats.core.spans import Span
from perps_stats.core.times import to_ms
from perps_stats.exchanges import EXCHANGES
from perps_stats.exchanges.contract import Candle, Candles
from perps_stats.ingest.backfill.candles import (
    KlinePast,
    answered_until,
    holes_in,
    kline_rows,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
WINDOW = Span(NOON, NOON + 10 * MINUTE)


def candle(minute: int) -> Candle:
    return Candle(to_ms(NOON + minute * MINUTE), "1.50", "2", "1", "1.5", "0.10", None, 7)


def minutes(first: int, after: int) -> Span:
    return Span(NOON + first * MINUTE, NOON + after * MINUTE)


@pytest.mark.parametrize(
    ("found", "settled", "expected"),
    [
        (Candles([candle(n) for n in range(10)], 10), NOON, 10),  # a later one proves the last
        (Candles([candle(n) for n in range(10)], 9), NOON, 9),  # the last may still change
        (Candles([candle(n) for n in range(5)], 4), NOON, 4),
        (Candles([candle(n) for n in range(5)], 4), NOON + 5 * MINUTE, 5),  # an hour ago
        (Candles([candle(n) for n in range(5)], 4), NOON + HOUR, 10),
        (Candles([], 0), NOON, 0),
        (Candles([], 0), NOON + 3 * MINUTE, 3),
        (Candles([], 0), NOON - HOUR, 0),
    ],
)
def test_up_to_where_a_window_is_answered(found: Candles, settled: datetime, expected: int) -> None:
    """By a later candle, else by age; what nobody knows yet is not answered."""
    until = answered_until(found, WINDOW, MINUTE, settled)
    assert until == NOON + expected * MINUTE


@given(st.sets(st.integers(0, 29)))
def test_holes_are_what_is_not_there(there: set[int]) -> None:
    """Every minute is in a candle or in exactly one hole."""
    holes = holes_in([candle(n) for n in sorted(there)], minutes(0, 30), MINUTE)
    missing = [
        minute
        for hole in holes
        for minute in range((hole.start - NOON) // MINUTE, (hole.end - NOON) // MINUTE)
    ]
    assert missing == sorted(set(range(30)) - there)
    assert all(left.end < right.start for left, right in pairwise(holes))


def test_rows_hold_the_text_of_the_exchange() -> None:
    """In the order of the columns; times are those that COPY takes; unknown is null."""
    [row] = kline_rows(7, "1m", [candle(59)])
    assert dict(zip(KLINES.columns, row, strict=True)) == {
        "market_id": "7",
        "interval": "1m",
        "ts": "2026-03-01 12:59:00+00",
        "close_time": "2026-03-01 13:00:00+00",
        "open": "1.50",
        "high": "2",
        "low": "1",
        "close": "1.5",
        "volume": "0.10",
        "turnover": None,
        "trades": "7",
        "closed": "t",
        "aggregated_from": None,
        "recv_ts": None,
    }


@pytest.mark.parametrize("opened", [[0, 5, 10], [0, 5, 15], [0, 4, 10], [10, 5, 0], [0, 0]])
def test_each_closes_its_length_after_it_opens(opened: list[int]) -> None:
    """Wherever the next one opens."""
    closed = [row[3] for row in kline_rows(7, "5m", [candle(minute) for minute in opened])]
    assert [f"2026-03-01 12:{minute + 5:02}:00+00" for minute in opened] == closed


def test_a_day_ends_at_the_next_midnight() -> None:
    """Also that of the last day of a leap February."""
    opens = Candle(to_ms(datetime(2024, 2, 29, tzinfo=UTC)), "1", "1", "1", "1")
    [row] = kline_rows(7, "1d", [opens], "1h")
    named = dict(zip(KLINES.columns, row, strict=True))
    assert named["ts"] == "2024-02-29 00:00:00+00"
    assert named["close_time"] == "2024-03-01 00:00:00+00"
    assert named["aggregated_from"] == "1h"


def test_a_candle_between_two_minutes_is_unreadable() -> None:
    """No interval begins there: nothing is rounded."""
    odd = Candle(to_ms(NOON) + 1, "1", "1", "1", "1")
    with pytest.raises(Unreadable, match="between minutes"):
        kline_rows(7, "1m", [odd])


@pytest.mark.parametrize(
    ("interval", "span", "now", "expected"),
    [
        ("1m", minutes(0, 5), NOON + HOUR, minutes(0, 5)),
        ("1m", Span(NOON + MINUTE / 2, NOON + 5.5 * MINUTE), NOON + HOUR, minutes(1, 5)),
        ("1m", minutes(0, 50), NOON + 3.5 * MINUTE, minutes(0, 3)),
        ("1m", minutes(10, 50), NOON, minutes(10, 10)),
        ("1h", Span(NOON - HOUR / 2, NOON + 3 * HOUR), NOON + 2 * HOUR, minutes(0, 120)),
        (
            "1w",
            Span(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 20, tzinfo=UTC)),
            datetime(2026, 4, 1, tzinfo=UTC),
            Span(datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 16, tzinfo=UTC)),
        ),
    ],
)
def test_only_whole_intervals_that_are_over_are_asked_for(
    interval: str, span: Span, now: datetime, expected: Span
) -> None:
    """A candle is wanted where it begins and ends within the span; weeks begin on Mondays."""
    assert KlinePast(EXCHANGES["binance"], interval).whole(span, now) == expected
