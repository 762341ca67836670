"""One side of a live book: prices to quantities, as the wire gave them, sorted only when read.

A double holds any decimal of at most 15 significant digits exactly (decision 0002), so equal prices
are one key however they are padded, and reading gives back the exact decimal.
"""

from decimal import Decimal
from functools import lru_cache
from math import isfinite

from perps_stats.core.errors import Unreadable
from perps_stats.core.types import OrderbookLevel
from perps_stats.exchanges.events import Levels

EXACT_DIGITS = 15
STALE_ZEROS = 1000


@lru_cache(maxsize=1 << 13)
def exact(number: float, scale: int) -> Decimal:
    """The decimal that the wire said, with at least ``scale`` decimals.

    Raises ``Unreadable`` for a number too long to be exact.
    """
    said = Decimal(repr(number))
    if len(said.normalize().as_tuple().digits) > EXACT_DIGITS:
        raise Unreadable(f"a level has more than {EXACT_DIGITS} significant digits", repr(number))
    padded = f"{said:f}".partition(".")
    return Decimal(f"{padded[0]}.{padded[2].rstrip('0').ljust(scale, '0')}".rstrip("."))


class LevelSide:
    """Bids (the best is the greatest price) or asks (the best is the smallest).

    ``edge`` is the price up to which every level is known: a snapshot of limited depth ends there,
    and beyond it only what changed since is known. ``None``: the side is whole.
    """

    def __init__(self, *, descending: bool, price_scale: int, quantity_scale: int) -> None:
        self._descending = descending
        self._scales = (price_scale, quantity_scale)
        self._levels: dict[float, float] = {}
        self._room = STALE_ZEROS
        self.edge: float | None = None

    def replace(self, levels: Levels, depth: int | None) -> None:
        """Start anew from a snapshot for which ``depth`` levels were asked (``None``: all)."""
        self._levels = dict(levels)
        self._sweep()
        whole = depth is None or len(levels) < depth
        self.edge = None if whole else self._worst()

    def deepen(self, levels: Levels, depth: int | None) -> None:
        """Start anew from a later snapshot, but keep what is known beyond its edge."""
        before = self._levels
        edge_before = self.edge
        self.replace(levels, depth)
        if self.edge is None:
            return
        edge = self.edge
        self._levels.update({p: q for p, q in before.items() if self._is_deeper(p, edge)})
        if edge_before is None or self._is_deeper(edge_before, edge):
            self.edge = edge_before

    def _is_deeper(self, price: float, than: float) -> bool:
        return price < than if self._descending else price > than

    def _worst(self) -> float:
        return min(self._levels) if self._descending else max(self._levels)

    def _best(self) -> float:
        return max(self._levels) if self._descending else min(self._levels)

    def update(self, levels: Levels) -> None:
        """Set quantities; a zero removes. Removed levels are swept out now and then."""
        self._levels.update(levels)
        if len(self._levels) > self._room:
            self._sweep()

    def _sweep(self) -> None:
        self._levels = {price: quantity for price, quantity in self._levels.items() if quantity}
        self._room = 2 * len(self._levels) + STALE_ZEROS

    def best_first(self, count: int) -> list[OrderbookLevel]:
        """At most ``count`` of all received levels."""
        self._sweep()
        return self._sorted(list(self._levels), count)

    def known(self, within: float) -> list[OrderbookLevel]:
        """The levels up to the edge, no further from the best than this fraction of it."""
        self._sweep()
        if not self._levels:
            return []
        bound = self._best() * (1 - within if self._descending else 1 + within)
        if self.edge is not None and self._is_deeper(bound, self.edge):
            bound = self.edge
        return self._sorted([p for p in self._levels if not self._is_deeper(p, bound)])

    def _sorted(self, prices: list[float], count: int | None = None) -> list[OrderbookLevel]:
        """Raises ``Unreadable`` for a price or quantity that is negative, or no number."""
        levels = self._levels
        if not all(map(isfinite, levels)) or not all(map(isfinite, levels.values())):
            raise Unreadable("a level's price or quantity is no number")
        if levels and (min(levels) <= 0 or min(levels.values()) < 0):
            raise Unreadable("a level has a negative price or quantity", repr(min(levels)))
        prices.sort(reverse=self._descending)
        return [self._level(price) for price in prices[:count]]

    def _level(self, price: float) -> OrderbookLevel:
        price_scale, quantity_scale = self._scales
        return OrderbookLevel(exact(price, price_scale), exact(self._levels[price], quantity_scale))

    def known_share(self) -> float:
        """How far the side is known beyond its best, as a fraction of it; 1 where it is whole."""
        if self.edge is None:
            return 1.0
        self._sweep()
        if not self._levels:
            return 0.0
        distance = self._best() - self.edge if self._descending else self.edge - self._best()
        return distance / self._best()
