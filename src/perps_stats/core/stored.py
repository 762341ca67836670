"""What the database is asked and tells: rows, queries, progress. See ``traits.Repository``."""

from collections.abc import Mapping
from datetime import datetime
from typing import TypeAlias

from msgspec import Struct

from perps_stats.core.spans import Span
from perps_stats.core.types import Gap, Number, Price

Row: TypeAlias = tuple[str | None, ...]
"""One row as PostgreSQL text, in the order of ``DataSet.columns``; ``None`` is SQL null."""


class Mark(Struct, frozen=True):
    """How far a stream of a market is acknowledged: everything up to ``last_ts`` is stored."""

    market_id: int
    stream: str
    first_ts: datetime
    last_ts: datetime


class StoredSession(Struct, frozen=True):
    """A collecting session, when it began, and how far each of its streams is stored."""

    session: int
    started_at: datetime
    marks: list[Mark]


class Filled(Struct, frozen=True):
    """A span of a market's history was asked for and answered, with rows or without."""

    market_id: int
    data_set: str
    interval: str
    """Of candles; else empty."""
    span: Span


class ClosedGap(Struct, frozen=True):
    """A gap that has an end, and the number of its market."""

    market_id: int
    gap: Gap


class Progress(Struct, frozen=True):
    """What was answered of a series, and where the exchange's history of it begins, if known."""

    market_id: int
    data_set: str
    interval: str
    earliest: datetime | None
    covered: list[Span]


class Written(Struct, frozen=True):
    """What became of rows that were to be stored.

    ``new`` are stored now; ``known`` were stored already, or came twice; those ``contradicting``
    say otherwise than the stored row of their key, which stays.
    """

    new: int = 0
    known: int = 0
    contradicting: int = 0

    def __add__(self, other: "Written") -> "Written":
        return Written(
            self.new + other.new,
            self.known + other.known,
            self.contradicting + other.contradicting,
        )


class Cursor(Struct, frozen=True):
    """Where a page ended: the time of its last row, and what tells rows of that time apart."""

    time: datetime
    rest: tuple[str, ...]


class Query(Struct, frozen=True, kw_only=True):
    """Which rows: ``None`` does not restrict. The span is half-open; ``after`` continues a page.

    ``markets`` names them by exchange and symbol, whatever ``exchange`` and ``symbol`` say beside.
    ``only`` are values of fields of the data set's key, as text: ``{"side": "buy"}``.
    """

    exchange: str | None = None
    symbol: str | None = None
    markets: tuple[tuple[str, str], ...] | None = None
    only: Mapping[str, str] = {}
    start: datetime | None = None
    end: datetime | None = None
    limit: int = 500
    after: Cursor | None = None
    newest_first: bool = False


class GapFilter(Struct, frozen=True, kw_only=True):
    """Which gaps, beside a ``Query``: ``None`` and empty do not restrict."""

    streams: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    still_open: bool | None = None
    unrepaired: bool | None = None


ALL_GAPS = GapFilter()


class Shown(Struct, frozen=True, kw_only=True):
    """How records are told as text: decimals as JSON strings or ``as_numbers``, at most ``depth``
    levels of a side of a book (``None``: all), without the first ``skip`` records.
    """

    as_numbers: bool = False
    depth: int | None = None
    skip: int = 0


class Mean(Struct, frozen=True):
    """Over so many samples. ``at_least``: in one of them it was a floor."""

    value: Number
    samples: int
    at_least: bool


class HeldHour(Struct, frozen=True, kw_only=True):
    """What is stored of a market's hour from ``timestamp`` on, by the measure that is shared: of
    bands what lies within them on both sides (quote).
    """

    exchange: str
    symbol: str
    timestamp: datetime
    mid_price: Price | None
    means: dict[str, Mean]


class StoredExchange(Struct, frozen=True):
    """An exchange that we hold markets of. ``simulated``: its data came from our simulator."""

    name: str
    simulated: bool


class StoredTable(Struct, frozen=True, kw_only=True):
    """How much of a data set is kept. ``rows`` may be the server's estimate: see ``exact``."""

    data_set: str
    rows: int
    exact: bool
    bytes: int
    first: datetime | None
    """The exchange's time of the oldest row."""
    last: datetime | None


class StoredSeries(Struct, frozen=True, kw_only=True):
    """How many rows of a data set a market has: counted, or estimated (``exact`` says which)."""

    data_set: str
    exchange: str
    symbol: str
    rows: int
    exact: bool
