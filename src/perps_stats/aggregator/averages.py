"""Liquidity over windows of time: each sample holds until the next, or until the book is suspect.

The mean of a figure is ``sum(value * time) / sum(time)`` over the time for which it is known,
rounded once, half-even, to 18 significant digits. The first window is told only when it is whole.
"""

from collections.abc import Sequence
from decimal import Decimal
from operator import attrgetter

from perps_stats.aggregator.exact import ZERO, exact, ratio
from perps_stats.aggregator.floors import floors
from perps_stats.aggregator.liquidity import BANDS
from perps_stats.core.figures import LiquidityAverages, LiquidityDepthStats
from perps_stats.core.times import from_us

AVERAGED = (
    "mid_price",
    *(f"bid_{band}" for band in BANDS),
    *(f"ask_{band}" for band in BANDS),
)
SECOND = 1_000_000
MOST_KNOWN, MOST_UNKNOWN = 8640, 60
"""Windows that are told at once, after a time of which nothing new was heard: beyond them a suspect
book is told by its gap alone."""
values_of = attrgetter(*AVERAGED)


class Window:
    """One window as it is summed: time in microseconds."""

    def __init__(self, start: int) -> None:
        self.start = start
        self._exact = self._floor = self._unknown = 0
        self._sums: Sequence[Decimal] = (ZERO,) * (len(AVERAGED) + 1)
        self._reaches: list[tuple[Decimal, Decimal]] = []
        self._complete = True

    def add(self, held: "Held | None", length: int) -> None:
        if held is None:
            self._unknown += length
            return
        if held.floor:
            self._floor += length
        else:
            self._exact += length
        with exact():
            pairs = zip(self._sums, held.values, strict=True)
            self._sums = [total + value * length for total, value in pairs]
        self._reaches.append(held.reach)
        self._complete = self._complete and held.complete

    def to_averages(self, exchange: str, symbol: str) -> LiquidityAverages:
        known = self._exact + self._floor
        means = [ratio(total, Decimal(known)) for total in self._sums] if known else []
        bids, asks = zip(*self._reaches, strict=True) if known else ((None,), (None,))
        return LiquidityAverages(
            timestamp=from_us(self.start),
            exchange=exchange,
            symbol=symbol,
            **dict(zip((*AVERAGED, "spread_bps"), means, strict=False)),
            reach_bid_bps=min(bids),
            reach_ask_bps=min(asks),
            complete=known > 0 and self._complete,
            exact_seconds=_seconds(self._exact),
            floor_seconds=_seconds(self._floor),
            suspect_seconds=_seconds(self._unknown),
        )
