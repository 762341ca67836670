"""Candle intervals: their names and lengths."""

from datetime import datetime, timedelta

from perps_stats.core.errors import BadInput
from perps_stats.core.times import EPOCH

MONDAY = EPOCH + timedelta(days=4)

INTERVALS: dict[str, timedelta] = {
    "1m": timedelta(minutes=1),
    "3m": timedelta(minutes=3),
    "5m": timedelta(minutes=5),
    "15m": timedelta(minutes=15),
    "30m": timedelta(minutes=30),
    "1h": timedelta(hours=1),
    "2h": timedelta(hours=2),
    "4h": timedelta(hours=4),
    "6h": timedelta(hours=6),
    "8h": timedelta(hours=8),
    "12h": timedelta(hours=12),
    "1d": timedelta(days=1),
    "3d": timedelta(days=3),
    "1w": timedelta(weeks=1),
}


def interval_length(interval: str) -> timedelta:
    """Raises ``BadInput`` for a name that is not in ``INTERVALS``."""
    try:
        return INTERVALS[interval]
    except KeyError:
        raise BadInput("interval", interval, f"use one of {', '.join(INTERVALS)}") from None


def opening(time: datetime, interval: str) -> datetime:
    """When the candle opens that ``time`` falls into: at multiples of its length since 1970, weeks
    on Mondays.
    """
    origin = MONDAY if interval == "1w" else EPOCH
    return time - (time - origin) % interval_length(interval)
