"""Exact arithmetic on a book: sums never round, and a quotient rounds once, at a stated place.

A figure needs a usable book: both sides there, best first, every price and quantity positive, the
best bid not above the best ask. A locked book (bid = ask) is usable: its mid is that price and its
spread is zero. From any other book nothing is derived.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from decimal import (
    ROUND_05UP,
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
    localcontext,
)
from operator import gt, lt
from typing import TypeAlias

from perps_stats.core.types import Orderbook

ZERO = Decimal(0)
INFINITY = Decimal("Infinity")
BPS = Decimal(10_000)
RATIO_DIGITS = 18
"""Significant digits of a price that is a quotient: an average, a VWAP. Half-even."""
BPS_PLACES = 8
"""Decimals of a distance in bps. Half-even."""
REACH_PLACES = 4
"""Decimals of a reach in bps. Rounded down, so that it never promises more than was received."""

_EXACT = Context(prec=100, traps=[Inexact, InvalidOperation, DivisionByZero, Overflow])
_RATIO = Context(prec=RATIO_DIGITS, rounding=ROUND_HALF_EVEN)
# ROUND_05UP leaves a digit from which the next rounding decides as from the exact quotient.
_LONG = Context(prec=100, rounding=ROUND_05UP)

Deeper: TypeAlias = Callable[[Decimal, Decimal], bool]
"""Whether the first price lies further from mid than the second: ``BIDS`` or ``ASKS``."""


class Unusable(ArithmeticError):
    """No figure can be derived from this book. Never leaves the aggregator."""


def exact() -> AbstractContextManager[Context]:
    """Decimal arithmetic of 100 digits that raises ``ArithmeticError`` rather than round."""
    return localcontext(_EXACT)


def ratio(numerator: Decimal, denominator: Decimal) -> Decimal:
    """To ``RATIO_DIGITS`` significant digits; an exact quotient keeps its shortest form."""
    return _RATIO.divide(numerator, denominator)


def to_bps(part: Decimal, whole: Decimal) -> Decimal:
    """``part / whole`` in basis points, to ``BPS_PLACES`` decimals."""
    long = _LONG.divide(part.scaleb(4, _LONG), whole)
    return long.quantize(Decimal(1).scaleb(-BPS_PLACES), ROUND_HALF_EVEN, _LONG)


def reach(deepest: Decimal, mid: Decimal) -> Decimal:
    """How far a side that ends at this price extends from mid, in bps, rounded down."""
    distance = abs(deepest - mid)
    return (distance.scaleb(4 + REACH_PLACES) // mid).scaleb(-REACH_PLACES)


def mid_price(book: Orderbook) -> Decimal:
    """Raises ``Unusable`` where the book has no mid."""
    if not book.bids or not book.asks:
        raise Unusable
    bid, ask = book.bids[0].price, book.asks[0].price
    lowest, highest = book.bids[-1].price, book.asks[-1].price
    if not ZERO < lowest <= bid <= ask <= highest < INFINITY:
        raise Unusable
    return (bid + ask) / 2


def within(
    prices: Iterable[Decimal], sizes: Iterable[Decimal], limits: Sequence[Decimal], deeper: Deeper
) -> list[Decimal]:
    """The total of ``sizes`` at prices up to each limit, inclusive. ``limits`` nearest first.

    One pass, which ends at the first level beyond the last limit.
    """
    totals: list[Decimal] = []
    if not limits:
        return totals
    total, previous = ZERO, shallowest(deeper)
    for price, size in zip(prices, sizes, strict=True):
        if not deeper(price, previous) or not ZERO < size < INFINITY:
            raise Unusable
        previous = price
        while deeper(price, limits[len(totals)]):
            totals.append(total)
            if len(totals) == len(limits):
                return totals
        total += size
    return totals + [total] * (len(limits) - len(totals))


def shallowest(deeper: Deeper) -> Decimal:
    """The price that every price of the side is deeper than."""
    return INFINITY if deeper is lt else ZERO


BIDS: Deeper = lt
ASKS: Deeper = gt
