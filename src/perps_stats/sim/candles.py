"""Where candles begin: at multiples of their length since 1970, weeks on Mondays."""

from perps_stats.core.intervals import INTERVALS

MINUTE_MS = 60_000
WEEK, MONDAY = 10_080, 5_760
"""Minutes: a week, and the first Monday of 1970."""


def minutes_of(interval: str) -> int:
    return int(INTERVALS[interval].total_seconds()) // 60


def bar_start(minute: int, length: int) -> int:
    """The first minute of the bar, ``length`` minutes long, that holds ``minute``."""
    offset = MONDAY if length == WEEK else 0
    return minute - (minute - offset) % length
