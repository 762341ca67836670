"""The charting library's resolutions, and our intervals.

https://www.tradingview.com/charting-library-docs/latest/core_concepts/Resolution/: ``5`` is five
minutes, ``240`` four hours, ``1D`` or ``D`` a day, ``1W`` a week. We have no ticks, seconds and
months.
"""

import re
from collections.abc import Collection
from datetime import timedelta

from msgspec import Struct

from perps_stats.core.errors import BadInput
from perps_stats.core.intervals import INTERVALS

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
SOURCE = "1m"
"""Candles of which all longer ones can be made."""
PATTERN = r"[1-9][0-9]{0,3}|([1-9]|[12][0-9]|3[01])?D|1?W"
NAMES = {length: name for name, length in INTERVALS.items()}


def interval_of(resolution: str) -> str:
    """Raises ``BadInput``."""
    if not re.fullmatch(PATTERN, resolution):
        raise BadInput("resolution", resolution, "use minutes (1, 60, 240), days (1D, 3D) or 1W")
    unit = {"D": DAY, "W": WEEK}.get(resolution[-1], MINUTE)
    length = int(resolution.rstrip("DW") or "1") * unit
    return NAMES.get(length, f"{length // MINUTE}m")


def length_of(interval: str) -> timedelta:
    """Of what ``interval_of`` gives."""
    known = INTERVALS.get(interval)
    return int(interval.removesuffix("m")) * MINUTE if known is None else known


class Resolutions(Struct, frozen=True):
    """What can be charted, as the counts of minutes, days and weeks."""

    minutes: list[str]
    days: list[str]
    weeks: list[str]

    @property
    def all(self) -> list[str]:
        return [
            *self.minutes,
            *(f"{days}D" for days in self.days),
            *(f"{weeks}W" for weeks in self.weeks),
        ]


def resolutions(stored: Collection[str]) -> Resolutions:
    """Of the intervals that are stored, and of all where those of a minute are."""
    lengths = [length for name, length in INTERVALS.items() if name in stored or SOURCE in stored]
    return Resolutions(
        [str(each // MINUTE) for each in lengths if each < DAY],
        [str(each // DAY) for each in lengths if DAY <= each < WEEK],
        [str(each // WEEK) for each in lengths if each >= WEEK],
    )


EVERY = resolutions([SOURCE])
