"""One side of the model's book: quantities in lots at prices in ticks, best first by ``sign``."""

import math
from random import Random

import msgspec

from perps_stats.sim.model.coins import Coin

NEAR, NEAR_SHARE = 200, 0.95
"""Ticks from the touch within which nearly every price holds an order."""
NEAR_CHURN = 0.8
"""How much of the coming and going is near the touch."""
SWEPT = 0.2
"""How often a trade takes all of its level."""
LEVELS, SHOWN, SHOWN_REACH = 1400, 1000, 0.008
"""Levels a side; the first ``SHOWN`` reach about so far from the touch, as a fraction."""


class Profile(msgspec.Struct, frozen=True):
    """How a book thins out: the share of occupied prices and the mean lots, by distance."""

    far_share: float
    window: int
    """How many ticks the side extends."""
    lots: float

    def share(self, distance: int) -> float:
        return self.far_share + (NEAR_SHARE - self.far_share) * math.exp(-distance / NEAR)

    def mean_lots(self, distance: int) -> float:
        return self.lots * (0.6 + min(distance, 10 * NEAR) / (4 * NEAR))


def profile_of(coin: Coin) -> Profile:
    """A basis point of the book near the touch is worth about a 4,500th of a day's turnover."""
    near = NEAR_SHARE * NEAR
    reach = SHOWN_REACH * coin.price / coin.tick.step
    tick_bps = coin.tick.step / coin.price * 10_000
    far_share = min(NEAR_SHARE, (SHOWN - near) / reach)
    return Profile(
        far_share=far_share,
        window=int((LEVELS - near * (1 - far_share / NEAR_SHARE)) / far_share),
        lots=max(coin.turnover / 4500 * tick_bps / coin.price / coin.lot.step, 10),
    )


class Half:
    """``sign`` is 1 for asks, -1 for bids: the next level lies at ``price + sign``."""

    def __init__(self, sign: int, best: int, profile: Profile, rng: Random) -> None:
        self.sign = sign
        self.best = best
        self.levels: dict[int, int] = {}
        self.changed: set[int] = set()
        self.changes = 0
        self._profile = profile
        self._rng = rng
        self._edge = best
        self._grow()
        self._put(best, self._lots(0))

    def quote(self, price: int) -> None:
        """Make ``price`` the best: cancel what stands nearer, or fill what lies between."""
        behind = self.sign
        if (price - self.best) * self.sign > 0:
            for tick in range(self.best, price, behind):
                self._put(tick, 0)
        for tick in range(price + behind, self.best, behind):
            self._visit(tick, abs(tick - price))
        self.best = price
        if price not in self.levels:
            self._put(price, self._lots(0))
        self._grow()

    def hold(self, lots: int) -> None:
        """Make sure the best level holds more than that."""
        if self.levels[self.best] <= lots:
            self._put(self.best, lots + self._lots(0))

    def take(self, lots: int) -> None:
        """A taker trades so much at the best price. Now and then nothing is left of it."""
        left = self.levels[self.best] - lots
        self._put(self.best, 0 if self._rng.random() < SWEPT else left)
        while self.best not in self.levels:
            self.best += self.sign

    def churn(self, times: int) -> None:
        """Orders come and go, mostly near the touch."""
        rng = self._rng
        for _ in range(times):
            near = rng.random() < NEAR_CHURN
            mean = NEAR / 2 if near else self._profile.window / 2
            distance = min(int(rng.expovariate(1 / mean)), self._profile.window)
            self._visit(self.best + self.sign * distance, distance)

    def ordered(self) -> list[tuple[int, int]]:
        return sorted(self.levels.items(), reverse=self.sign < 0)

    def _visit(self, price: int, distance: int) -> None:
        stays = distance == 0 or self._rng.random() < self._profile.share(distance)
        self._put(price, self._lots(distance) if stays else 0)

    def _lots(self, distance: int) -> int:
        return 1 + int(self._rng.expovariate(1 / self._profile.mean_lots(distance)))

    def _put(self, price: int, lots: int) -> None:
        if lots:
            self.levels[price] = lots
        elif self.levels.pop(price, None) is None:
            return
        self.changed.add(price)
        self.changes += 1

    def _grow(self) -> None:
        """Keep the far end one window from the touch."""
        end = self.best + self.sign * self._profile.window
        if (end - self._edge) * self.sign > 0:
            for tick in range(self._edge + self.sign, end + self.sign, self.sign):
                self._visit(tick, abs(tick - self.best))
            self._edge = end
        elif abs(end - self._edge) > NEAR:
            for tick in range(self._edge, end, -self.sign):
                self._put(tick, 0)
            self._edge = end
