"""The cheapest way to take an amount from several books at once.

Each unit of quote that is spent on a level of price p buys ``1 / p`` coins, worth ``mid / p`` of it
at the book's own mid: it costs ``1 + fee - mid / p`` (of a sale ``mid / p - 1 + fee``), which only
grows with depth. Taking whatever level costs least until the amount is full is therefore best, as
for a knapsack whose items can be cut. Quotes and multipliers do not matter: a level is compared
with its own mid alone.
"""

from collections.abc import Iterator, Sequence
from decimal import Context, Decimal
from heapq import merge

from msgspec import Struct

from perps_stats.aggregator.exact import ZERO, exact
from perps_stats.core.types import OrderbookLevel, Side

_QUOTIENT = Context(prec=60)
"""Two quotients of prices that differ, differ before: prices have fewer than 30 digits."""


class Levels(Struct, frozen=True):
    """The side of a usable book that is taken, best first; ``fee`` is a fraction of the amount."""

    levels: Sequence[OrderbookLevel]
    mid: Decimal
    fee: Decimal


def cheapest_split(books: Sequence[Levels], amount: Decimal, side: Side) -> list[Decimal] | None:
    """What to take of each book, summing to ``amount``. ``None`` where all together hold less.

    Of books that cost the same the first is taken first.
    """
    taken = [ZERO] * len(books)
    left = amount
    with exact():
        for _, at, value in merge(*(_costs(at, book, side) for at, book in enumerate(books))):
            part = min(value, left)
            taken[at] += part
            left -= part
            if not left:
                return taken
    return None


def _costs(at: int, book: Levels, side: Side) -> Iterator[tuple[Decimal, int, Decimal]]:
    """Of each level: what a unit of the amount costs, the book's number, the value it holds."""
    for level in book.levels:
        worth = _QUOTIENT.divide(book.mid, level.price)
        cost = book.fee - worth if side is Side.BUY else book.fee + worth
        yield cost, at, level.price * level.quantity
