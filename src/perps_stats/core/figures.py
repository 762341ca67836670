"""What is derived from what exchanges say: depth, slippage, funding in comparable terms.

Units and ``None`` as in ``types.py``. A figure of a book has the book's own time.
"""

from datetime import datetime

from msgspec import Struct

from perps_stats.core.types import (
    Base,
    Bps,
    Fraction,
    FundingKind,
    Hours,
    Number,
    Price,
    Quote,
    Seconds,
    Side,
)


class LiquidityDepthStats(Struct, frozen=True, kw_only=True):
    """Value resting within a distance from mid, per side. ``timestamp`` is the book's own.

    A band deeper than ``reach_*_bps`` of a book that is not complete is a floor: at least so much.
    """

    timestamp: datetime | None
    exchange: str
    symbol: str
    mid_price: Price | None = None
    bid_1bps: Quote | None = None
    bid_2_5bps: Quote | None = None
    bid_5bps: Quote | None = None
    bid_10bps: Quote | None = None
    bid_20bps: Quote | None = None
    bid_50bps: Quote | None = None
    bid_100bps: Quote | None = None
    ask_1bps: Quote | None = None
    ask_2_5bps: Quote | None = None
    ask_5bps: Quote | None = None
    ask_10bps: Quote | None = None
    ask_20bps: Quote | None = None
    ask_50bps: Quote | None = None
    ask_100bps: Quote | None = None
    reach_bid_bps: Bps | None = None
    reach_ask_bps: Bps | None = None
    complete: bool = False
    recv_ts: datetime | None = None


class LiquidityAverages(Struct, frozen=True, kw_only=True):
    """Means over a window from ``timestamp`` on, weighted by time. ``None`` where nothing is known.

    The three counts of seconds sum to the window's length. A band deeper than ``reach_*_bps``, the
    least of the window, was a floor for some of it, and so is its mean: at least so much.
    """

    timestamp: datetime
    exchange: str
    symbol: str
    mid_price: Price | None = None
    spread_bps: Bps | None = None
    bid_1bps: Quote | None = None
    bid_2_5bps: Quote | None = None
    bid_5bps: Quote | None = None
    bid_10bps: Quote | None = None
    bid_20bps: Quote | None = None
    bid_50bps: Quote | None = None
    bid_100bps: Quote | None = None
    ask_1bps: Quote | None = None
    ask_2_5bps: Quote | None = None
    ask_5bps: Quote | None = None
    ask_10bps: Quote | None = None
    ask_20bps: Quote | None = None
    ask_50bps: Quote | None = None
    ask_100bps: Quote | None = None
    reach_bid_bps: Bps | None = None
    reach_ask_bps: Bps | None = None
    complete: bool = False
    """Whether every book in it was whole."""
    exact_seconds: Seconds
    """In which all bands were exact."""
    floor_seconds: Seconds
    """In which some band was a floor."""
    suspect_seconds: Seconds
    """Left out: the book was suspect, or had no mid."""


class DepthLevel(Struct, frozen=True, kw_only=True):
    """Cumulative base quantity within ``mid * (1 +- percentage)``."""

    percentage: Fraction
    bid_volume: Base | None
    ask_volume: Base | None
    floor: bool
    """Whether the book ends before the distance, so that the volumes are lower bounds."""


class MarketDepth(Struct, frozen=True, kw_only=True):
    exchange: str
    symbol: str
    mid_price: Price | None
    levels: list[DepthLevel]
    timestamp: datetime | None


class Slippage(Struct, frozen=True, kw_only=True):
    """The cost of taking ``trade_amount`` from the book at once, against a reference price."""

    exchange: str
    symbol: str
    side: Side
    trade_amount: Quote
    reference: str
    """``mid`` or ``mark``."""
    reference_price: Price | None = None
    avg_price: Price | None = None
    slippage_bps: Bps | None = None
    slippage_pct: Fraction | None = None
    fillable: bool | None = None
    """``None`` where the book is unusable, or ends before the amount while more may lie deeper."""
    max_amount: Quote | None = None
    """The greatest amount the received side can fill, where it cannot fill this one."""
    fee: Quote | None = None
    """Only when a fee was asked for; never part of ``slippage_bps``."""
    timestamp: datetime | None
    recv_ts: datetime | None = None


class FundingTerms(Struct, frozen=True, kw_only=True):
    """A funding rate in terms that compare between exchanges: what a long pays."""

    exchange: str
    symbol: str
    funding_per_hour: Fraction | None = None
    funding_8h: Fraction | None = None
    funding_apr: Fraction | None = None
    """Over a year of 8,760 hours, without compounding."""


class FundingPair(Struct, frozen=True, kw_only=True):
    """Long where funding is lowest and short where it is highest, before any cost."""

    base: str
    long_exchange: str
    long_symbol: str
    short_exchange: str
    short_symbol: str
    long_apr: Fraction | None
    short_apr: Fraction | None
    earned_per_hour: Fraction | None
    earned_8h: Fraction | None
    earned_apr: Fraction | None


class IntervalChange(Struct, frozen=True, kw_only=True):
    """From ``timestamp`` on, funding was settled at another interval than before."""

    exchange: str
    symbol: str
    before: Hours
    after: Hours
    timestamp: datetime


class Summary(Struct, frozen=True, kw_only=True):
    """A figure over an hour, in the figure's own unit; of those samples that told it."""

    average: Number | None
    minimum: Number | None
    maximum: Number | None
    last: Number | None
    samples: int
    floors: int | None = None
    """Of how many samples it was a lower bound; of bands alone."""


class Hour(Struct, frozen=True, kw_only=True):
    """What the samples of a market say of the hour from ``timestamp`` on."""

    exchange: str
    symbol: str
    timestamp: datetime
    samples: int
    figures: dict[str, Summary]
    """By the name of the field: ``last_price``, ``bid_5bps``, ``spread_bps``."""


class Hole(Struct, frozen=True, kw_only=True):
    """A half-open span of a series without rows."""

    start: datetime
    end: datetime
    answered: bool
    """Whether the exchange was asked for all of it, and had nothing."""


class Coverage(Struct, frozen=True, kw_only=True):
    """What is held of a series, which is what a market has of a data set: of one interval, or of
    one kind, where it has these.
    """

    exchange: str
    symbol: str
    data_set: str
    interval: str | None = None
    """Of candles."""
    kind: FundingKind | None = None
    """Of funding rates."""
    start: datetime | None
    """From where on rows are expected: what was asked for, but not before the exchange's history
    begins; else where that begins, or the first row. ``None``: neither is known."""
    end: datetime
    """Up to where: what was asked for, or the last closed candle."""
    first: datetime | None
    """The exchange's time of the first row in the span."""
    last: datetime | None
    rows: int | None
    """In the span; ``None`` where there are too many to be counted."""
    missing: int | None
    """Rows that are expected and not held; ``None`` where rows come at no fixed distance, or it is
    not known."""
    holes: list[Hole] | None
    """Where they are missing, in order; ``None`` likewise."""
