"""Numbers that look random and depend only on a key and a position: the past never changes."""

import math
from collections.abc import Sequence
from functools import lru_cache
from random import Random

PERIODS = (1, 3, 9, 27, 81, 243)
"""Days. Longer waves are higher, by the square root, as a random walk's would be."""
WAVE = 0.015


def dice(*key: object) -> Random:
    """A generator that always throws the same for the same key."""
    return Random(":".join(map(str, key)))  # noqa: S311  # a simulated market, not a secret


def heads(rng: Random) -> bool:
    return rng.getrandbits(1) == 1


@lru_cache(maxsize=65_536)
def knot(key: str, cell: int) -> float:
    return 2 * dice(key, cell).random() - 1


def wander(key: str, position: float) -> float:
    """A continuous curve within -1 and 1 that turns at every whole position."""
    cell = math.floor(position)
    left, right = knot(key, cell), knot(key, cell + 1)
    return left + (right - left) * (position - cell)


def drift(key: str, day: int) -> float:
    """The factor by which a price of that day differs from its anchor: about 0.6 to 1.7."""
    waves = (
        WAVE * math.sqrt(period) * wander(f"{key}:{period}", day / period) for period in PERIODS
    )
    return math.exp(sum(waves))


def apportion(total: int, weights: Sequence[float], unit: int = 1, least: int = 0) -> list[int]:
    """``total`` in parts by weight: at least ``least`` times ``unit`` each, which divides it."""
    steps = total // unit - least * len(weights)
    scale = steps / sum(weights)
    parts: list[int] = []
    reached, given = 0.0, 0
    for weight in weights:
        reached += weight * scale
        parts.append((least + int(reached) - given) * unit)
        given = int(reached)
    parts[-1] += (steps - given) * unit
    return parts
