"""Axes of a terminal: round places, short labels, moments that are easy to read."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cli.charts.made import HOUR, MINUTE, NOON

from perps_stats.cli.charts.scales import labels, places, times


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 10, [0, 5, 10]),
        (0, 8.1, [0, 5, 10]),
        (-0.013, 0.033, [-0.02, 0, 0.02, 0.04]),
        (83_900, 88_800, [82_000, 84_000, 86_000, 88_000, 90_000]),
        (5, 5, [4.95, 5, 5.05]),
        (0, 0, [-1, -0.5, 0, 0.5, 1]),
    ],
)
def test_round_places_enclose_what_is_shown(low: float, high: float, expected: list[float]) -> None:
    """Steps of 1, 2 or 5 times a power of ten; a single value has room on both sides."""
    assert places(low, high, 6) == pytest.approx(expected)


@given(st.floats(-1e12, 1e12), st.floats(1e-9, 1e12), st.integers(4, 12))
def test_places_enclose_any_range(low: float, length: float, most: int) -> None:
    """And are few."""
    high = low + length
    found = places(low, high, most)
    room = (found[1] - found[0]) / 1e6
    assert found[0] <= low + room
    assert found[-1] >= high - room
    assert 2 <= len(found) <= most + 2


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0, 0.5, 1], ["0.0", "0.5", "1.0"]),
        ([82_000, 84_000], ["82,000", "84,000"]),
        ([0, 2e6, 4e6], ["0M", "2M", "4M"]),
        ([0, 5e5, 1e6], ["0.0M", "0.5M", "1.0M"]),
        ([0, 50_000, 100_000], ["0k", "50k", "100k"]),
        ([0.00001, 0.00002], ["0.00001", "0.00002"]),
    ],
)
def test_labels_have_the_decimals_of_their_distance(
    values: list[float], expected: list[str]
) -> None:
    """Great numbers are in thousands and millions."""
    assert labels(values) == expected


@pytest.mark.parametrize(
    ("length", "most", "expected"),
    [
        (7 * 24 * HOUR, 8, ["03 Mar", "04 Mar", "05 Mar", "06 Mar", "07 Mar", "08 Mar", "09 Mar"]),
        (15 * HOUR, 5, ["12:00", "15:00", "18:00", "21:00", "03 Mar", "03:00"]),
        (MINUTE, 3, ["12:00:00", "12:00:30", "12:01:00"]),
        (400 * 24 * HOUR, 5, ["Apr 2026", "Jul 2026", "Oct 2026", "Jan 2027", "Apr 2027"]),
        (9000 * 24 * HOUR, 3, ["Jan 2030", "Jan 2040", "Jan 2050"]),
        (timedelta(milliseconds=800), 5, ["12:00:00"]),
    ],
)
def test_moments_are_round(length: timedelta, most: int, expected: list[str]) -> None:
    """Midnight is told by its date, far moments by their month."""
    assert [label for _, label in times(NOON, NOON + length, most)] == expected


def test_where_no_moment_is_round_the_ends_are_told() -> None:
    """A third of a second has no whole one."""
    start = NOON + timedelta(milliseconds=100)
    end = start + timedelta(milliseconds=300)
    assert times(start, end, 5) == [(start, "12:00:00"), (end, "12:00:00")]
