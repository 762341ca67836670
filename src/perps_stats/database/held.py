"""What is told of the database: how much it holds, of what, and what that costs."""

from datetime import datetime

from msgspec import Struct


class Held(Struct, frozen=True, kw_only=True):
    """``rows`` is exact or an estimate. What grows is told by the last seven days, ``None`` where
    they hold less than one day. Times are the exchange's, of the first and the last row.
    """

    rows: int
    rows_exact: bool
    bytes: int
    """With indexes; of a market its share by rows."""
    bytes_per_row: float | None
    rows_per_day: float | None
    bytes_per_day: float | None
    first_ts: datetime | None
    last_ts: datetime | None
    contradictions: int
    """Rows that said otherwise than the stored one."""


class TableStats(Held, frozen=True, kw_only=True):
    table: str
    parts: int


class Holding(Held, frozen=True, kw_only=True):
    """What a table holds of one market."""

    table: str
    exchange: str
    symbol: str


class DatabaseStats(Struct, frozen=True, kw_only=True):
    """``free_bytes`` are those of the disk, known of our own database alone."""

    bytes: int
    bytes_per_day: float
    """Of the tables of which it is known."""
    free_bytes: int | None
    tables: list[TableStats]
    holdings: list[Holding]
    """Empty unless asked for."""

    @property
    def days_until_full(self) -> float | None:
        """At this pace. ``None`` where it is not known, or nothing grows."""
        if self.free_bytes is None or self.bytes_per_day <= 0:
            return None
        return self.free_bytes / self.bytes_per_day
