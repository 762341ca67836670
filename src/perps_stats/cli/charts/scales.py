"""Round places on an axis, and what is written at them on a terminal."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import ceil, floor, isclose, log10

from perps_stats.cli.charts.candles import MONDAY

ROUND = (1, 2, 5, 10)
SHORT = {1e9: "G", 1e6: "M", 1e3: "k"}
LONGEST_WHOLE = 100_000
"""Greater numbers are written in thousands or millions, if the places are round in them."""
STEPS = tuple(
    timedelta(seconds=seconds)
    for unit, counts in (
        (1, (1, 2, 5, 10, 15, 30)),
        (60, (1, 2, 5, 10, 15, 30)),
        (3600, (1, 2, 3, 6, 12)),
        (86_400, (1, 2, 4, 7, 14)),
    )
    for seconds in (count * unit for count in counts)
)
MONTHS = (1, 2, 3, 6, 12, 24, 60, 120)
MONTH = timedelta(days=30)


def places(low: float, high: float, most: int) -> list[float]:
    """At most so many round numbers that enclose ``low`` and ``high``."""
    if isclose(low, high):
        room = abs(low) / 100 or 1.0
        low, high = low - room, high + room
    rough = (high - low) / max(most - 2, 1)
    power = floor(log10(rough))
    step = next(
        Decimal(each).scaleb(power) for each in ROUND if each * 10.0**power >= rough * 0.999
    )
    first, last = floor(low / float(step)), ceil(high / float(step))
    return [float(number * step) for number in range(first, last + 1)]


def labels(values: Sequence[float]) -> list[str]:
    """Numbers at regular distances, all with the same decimals."""
    step = values[1] - values[0]
    for unit, name in SHORT.items():
        if max(map(abs, values)) >= LONGEST_WHOLE and step >= unit / 10:
            return [f"{value / unit:,.{_decimals(step / unit)}f}{name}" for value in values]
    return [f"{value:,.{_decimals(step)}f}" for value in values]


def _decimals(step: float) -> int:
    return max(0, -floor(log10(step) + 1e-9))


def times(start: datetime, end: datetime, most: int) -> list[tuple[datetime, str]]:
    """Round moments from ``start`` to ``end``, at most so many steps, with what is written there.

    Midnight is told by its date. Where there is no round moment, the ends are told.
    """
    step = next((each for each in STEPS if (end - start) / each <= most), None)
    if step is None:
        return _months(start, end, most)
    last = end - (end - MONDAY) % step
    count = (last - start) // step
    moments = [last - number * step for number in range(count, -1, -1)] or [start, end]
    return [(moment, _label(moment, step)) for moment in moments]


def _months(start: datetime, end: datetime, most: int) -> list[tuple[datetime, str]]:
    """Their first days, where weeks would be too many."""
    step = next((each for each in MONTHS if (end - start) / (each * MONTH) <= most), MONTHS[-1])
    numbers = range(start.year * 12 // step * step, end.year * 12 + 12, step)
    firsts = [datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC) for number in numbers]
    return [(first, f"{first:%b %Y}") for first in firsts if start <= first <= end]


def _label(moment: datetime, step: timedelta) -> str:
    if not (moment.hour or moment.minute or moment.second):
        return f"{moment:%d %b}"
    return f"{moment:%H:%M:%S}" if step < timedelta(minutes=1) else f"{moment:%H:%M}"
