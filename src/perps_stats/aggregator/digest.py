"""A book summed up where it lies, as integers: what figures need of it instead of its levels."""

from decimal import Decimal
from typing import TypeAlias

from msgspec import Struct

Spent: TypeAlias = tuple[list[tuple[int, int, int]], int]
"""For each amount that one side fills, smallest first: the price of its last level, and value and
quantity of the levels before it; and the value of all that was walked.
"""


class Digest(Struct, frozen=True):
    """Prices count units of ``price_scale`` decimals, quantities of ``quantity_scale``, values of
    both together. Bands are nearest first.
    """

    price_scale: int
    quantity_scale: int
    twice_mid: int
    bids: tuple[int, ...]
    asks: tuple[int, ...]
    deepest_bid: int
    deepest_ask: int
    bids_spent: Spent
    asks_spent: Spent

    @property
    def mid(self) -> Decimal:
        return self.price(self.twice_mid) / 2

    def price(self, number: int) -> Decimal:
        return Decimal(number).scaleb(-self.price_scale)

    def quantity(self, number: int) -> Decimal:
        return Decimal(number).scaleb(-self.quantity_scale)

    def value(self, number: int) -> Decimal:
        return Decimal(number).scaleb(-self.price_scale - self.quantity_scale)
