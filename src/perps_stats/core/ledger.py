"""What the ledger says of streams: for how long each was collected and vouched for, and its gaps.

Seconds are of the exchange's time. Gaps that are open last until now.
"""

from datetime import datetime

from msgspec import Struct

from perps_stats.core.types import Fraction, GapCause, Seconds


class StreamCoverage(Struct, frozen=True, kw_only=True):
    """What is known of a stream of a market over a span of time: the four parts are all of it."""

    exchange: str
    symbol: str
    stream: str
    start: datetime
    """Without a first time of the question, not before the stream was first heard."""
    end: datetime
    """At most now; of a stream that is being collected, up to where it is acknowledged."""
    verified: Seconds
    """Collected, and every message followed the one before it by the exchange's own count."""
    unverifiable: Seconds
    """Collected, while the exchange counts nothing: a message that it never sent us is not seen."""
    in_gaps: Seconds
    """We cannot vouch for it: see the gaps."""
    not_collected: Seconds
    """Nobody listened."""
    gap_pct: Fraction | None
    """Of the time in which somebody listened, rounded to six digits. ``None``: nobody did."""


class GapSum(Struct, frozen=True, kw_only=True):
    """The gaps of a stream with one cause, over all markets of the question."""

    stream: str
    cause: GapCause
    gaps: int
    open: int
    collected: int
    """Of those that are open: of streams that a running collector has heard."""
    unrepaired: int
    seconds: Seconds
    missed: int | None
    """Messages, of the gaps of which it is known. ``None``: of none."""
    rows_recovered: int | None
