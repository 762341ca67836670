"""Answers that need not be made again: last values from memory, and whole answers as bytes."""

from perps_stats.api.fast.fresh import STORED_SECONDS, Fresh, versions_of
from perps_stats.api.fast.front import FRESH, Front
from perps_stats.api.fast.last import Last, Told

__all__ = ["FRESH", "STORED_SECONDS", "Fresh", "Front", "Last", "Told", "versions_of"]
