"""How collecting goes, at one moment: what connections, books, gaps, limits and the writer are.

Counts are since the start of the process. ``None``: not known, or nothing to know it of.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from perps_stats.core.distributions import Distribution


class ChannelVitals(Struct, frozen=True, kw_only=True):
    """``lag_seconds`` is the receive time of the last message minus the exchange's time in it:
    below zero where the exchange's clock is ahead of ours, ``None`` where it bears none. Of
    candles and estimates of funding there is none: their time is not that of sending.

    ``lags`` are those of one message of each connection at each look of the observer.
    """

    channel: str
    messages: int
    last_message: datetime | None
    """When it was received."""
    lag_seconds: float | None
    lags: Distribution
    open_gaps: Mapping[str, int]
    """By cause."""


class PollVitals(Struct, frozen=True, kw_only=True):
    """Questions by REST, asked again and again of what is not streamed."""

    data_set: str
    asked: int
    failed: int
    rows: int
    skipped: int
    """Points of the schedule that were left out, as the round before was still under way."""
    drift_seconds: float
    """How much later than due the last question was asked."""


class WeightVitals(Struct, frozen=True, kw_only=True):
    """Request weight of a pool within its window, as we count it, and what fits in."""

    pool: str
    used: int
    limit: int


class ExchangeVitals(Struct, frozen=True, kw_only=True):
    """``connections`` are open now, of so many ``wanted``; both 0 until collecting has ``begun``.

    ``books`` says of each symbol whether its book is verified; ``resyncs`` counts the breaks after
    which one was verified again.
    """

    exchange: str
    begun: bool
    connections: int
    wanted: int
    connected: int
    """How often a connection was opened."""
    frames: int
    unreadable: int
    channels: tuple[ChannelVitals, ...]
    """Of the streams, and of what is polled: that has no messages, but gaps."""
    polls: tuple[PollVitals, ...]
    books: Mapping[str, bool]
    resyncs: int
    snapshots: int
    """Those asked for by REST that a book was begun from."""
    weights: tuple[WeightVitals, ...]
    waits: int
    """Requests that had to wait for their turn, for ``waited_seconds`` together."""
    waited_seconds: float
    slowed: int
    """Answers that told us to slow down; ``bans`` those of them that banned us."""
    bans: int
    banned: bool

    @property
    def messages(self) -> int:
        return sum(channel.messages for channel in self.channels)

    @property
    def open_gaps(self) -> int:
        return sum(sum(channel.open_gaps.values()) for channel in self.channels)

    @property
    def verified(self) -> int:
        return sum(self.books.values())

    @property
    def lag_seconds(self) -> float | None:
        """Of the channel that lags most."""
        known = (channel.lag_seconds for channel in self.channels)
        return max((lag for lag in known if lag is not None), default=None)


class SpoolVitals(Struct, frozen=True, kw_only=True):
    """What the database has not taken yet, on disk. ``damaged`` counts records that could not be
    read back, ``dropped`` rows for which there was no room.
    """

    bytes: int
    limit_bytes: int
    records: int
    oldest_seconds: float | None
    """How long the oldest record waits; ``None`` where none does."""
    spooled: int
    """Rows that came by way of the spool."""
    dropped: int
    damaged: int


class WriterVitals(Struct, frozen=True, kw_only=True):
    """Rows that were written, and what became of them; those ``waiting`` are in memory.

    ``gaps_opened`` and ``gaps_closed`` are by exchange, channel and cause.
    """

    rows: int
    new: int
    contradicting: int
    refused: int
    waiting: int
    write_seconds: Distribution
    last_error: str | None
    """Why the last write failed; ``None`` once one has succeeded."""
    gaps_opened: Mapping[tuple[str, str, str], int]
    gaps_closed: Mapping[tuple[str, str, str], int]
    spool: SpoolVitals

    @property
    def known(self) -> int:
        """Rows that were stored already."""
        return self.rows - self.new - self.contradicting - self.refused


class Vitals(Struct, frozen=True, kw_only=True):
    time: datetime
    exchanges: tuple[ExchangeVitals, ...]
    writer: WriterVitals


class Observed(Protocol):
    """Can be looked at any time: see ``observer.Observer``."""

    def vitals(self) -> Vitals: ...
