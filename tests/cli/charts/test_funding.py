"""Settled rates hold until their time; intervals are made comparable; a missing one is a hole."""

from decimal import Decimal

import pytest
from msgspec.structs import replace
from tests.cli.charts.made import HOUR, NOON, funding, market

from perps_stats.cli.charts.figure import Point, Run, Span
from perps_stats.cli.charts.funding import notes, panel, records, thinned

ONE, OTHER = market("binance"), market("lighter")


def point(hours: float, value: str) -> Point:
    return Point(NOON + hours * HOUR, Decimal(value))


def test_a_rate_holds_from_the_settlement_before_it() -> None:
    """The first one from the begin of its interval on; hourly rates count eightfold."""
    held = {
        ONE: [funding(0, "0.0001"), funding(8, "-0.0002")],
        OTHER: [funding(1, "0.0001", interval="1", exchange="lighter")],
    }
    shown = panel("BTC", held, "8h")
    assert (shown.unit, shown.stepped, shown.from_zero) == ("% per 8 h", True, True)
    assert shown.runs == (
        Run("binance", (point(-8, "0.01"), point(0, "0.01"), point(8, "-0.02")), begun=True),
        Run("lighter", (point(0, "0.08"), point(1, "0.08")), begun=True),
    )


def test_a_year_has_8760_hours() -> None:
    """Simple interest: 0.01 % each 8 hours are 10.95 % a year."""
    (run,) = panel("BTC", {ONE: [funding(0, "0.0001")]}, "year").runs
    assert [each.value for each in run.points] == [Decimal("10.95")] * 2


def test_a_missing_settlement_is_a_hole() -> None:
    """Also where an interval becomes shorter none is seen."""
    rates = [funding(0), funding(8), funding(24), funding(28, interval="4")]
    runs = panel("BTC", {ONE: rates}, "8h").runs
    times = [[(each.time - NOON) / HOUR for each in run.points] for run in runs]
    assert times == [[-8, 0, 8], [16, 24, 28]]


def test_a_settlement_a_little_late_is_none() -> None:
    """Exchanges settle milliseconds, and seconds, after the hour."""
    late = funding(8)
    time = NOON + 8.01 * HOUR
    rates = [funding(0), replace(late, funding_time=time, timestamp=time)]
    assert len(panel("BTC", {ONE: rates}, "8h").runs) == 1


def test_a_rate_without_its_interval_is_left_out_and_it_is_said() -> None:
    """It cannot be compared."""
    held = {ONE: [funding(0, interval=None)]}
    assert panel("BTC", held, "8h").runs == ()
    assert list(notes("BTC", held, held)) == [
        "BTC: rates whose interval is not known are left out: binance"
    ]


@pytest.mark.parametrize(("missing", "expected"), [(None, [4, 12, 20]), (9, [4, 20])])
def test_too_many_are_shown_by_what_they_paid_together(
    missing: int | None, expected: list[int]
) -> None:
    """In windows of 8 hours of the day; one that lacks a rate is left out."""
    rates = [
        funding(number - 4, "0.00001", interval="1", exchange="lighter")
        for number in range(1, 25)
        if number - 1 != missing
    ]
    span = Span(NOON - 4 * HOUR, NOON + 20 * HOUR)
    shown = thinned(rates, span, 23 if missing is None else 22)
    assert [(rate.timestamp, rate.funding_rate, rate.funding_interval) for rate in shown] == [
        (NOON + hours * HOUR, Decimal("0.00008"), Decimal(8)) for hours in expected
    ]
    assert list(notes("BTC", {OTHER: rates}, {OTHER: shown})) == [
        f"lighter BTC: shown is what each 8 h paid, of {len(rates)} rates"
    ]


def test_few_enough_stay_as_they_are() -> None:
    """Nothing is said of them."""
    rates = [funding(0), funding(8)]
    span = Span(NOON, NOON + 9 * HOUR)
    assert thinned(rates, span, 2) is rates
    assert list(notes("BTC", {ONE: rates}, {ONE: rates})) == []


def test_the_numbers_say_the_rate_and_its_terms() -> None:
    """As fractions, exact."""
    (record,) = records({ONE: [funding(0, "0.00010", interval="4")]})
    assert record["funding_rate"] == "0.00010"
    assert (record["funding_8h"], record["funding_apr"]) == ("0.00020", "0.21900")
