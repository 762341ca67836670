"""Figures that compare between markets: funding, basis, spreads, shares, the cost of an amount.

Units and ``None`` as in ``types.py``; ``missing`` says in words why a figure is ``None``. What is
counted per coin is free of ``Market.multiplier``. ``timestamp`` is a source time; where a figure
draws on several, the oldest.
"""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from msgspec import Meta, Struct

from perps_stats.core.figures import FundingPair
from perps_stats.core.types import (
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

CoinPrice = Annotated[
    Decimal, Meta(description="price of a single coin (quote/coin)", extra={"unit": "quote/coin"})
]


class ComparableFunding(Struct, frozen=True, kw_only=True):
    """A funding rate, and what a long pays by it over an hour, 8 hours and a year of 8,760."""

    exchange: str
    symbol: str
    kind: FundingKind
    funding_rate: Fraction | None = None
    funding_interval: Hours | None = None
    funding_per_hour: Fraction | None = None
    funding_8h: Fraction | None = None
    funding_apr: Fraction | None = None
    """Without compounding."""
    timestamp: datetime | None = None


class FundingCell(ComparableFunding, frozen=True, kw_only=True):
    """One exchange's funding of a coin now: a cell of the matrix of coins and exchanges."""

    base: str
    quote: str
    next_funding_time: datetime | None = None
    missing: list[str]


class NetPair(FundingPair, frozen=True, kw_only=True):
    """A pair of venues, and what is left of its funding after taking ``size`` on both and giving it
    back at the books of now: two fees and two slippages on each.
    """

    rank: int
    """Of the coin's pairs: the most is left of the first; those whose cost is unknown come last."""
    long_quote: str
    short_quote: str
    size: Quote
    """On each of both. Dollars and coins pegged to them count as one."""
    fees_bps: Bps | None
    """Of the amount: of the four trades together."""
    slippage_bps: Bps | None
    """Half spreads and impacts of the four trades, of the amount."""
    cost_bps: Bps | None
    cost: Quote | None
    break_even_hours: Hours | None
    """Until funding has paid the cost, if it stays as it is. ``None`` also where it pays none."""
    hold_hours: Hours
    net_bps: Bps | None
    """What is left after so long, if funding stays as it is."""
    absent: list[str]
    """The coin's markets whose funding is not known: no pair has them."""
    timestamp: datetime | None
    missing: list[str]


class Premium(Struct, frozen=True, kw_only=True):
    """How far the mark price and mid lie above the index, of which they are."""

    exchange: str
    symbol: str
    mark_price: Price | None
    mid_price: Price | None
    index_price: Price | None
    mark_basis_bps: Bps | None
    mid_basis_bps: Bps | None
    timestamp: datetime | None


class Basis(Premium, frozen=True, kw_only=True):
    """The same now. A perpetual never expires, so that only funding gives its basis a year."""

    base: str
    quote: str
    funding_interval: Hours | None
    basis_apr: Fraction | None
    """What holding would come to in a year if each funding interval paid the basis of mark once."""
    missing: list[str]


class QuotedSpread(Struct, frozen=True, kw_only=True):
    """The best prices of a market now, and the distance between them."""

    base: str
    exchange: str
    symbol: str
    quote: str
    best_bid_price: Price | None
    best_ask_price: Price | None
    spread_bps: Bps | None
    """Of mid."""
    timestamp: datetime | None
    missing: list[str]


class CrossSpread(Struct, frozen=True, kw_only=True):
    """The best prices of a coin over all venues that quote it in one currency, per coin."""

    base: str
    quote: str
    venues: int
    """Whose prices are known and compared."""
    bid_exchange: str | None
    bid_symbol: str | None
    best_bid: CoinPrice | None
    ask_exchange: str | None
    ask_symbol: str | None
    best_ask: CoinPrice | None
    spread_bps: Bps | None
    """Of mid. Below zero one venue pays more than another asks, before fees."""
    apart: Seconds | None
    """Between the two source times: prices that are far apart in time may never have met."""
    timestamp: datetime | None
    missing: list[str]


class SpreadAverage(Struct, frozen=True, kw_only=True):
    """The spread over a window from ``timestamp`` on, as a mean over the time it was known."""

    exchange: str
    symbol: str
    mid_price: Price | None
    spread_bps: Bps | None
    known_seconds: Seconds
    suspect_seconds: Seconds
    """Left out: the book was suspect, or had no mid."""
    timestamp: datetime


class Share(Struct, frozen=True, kw_only=True):
    """What part of a coin's total a market holds, of those that are known."""

    base: str
    measure: str
    """``volume_24h``, ``turnover_24h``, ``open_interest``, or both sides of a band such as
    ``depth_10bps``."""
    exchange: str
    symbol: str
    quote: str
    amount: Number | None
    unit: str
    """Of ``amount``: ``coins``, whatever the lots; of turnover the currency, where dollars and the
    coins pegged to them are ``USD``: in others it is shared apart."""
    share_pct: Fraction | None
    """``None`` also where only one market tells it."""
    at_least: bool
    """Whether ``amount`` is a floor: the received book ends before the band."""
    complete: bool
    """Whether the total is of all markets of the question that bear the coin, and exact."""
    absent: list[str]
    """The markets that the total lacks."""
    floors: list[str]
    """The markets of which the total has only a floor."""
    timestamp: datetime | None
    missing: list[str]


class ShareHour(Share, frozen=True, kw_only=True):
    """The same of means over the hour from ``timestamp`` on. Every market has every hour of the
    span: where nothing was sampled, ``amount`` is ``None`` and ``missing`` says so.
    """

    samples: int
    """That ``amount`` is the mean of."""
    ended: bool
    """Whether the hour is over: else it is of what there is so far."""


class ExecutionCost(Struct, frozen=True, kw_only=True):
    """What taking ``size`` costs: half the spread, the impact, the taker's fee.

    All of it is of the amount: parts sum to the total, and the total times the amount is money.
    ``slippage`` counts the first two of mid instead, which differs by their square.
    """

    base: str
    exchange: str
    symbol: str
    quote: str
    side: Side
    size: Quote
    rank: int | None
    """Of the coin's venues, by the total; of those of which it is known."""
    reference_price: Price | None
    """Mid."""
    avg_price: Price | None
    book_bps: Bps | None
    """What the book takes: half the spread and the impact."""
    half_spread_bps: Bps | None
    impact_bps: Bps | None
    fee_bps: Bps | None
    fee_from: str | None
    """``exchange``, ``settings``, or ``option`` of the command line."""
    total_bps: Bps | None
    shortfall: Quote | None
    """Paid beyond what the taken is worth at mid, or received short of it, with the fee."""
    fillable: bool | None
    """``None`` where the book is unknown or unusable, or more may lie deeper."""
    max_amount: Quote | None
    """The most that the known levels fill, where they do not fill this."""
    measured_from: str | None
    """``orderbooks`` that are known now, or stored ``slippage``, which had the whole book."""
    split_amount: Quote | None
    """What the cheapest split of ``size`` over the coin's venues takes here: they take part whose
    book and fee are known. ``None`` also where together they cannot fill it."""
    split_bps: Bps | None
    """The cost of that whole split: never more than the best single venue's."""
    absent: list[str]
    """The coin's markets whose total is not known: they have no rank."""
    timestamp: datetime | None
    missing: list[str]


class SlippageHour(Struct, frozen=True, kw_only=True):
    """What an amount cost in an hour of the week: percentiles over the samples of a span.

    A sample that the book could not fill counts as dearer than any that it could; a percentile
    among those is ``None``. Samples of unusable books are left out.
    """

    exchange: str
    symbol: str
    side: Side
    trade_amount: Quote
    hour_of_week: int
    """UTC: 0 is the first hour of Monday, 167 the last of Sunday."""
    samples: int
    unfilled: int
    p10_bps: Bps | None
    p50_bps: Bps | None
    p90_bps: Bps | None
    p99_bps: Bps | None
    first: datetime
    last: datetime


class CostHour(SlippageHour, frozen=True, kw_only=True):
    """The same, with the taker's fee of now apart: it is the same in every hour."""

    fee_bps: Bps | None
    fee_from: str | None
    missing: list[str]


class Series(Struct, frozen=True, kw_only=True):
    """What is held of a data set of a market, of one interval or kind where it has these."""

    exchange: str
    symbol: str
    data_set: str
    interval: str | None
    kind: FundingKind | None
    first: datetime | None
    last: datetime | None
    rows: int | None
    exact: bool | None
    """Whether ``rows`` was counted; else it is estimated."""
    gap_share: Fraction | None
    """Of candles and settled rates the part that is missing; else the part of the time that was
    listened in which the stream could not be vouched for. ``None``: nobody knows."""
