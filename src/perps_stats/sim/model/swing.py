"""A candle that can be taken apart: days into hours, hours into minutes, minutes into prints.

A swing runs in three straight legs: from its open to one extreme, to the other extreme, to its
close. The parts of a leg come in pairs that mirror each other in price (``x`` and ``a + b - x``
for a leg from a to b) and carry the same volumes. So a leg's turnover is exactly its volume times
its middle price, whatever the parts look like, and every candle agrees with the sum of its parts
to the last tick and lot without their being known.
"""

from collections.abc import Iterable, Iterator
from random import Random
from typing import NamedTuple, TypeAlias

import msgspec

from perps_stats.sim.model.noise import apportion, heads

Triple: TypeAlias = tuple[int, int, int]
Lengths: TypeAlias = tuple[float, float, float]
Quad: TypeAlias = tuple[int, int, int, int]


class Leg(NamedTuple):
    """Prices in ticks; volumes in lots by the taker's side, both even."""

    start: int
    end: int
    buys: int
    sells: int

    @property
    def volume(self) -> int:
        return self.buys + self.sells


class Swing(msgspec.Struct, frozen=True, gc=False):
    """The prices at which the legs begin and end, and the volumes of the three."""

    turns: Quad
    buys: Triple
    sells: Triple

    @property
    def legs(self) -> tuple[Leg, Leg, Leg]:
        one, two, three, four = self.turns
        buys, sells = self.buys, self.sells
        return (
            Leg(one, two, buys[0], sells[0]),
            Leg(two, three, buys[1], sells[1]),
            Leg(three, four, buys[2], sells[2]),
        )

    def mirrored(self, pivot: int) -> "Swing":
        """Upside down and backwards, around half of ``pivot``."""
        one, two, three, four = self.turns
        return Swing(
            (pivot - four, pivot - three, pivot - two, pivot - one),
            (self.buys[2], self.buys[1], self.buys[0]),
            (self.sells[2], self.sells[1], self.sells[0]),
        )


class Part(NamedTuple):
    """One print of a minute, without its time."""

    price: int
    quantity: int
    taker_buys: bool


class Volumes(NamedTuple):
    buys: int
    sells: int


def swing_of(turns: Quad, volumes: Volumes, unit: int, rng: Random) -> Swing:
    """Through the ``turns``; longer legs carry more. Volumes are multiples of ``unit``."""
    one, two, three, four = turns
    extent = abs(three - two) + 1
    lengths = (abs(two - one) / extent, abs(three - two) / extent, abs(four - three) / extent)
    buys = _thirds(volumes[0], lengths, unit, rng)
    return Swing(turns, buys, _thirds(volumes[1], lengths, unit, rng))


def _thirds(total: int, lengths: Lengths, unit: int, rng: Random) -> Triple:
    """What ``apportion`` would give: a year has a million of these."""
    steps = total // unit
    one = 0.15 + lengths[0] + 0.2 * rng.random()
    two = 0.15 + lengths[1] + 0.2 * rng.random()
    scale = steps / (one + two + (0.15 + lengths[2] + 0.2 * rng.random()))
    first = int(one * scale)
    second = int(one * scale + two * scale)
    return first * unit, (second - first) * unit, (steps - second) * unit


def split(swing: Swing, parts: int, unit: int, rng: Random) -> list[Swing]:
    """The swing in ``parts`` (even) equal times; their legs carry multiples of ``unit``."""
    return [
        child for leg, pairs in _shared(swing, parts, 1) for child in _half(leg, pairs, unit, rng)
    ]


def prints(swing: Swing, count: int, rng: Random) -> list[Part]:
    """The swing in ``count`` (even) prints of at least 2 lots."""
    return [part for leg, pairs in _shared(swing, count, 2) for part in _printed(leg, pairs, rng)]


def _shared(swing: Swing, parts: int, least: int) -> Iterator[tuple[Leg, int]]:
    pairs = apportion(parts // 2, [leg.volume for leg in swing.legs], least=least)
    return zip(swing.legs, pairs, strict=True)


def _half(leg: Leg, pairs: int, unit: int, rng: Random) -> list[Swing]:
    """The first half of a leg, and its mirror."""
    knots = _knots(leg, pairs + 1, 0.35 * abs(leg.end - leg.start), rng)
    wick = 1 + abs(leg.end - leg.start) / (pairs + 1)
    buys = apportion(leg.buys // 2, [0.4 + rng.random() for _ in range(pairs)], unit)
    sells = apportion(leg.sells // 2, [0.4 + rng.random() for _ in range(pairs)], unit)
    half = [
        swing_of(
            _turns(leg, knots[i], knots[i + 1], wick, rng), Volumes(buys[i], sells[i]), unit, rng
        )
        for i in range(pairs)
    ]
    return half + [child.mirrored(leg.start + leg.end) for child in reversed(half)]


def _knots(leg: Leg, count: int, amplitude: float, rng: Random) -> list[int]:
    """Prices from the leg's start to its middle, straying from the line but not from the leg."""
    low, high = min(leg.start, leg.end), max(leg.start, leg.end)
    slope = ((leg.start + leg.end) // 2 - leg.start) / max(count - 1, 1)
    strays = (
        round(leg.start + slope * i + amplitude * (rng.random() - 0.5)) for i in range(1, count - 1)
    )
    inside = [max(low, min(high, price)) for price in strays]
    return [leg.start, *inside, (leg.start + leg.end) // 2][:count]


def _turns(leg: Leg, start: int, end: int, wick: float, rng: Random) -> Quad:
    """Where a part of a leg turns. It never leaves the leg, so neither does its mirror."""
    floor, ceiling = min(leg.start, leg.end), max(leg.start, leg.end)
    high = min(ceiling, max(start, end) + int(wick * rng.random()))
    low = max(floor, min(start, end) - int(wick * rng.random()))
    return (start, low, high, end) if heads(rng) else (start, high, low, end)


def _printed(leg: Leg, pairs: int, rng: Random) -> list[Part]:
    buying = max(1, min(pairs - 1, round(pairs * leg.buys / leg.volume)))
    quantities = {
        True: iter(_sizes(leg.buys // 2, buying, rng)),
        False: iter(_sizes(leg.sells // 2, pairs - buying, rng)),
    }
    sides = [True] * buying + [False] * (pairs - buying)
    rng.shuffle(sides)
    prices = _knots(leg, pairs, 3 + 0.1 * abs(leg.end - leg.start), rng)
    half = [
        Part(price, next(quantities[side]), side) for price, side in zip(prices, sides, strict=True)
    ]
    pivot = leg.start + leg.end
    return half + [
        Part(pivot - part.price, part.quantity, part.taker_buys) for part in reversed(half)
    ]


def _sizes(total: int, count: int, rng: Random) -> Iterable[int]:
    return apportion(total, [0.05 + rng.expovariate(1.0) for _ in range(count)], least=2)
