"""How far a backfill is, in words."""

from datetime import timedelta

import pytest

from perps_stats.cli.progress import Counted, duration, line

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0.4, "0 s"), (59.6, "1 min 00 s"), (200, "3 min 20 s"), (3899, "1 h 04 min")],
)
def test_a_duration_in_words(seconds: float, expected: str) -> None:
    """Of two units at most, rounded to whole seconds."""
    assert duration(seconds) == expected


@pytest.mark.parametrize(
    ("counted", "elapsed", "expected"),
    [
        (Counted(4 * HOUR, HOUR, rows=6000), 10.0, "x: 25%, 6,000 rows, 600/s, 30 s left"),
        (Counted(4 * HOUR, 4 * HOUR, rows=6000), 10.0, "x: 100%, 6,000 rows, 600/s"),
        (Counted(4 * HOUR), 10.0, "x: 0%, 0 rows, 0/s"),
        (Counted(0 * HOUR), 0.0, "x: 100%, 0 rows, 0/s"),
    ],
)
def test_a_line_tells_how_long_it_will_take(
    counted: Counted, elapsed: float, expected: str
) -> None:
    """At the pace so far; nothing is foretold before the first page."""
    assert line("x", counted, elapsed) == expected
