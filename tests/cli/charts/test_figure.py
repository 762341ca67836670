"""Lines break where something is missing, and change where values become floors."""

from decimal import Decimal

import pytest
from tests.cli.charts.made import HOUR, MINUTE, NOON

from perps_stats.cli.charts.figure import Point, Run, Span, listed, minute, runs_of


def points(*text: str) -> list[Point]:
    """``3:5f``: three hours after noon the value 5, a floor."""
    parts = [(each.partition(":"), each.endswith("f")) for each in text]
    return [
        Point(NOON + int(hour) * HOUR, Decimal(value.rstrip("f")), floor)
        for (hour, _, value), floor in parts
    ]


def near(left: Point, right: Point) -> bool:
    return right.time - left.time <= HOUR


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([], []),
        (["0:1"], [["0:1"]]),
        (["0:1", "1:2", "2:3"], [["0:1", "1:2", "2:3"]]),
        (["0:1", "1:2", "4:3"], [["0:1", "1:2"], ["4:3"]]),
        (["0:1", "3:2", "6:3"], [["0:1"], ["3:2"], ["6:3"]]),
    ],
)
def test_a_line_breaks_where_neighbours_are_not_joined(
    given: list[str], expected: list[list[str]]
) -> None:
    """Each stretch without a hole is a run of its own."""
    runs = list(runs_of("binance", points(*given), near))
    assert [Run("binance", tuple(points(*each))) for each in expected] == runs


def test_floors_begin_a_run_at_the_point_before() -> None:
    """A line to or from a floor is one of floors; no hole is seen where it begins and ends."""
    runs = list(runs_of("binance", points("0:1", "1:2", "2:3f", "3:4", "4:5"), near))
    expected = [(["0:1", "1:2"], False), (["1:2", "2:3f", "3:4"], True), (["3:4", "4:5"], False)]
    assert [Run("binance", tuple(points(*each)), floor) for each, floor in expected] == runs


def test_a_single_floor_is_a_run_of_floors() -> None:
    """Also where no line reaches it."""
    assert [Run("b", tuple(points("0:1f")), floor=True)] == list(runs_of("b", points("0:1f"), near))


def test_times_are_told_to_the_nearest_minute() -> None:
    """A settlement a few milliseconds early does not look like one of the minute before."""
    assert minute(NOON - MINUTE / 1000) == "2026-03-02 12:00"
    assert str(Span(NOON, NOON + HOUR)) == "2026-03-02 12:00 to 2026-03-02 13:00 UTC"


def test_names_are_listed_once() -> None:
    """In their order."""
    assert listed(["b", "a", "b"]) == "b, a"
