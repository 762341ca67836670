"""Resolutions of the charting library are intervals of ours, and back."""

from datetime import timedelta

import pytest

from perps_stats.api.udf.resolutions import EVERY, Resolutions, interval_of, length_of, resolutions
from perps_stats.core.errors import BadInput
from perps_stats.core.intervals import INTERVALS


@pytest.mark.parametrize(
    ("resolution", "interval", "minutes"),
    [
        ("1", "1m", 1),
        ("45", "45m", 45),
        ("60", "1h", 60),
        ("240", "4h", 240),
        ("D", "1d", 1440),
        ("1D", "1d", 1440),
        ("2D", "2880m", 2880),
        ("3D", "3d", 4320),
        ("W", "1w", 10080),
        ("1W", "1w", 10080),
    ],
)
def test_a_resolution_is_an_interval(resolution: str, interval: str, minutes: int) -> None:
    """Minutes without a letter, days, a week; hours are minutes."""
    assert interval_of(resolution) == interval
    assert length_of(interval) == timedelta(minutes=minutes)


@pytest.mark.parametrize("resolution", ["", "0", "1S", "1T", "1M", "2W", "32D", "1h", "-5", "5 "])
def test_what_there_is_not(resolution: str) -> None:
    """Ticks, seconds, months, and what is no resolution."""
    with pytest.raises(BadInput, match=r"use minutes \(1, 60, 240\), days \(1D, 3D\) or 1W"):
        interval_of(resolution)


def test_every_interval_is_a_resolution() -> None:
    """Of all there is one, in the order of their lengths, and it leads back."""
    assert [interval_of(each) for each in EVERY.all] == list(INTERVALS)


def test_what_is_stored_can_be_charted() -> None:
    """And of minutes everything can be made."""
    assert resolutions([]) == Resolutions([], [], [])
    assert resolutions(["4h", "1d"]) == Resolutions(["240"], ["1"], [])
    assert resolutions(["1m"]) == EVERY
