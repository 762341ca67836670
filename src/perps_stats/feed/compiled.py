"""The compiled book behind the interface of ``sides.py``: integers inside, decimals outside."""

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

from msgspec import Raw

from perps_stats.core.types import OrderbookLevel
from perps_stats.feed.fastbook import FastSides, Inexact
from perps_stats.feed.levels import LevelSide
from perps_stats.feed.sides import Both, Digest, Ladder, PlainSides, TooLong

NO_LIMIT = 1 << 62


@lru_cache(maxsize=1 << 14)
def scaled(number: int, scale: int) -> Decimal:
    return Decimal(number).scaleb(-scale)


class CompiledSides:
    def __init__(self, price_scale: int, quantity_scale: int) -> None:
        self._sides = FastSides(price_scale, quantity_scale)
        self._scales = (price_scale, quantity_scale)

    def update(self, bids: Raw, asks: Raw) -> None:
        try:
            self._sides.update(bids, asks)
        except Inexact:
            raise TooLong(self._plain()) from None

    def replace(self, bids: Raw, asks: Raw, depth: int | None) -> None:
        try:
            self._sides.replace(bids, asks, depth)
        except Inexact:
            raise TooLong(self._plain()) from None

    def deepen(self, bids: Raw, asks: Raw, depth: int | None) -> None:
        try:
            self._sides.deepen(bids, asks, depth)
        except Inexact:
            raise TooLong(self._plain()) from None

    def _plain(self) -> PlainSides:
        plain = PlainSides(*self._scales)
        bid_edge, ask_edge = self._sides.edges()
        _copy(self._sides.best_bids(NO_LIMIT, 0), bid_edge, plain.bids, self._scales)
        _copy(self._sides.best_asks(NO_LIMIT, NO_LIMIT), ask_edge, plain.asks, self._scales)
        return plain

    def is_whole(self) -> bool:
        return self._sides.edges() == (None, None)

    def known_share(self) -> float:
        bid, ask = self._sides.top()
        bid_edge, ask_edge = self._sides.edges()
        below = 1.0 if bid_edge is None else (bid - bid_edge) / bid if bid else 0.0
        above = 1.0 if ask_edge is None else (ask_edge - ask) / ask if ask else 0.0
        return min(below, above)

    def received(self, count: int) -> Both:
        return (
            self._levels(self._sides.best_bids(count, 0)),
            self._levels(self._sides.best_asks(count, NO_LIMIT)),
        )

    def known(self, within: float) -> Both:
        lowest, highest = self._known_to(within)
        return (
            self._levels(self._sides.best_bids(NO_LIMIT, lowest)),
            self._levels(self._sides.best_asks(NO_LIMIT, highest)),
        )

    def _known_to(self, within: float) -> tuple[int, int]:
        """The lowest bid and the highest ask that are known and near enough."""
        bid, ask = self._sides.top()
        bid_edge, ask_edge = self._sides.edges()
        lowest = max(bid_edge or 0, int((bid or 0) * (1 - within)))
        highest = min(ask_edge or NO_LIMIT, int((ask or 0) * (1 + within)))
        return lowest, highest

    def _levels(self, levels: list[tuple[int, int]]) -> list[OrderbookLevel]:
        price_scale, quantity_scale = self._scales
        return [
            OrderbookLevel(scaled(price, price_scale), scaled(quantity, quantity_scale))
            for price, quantity in levels
        ]

    def ladder(self, tenths: Sequence[int]) -> Ladder | None:
        return self._sides.ladder(tuple(tenths))

    def digest(self, tenths: Sequence[int], amounts: Sequence[int], within: float) -> Digest | None:
        ladder = self.ladder(tenths)
        known = self._known_to(within)
        deepest_bid, deepest_ask = self._sides.deepest(*known)
        if ladder is None or deepest_bid is None or deepest_ask is None:
            return None
        return Digest(ladder, deepest_bid, deepest_ask, *self._sides.spend(tuple(amounts), *known))


def _copy(
    levels: list[tuple[int, int]], edge: int | None, side: LevelSide, scales: tuple[int, int]
) -> None:
    price_unit, quantity_unit = (10**scale for scale in scales)
    side.replace([(price / price_unit, size / quantity_unit) for price, size in levels], None)
    side.edge = None if edge is None else edge / price_unit
