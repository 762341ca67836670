"""How long things took, by buckets: all that is kept of each value."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate

from msgspec import Struct


class Distribution(Struct, frozen=True):
    """How many values were at most each bound, the last bound being infinite, and their sum."""

    bounds: tuple[float, ...]
    at_most: tuple[int, ...]
    sum: float

    @property
    def count(self) -> int:
        return self.at_most[-1]


class Buckets:
    """Values are only counted, by the first bound that is not below them."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = tuple(bounds)
        self._counts = [0] * (len(self._bounds) + 1)
        self._sum = 0.0

    def add(self, value: float) -> None:
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def distribution(self) -> Distribution:
        return Distribution(
            (*self._bounds, float("inf")), tuple(accumulate(self._counts)), self._sum
        )
