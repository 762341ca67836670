"""What a market reports beside its trading: index, mark, funding, open interest.

All of it depends on the seed, the market's name and the time, so that the past stays as it was.
"""

from typing import NamedTuple

from perps_stats.sim.model.coins import Coin
from perps_stats.sim.model.noise import dice, wander
from perps_stats.sim.scale import decimal_text

HOUR_MS = 3_600_000
MARK_DECIMALS = RATE_DECIMALS = 8
RATE_UNITS = 100_000_000
USUAL_CAP = 0.003
USUAL_RATE = 10_000
"""0.0001, in units of the last decimal of a rate."""


class Gauge(NamedTuple):
    """Text; ``spot`` is the index price, and the rate settles at ``next_time``."""

    mark: str
    average: str
    spot: str
    settle: str
    rate: str
    next_time: int


class Gauges:
    def __init__(self, seed: int, name: str, coin: Coin) -> None:
        self._key = f"{seed}:{name}"
        self._coin = coin
        self.interval_ms = coin.funding_hours * HOUR_MS
        """Between settlements, today."""

    def at(self, time: int, price: float) -> Gauge:
        """``price`` is where the market trades at that time, in ticks."""
        index = self._index(time, price)
        average = index * (1 + self._stray("average", time, 600_000, 2e-4))
        mark = average * (1 + self._stray("mark", time, 30_000, 1e-4))
        settle = index * (1 + self._stray("settle", time, 3_600_000, 1e-4))
        rate, next_time = self._running_rate(time)
        return Gauge(_price(mark), _price(average), _price(index), _price(settle), rate, next_time)

    def settles(self, time: int) -> bool:
        """Whether funding is due at that full hour."""
        return time % self._interval_until(time) == 0

    def settled(self, time: int) -> str:
        """The rate that was due at that time."""
        return decimal_text(self._rate(time // self._interval_until(time)), RATE_DECIMALS)

    def settled_at(self, time: int) -> int:
        """A few milliseconds after it was due."""
        number = time // self._interval_until(time)
        return time + int(dice(self._key, "late", number).random() * 15)

    def open_interest(self, time: int) -> int:
        """In lots."""
        coin = self._coin
        lots = coin.interest / coin.price / coin.lot.step
        return round(lots * (1 + 0.15 * wander(f"{self._key}:interest", time / HOUR_MS)))

    def _index(self, time: int, price: float) -> float:
        return price * self._coin.tick.step * (1 + self._stray("index", time, 60_000, 2e-4))

    def _stray(self, what: str, time: int, period_ms: int, height: float) -> float:
        return height * wander(f"{self._key}:{what}", time / period_ms)

    def _rate(self, number: int) -> int:
        cap = int((self._coin.cap or USUAL_CAP) * RATE_UNITS)
        rate = USUAL_RATE + round(25_000 * wander(f"{self._key}:funding", number / 3))
        return max(-cap, min(cap, rate))

    def _interval_until(self, time: int) -> int:
        """The length of the period that ends at, or that holds, the time."""
        before = self._coin.funding_before
        return before[1] * HOUR_MS if before and time <= before[0] else self.interval_ms

    def _running_rate(self, time: int) -> tuple[str, int]:
        """The estimate moves from the last settled rate to the coming one."""
        interval = self._interval_until(time + 1)
        number, elapsed = divmod(time, interval)
        last, coming = self._rate(number), self._rate(number + 1)
        rate = last + round((coming - last) * elapsed / interval)
        return decimal_text(rate, RATE_DECIMALS), (number + 1) * interval


def _price(value: float) -> str:
    return f"{value:.{MARK_DECIMALS}f}"
