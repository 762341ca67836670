"""Figures of a book by their definitions, in fractions of whole ticks and lots."""

from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate

TINY = Fraction(1, 10**7)
"""Of a basis point: figures are rounded to the eighth decimal."""
Levels = Sequence[tuple[int, int]]


def close(found: Fraction, true: Fraction) -> bool:
    return abs(found - true) <= TINY


def nearly(found: Fraction, true: Fraction) -> bool:
    """To fifteen digits."""
    return abs(found - true) <= abs(true) / 10**15


class Ladder:
    """One side, best first: what taking it down to each level comes to."""

    def __init__(self, levels: Levels, sign: int, tick: Fraction, lot: Fraction) -> None:
        self._ticks = [price for price, _ in levels]
        self._distances = [sign * price for price in self._ticks]
        self._lots = list(accumulate(lots for _, lots in levels))
        self._values = list(accumulate(price * lots for price, lots in levels))
        self._sign, self._tick, self._lot = sign, tick, lot

    @property
    def best(self) -> Fraction:
        return self._ticks[0] * self._tick

    @property
    def value(self) -> Fraction:
        return self._values[-1] * self._tick * self._lot

    def within(self, mid: Fraction, bps: Fraction) -> Fraction:
        """The value that rests within a distance from mid, inclusive."""
        bound = mid * (1 + self._sign * bps / 10_000) / self._tick * self._sign
        count = bisect_right(self._distances, bound)
        return self._values[count - 1] * self._tick * self._lot if count else Fraction(0)

    def average_price(self, amount: Fraction) -> Fraction | None:
        """At which the whole amount is taken; ``None``: there is not so much."""
        wanted = amount / (self._tick * self._lot)
        if wanted > self._values[-1]:
            return None
        full = bisect_right(self._values, wanted)
        lots, spent = (self._lots[full - 1], self._values[full - 1]) if full else (0, 0)
        rest = (wanted - spent) / self._ticks[full] if wanted > spent else Fraction(0)
        return amount / ((lots + rest) * self._lot)


class Book:
    def __init__(self, bids: Levels, asks: Levels, tick: Fraction, lot: Fraction) -> None:
        self.bids, self.asks = Ladder(bids, -1, tick, lot), Ladder(asks, 1, tick, lot)

    @property
    def mid(self) -> Fraction:
        return (self.bids.best + self.asks.best) / 2

    @property
    def spread_bps(self) -> Fraction:
        return (self.asks.best - self.bids.best) / self.mid * 10_000

    def taken_by(self, side: str) -> Ladder:
        return self.asks if side == "buy" else self.bids

    def resting(self, side: str) -> Ladder:
        return self.bids if side == "bid" else self.asks
