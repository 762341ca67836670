"""Both sides of a live book, in plain Python or compiled: twins with one interface.

The compiled one reads the levels' bytes itself and is chosen where it was built and the market's
scales are known. A test holds the two equal.
"""

from collections.abc import Sequence
from importlib.util import find_spec
from typing import NamedTuple, Protocol, TypeAlias

import msgspec
from msgspec import Raw

from perps_stats.core.types import Market, OrderbookLevel
from perps_stats.feed.levels import LevelSide

COMPILED = find_spec("perps_stats.feed.fastbook") is not None
"""Whether a compiler was at hand when the package was built."""
MOST_DECIMALS = 12
parse_levels = msgspec.json.Decoder(list[tuple[float, float]], strict=False).decode

Both: TypeAlias = tuple[list[OrderbookLevel], list[OrderbookLevel]]
Ladder: TypeAlias = tuple[int, tuple[int, ...], tuple[int, ...]]
"""Twice the mid, the bids' and the asks' values by band, as integers of the market's scales."""
Spent: TypeAlias = tuple[list[tuple[int, int, int]], int]
"""For each amount that one side fills: the price of its last level, and value and quantity of the
levels before it; and the value of all that was walked. Integers of the market's scales.
"""


class Digest(NamedTuple):
    """What figures need of a known book, summed up where it lies."""

    ladder: Ladder
    deepest_bid: int
    deepest_ask: int
    bids_spent: Spent
    asks_spent: Spent


class TooLong(ValueError):
    """A level has more digits than this twin can hold; ``plain`` is the other twin so far."""

    def __init__(self, plain: "PlainSides") -> None:
        super().__init__("a level has more digits than the market's scale")
        self.plain = plain


class Sides(Protocol):
    """``update`` and the like raise ``ValueError`` for what are no levels, or ``TooLong``."""

    def update(self, bids: Raw, asks: Raw) -> None: ...
    def replace(self, bids: Raw, asks: Raw, depth: int | None) -> None: ...
    def deepen(self, bids: Raw, asks: Raw, depth: int | None) -> None: ...
    def is_whole(self) -> bool: ...
    def known_share(self) -> float: ...
    def received(self, count: int) -> Both: ...
    def known(self, within: float) -> Both: ...
    def ladder(self, tenths: Sequence[int]) -> Ladder | None: ...
    def digest(
        self, tenths: Sequence[int], amounts: Sequence[int], within: float
    ) -> Digest | None: ...


class PlainSides:
    """Sorted only when read. It sums nothing up: figures come from the levels."""

    def __init__(self, price_scale: int, quantity_scale: int) -> None:
        self.bids = LevelSide(
            descending=True, price_scale=price_scale, quantity_scale=quantity_scale
        )
        self.asks = LevelSide(
            descending=False, price_scale=price_scale, quantity_scale=quantity_scale
        )

    def update(self, bids: Raw, asks: Raw) -> None:
        self.bids.update(parse_levels(bids))
        self.asks.update(parse_levels(asks))

    def replace(self, bids: Raw, asks: Raw, depth: int | None) -> None:
        self.bids.replace(parse_levels(bids), depth)
        self.asks.replace(parse_levels(asks), depth)

    def deepen(self, bids: Raw, asks: Raw, depth: int | None) -> None:
        self.bids.deepen(parse_levels(bids), depth)
        self.asks.deepen(parse_levels(asks), depth)

    def is_whole(self) -> bool:
        return self.bids.edge is None and self.asks.edge is None

    def known_share(self) -> float:
        return min(self.bids.known_share(), self.asks.known_share())

    def received(self, count: int) -> Both:
        return self.bids.best_first(count), self.asks.best_first(count)

    def known(self, within: float) -> Both:
        return self.bids.known(within), self.asks.known(within)

    def ladder(self, tenths: Sequence[int]) -> Ladder | None:
        del tenths
        return None

    def digest(self, tenths: Sequence[int], amounts: Sequence[int], within: float) -> Digest | None:
        del tenths, amounts, within
        return None


def sides_of(market: Market, *, compiled: bool) -> Sides:
    price_scale, quantity_scale = market.price_scale, market.quantity_scale
    if price_scale is None or quantity_scale is None:
        return PlainSides(price_scale or 0, quantity_scale or 0)
    if compiled and max(price_scale, quantity_scale) <= MOST_DECIMALS:
        from perps_stats.feed.compiled import CompiledSides  # noqa: PLC0415 it may be absent

        return CompiledSides(price_scale, quantity_scale)
    return PlainSides(price_scale, quantity_scale)
