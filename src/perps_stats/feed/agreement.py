"""Whether the top of a live book is the one that the exchange tells apart from it.

Both feeds come at their own pace, so that a book may be some updates before or behind: it agrees
where any top that was told near its time has its prices. What never agrees while both go on is
wrong, however well its updates follow each other.
"""

from collections import deque
from collections.abc import Sequence

from perps_stats.core.types import Orderbook, OrderbookLevel
from perps_stats.exchanges.events import BestTick
from perps_stats.feed.book import WrongBook

NEAR_US = 500_000
KEPT_US = 3_000_000
LASTING_US = 10_000_000
ENOUGH = 5
"""So many tops that differ, over so long, are no coincidence..."""
ENOUGH_AT_ONE_UPDATE = 2
"""...nor so many that were told under the number of the book's own update."""
MOST = 256


class TopCheck:
    """Of one market; times are microseconds of the exchange."""

    def __init__(self) -> None:
        self._ticks: deque[BestTick] = deque(maxlen=MOST)
        self.hear = self._ticks.append
        """What the exchange says is its best."""
        self._since = self._different = self._at_one_update = 0
        self._counted: int | None = None

    def forget(self) -> None:
        """What was told is no longer the present."""
        self._ticks.clear()
        self.begin()

    def begin(self) -> None:
        """Another book, or one that agrees: nothing speaks against it."""
        self._different = self._at_one_update = 0

    def agrees(self, top: Orderbook, ts: int, last: int) -> bool:
        """Whether nothing told speaks against the best prices at ``ts``, the update ``last``.

        Raises ``WrongBook`` once they differ for good.
        """
        ticks = self._ticks
        while len(ticks) > 1 and ticks[1].ts < ticks[-1].ts - KEPT_US:
            ticks.popleft()  # of what is long past only the last is needed
        near = [tick for tick in ticks if abs(tick.ts - ts) <= NEAR_US]
        if not near:
            return True
        before = [tick for tick in ticks if tick.ts < ts - NEAR_US]
        if any(_is_same(tick, top) for tick in (*before[-1:], *near)):
            self.begin()
            return True
        self._count(near, ts, last)
        lasting = ts - self._since >= LASTING_US and self._different >= ENOUGH
        if lasting or self._at_one_update >= ENOUGH_AT_ONE_UPDATE:
            raise WrongBook(f"the exchange tells {_told(near[-1])}, the book has {_held(top)}")
        return False

    def _count(self, near: Sequence[BestTick], ts: int, last: int) -> None:
        if not self._different:
            self._since = ts
        if near[-1].ts != self._counted:
            self._counted = near[-1].ts
            self._different += 1
            self._at_one_update += any(tick.sequence == last for tick in near)


def _is_same(tick: BestTick, top: Orderbook) -> bool:
    return _is_best(tick.bid_price, top.bids) and _is_best(tick.ask_price, top.asks)


def _is_best(told: str | None, levels: Sequence[OrderbookLevel]) -> bool:
    """As doubles, which hold every price of a book exactly."""
    if told is None or not levels:
        return told is None and not levels
    return float(told) == float(levels[0].price)


def _told(tick: BestTick) -> str:
    return f"{tick.bid_price} and {tick.ask_price} at {tick.ts} us"


def _held(top: Orderbook) -> str:
    bid, ask = (levels[0].price if levels else None for levels in (top.bids, top.asks))
    return f"{bid} and {ask} at update {top.sequence}"
