"""Liquidity over windows of time: each sample holds until the next, or until the book is suspect.

The mean of a figure is ``sum(value * time) / sum(time)`` over the time in which it was known,
rounded once, half-even, to 18 significant digits.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from operator import attrgetter

from msgspec import Struct

from perps_stats.aggregator.exact import ZERO, exact, ratio
from perps_stats.aggregator.floors import floors
from perps_stats.aggregator.liquidity import BANDS
from perps_stats.core.figures import LiquidityAverages, LiquidityDepthStats
from perps_stats.core.times import from_us

SECOND = 1_000_000
AVERAGED = (
    "mid_price",
    *(f"bid_{band}" for band in BANDS),
    *(f"ask_{band}" for band in BANDS),
)
MOST_KNOWN, MOST_UNKNOWN = 8640, 60
"""How many windows are told at once after nothing new was heard for long: beyond it a suspect book
is told by its gap alone."""
values_of = attrgetter(*AVERAGED)


class Held(Struct, frozen=True):
    """What a sample says: ``AVERAGED`` and the spread; how far each side reaches."""

    values: tuple[Decimal, ...]
    reach: tuple[Decimal, Decimal]
    complete: bool
    floor: bool


def to_held(figures: LiquidityDepthStats, spread_bps: Decimal | None) -> Held | None:
    """``None`` of a book without a mid."""
    bid, ask = figures.reach_bid_bps, figures.reach_ask_bps
    if bid is None or ask is None or spread_bps is None:
        return None
    values = (*values_of(figures), spread_bps)
    return Held(values, (bid, ask), figures.complete, bool(floors(figures)))


class Averager:
    """Of one market; times are microseconds. It begins with what is known first: a window that
    had begun before is not told.
    """

    def __init__(self, exchange: str, symbol: str, seconds: float) -> None:
        self._names = (exchange, symbol)
        self._length = round(seconds * SECOND)
        self._at: int | None = None
        self._held: Held | None = None
        self._pieces: list[tuple[Held | None, int]] = []
        self._whole = False

    def hold(self, ts: int, held: Held | None) -> list[LiquidityAverages]:
        """From ``ts`` on this holds; ``None``: nothing can be said. Returns the windows that are
        over. What is older than the last is taken as of then.
        """
        if self._at is None:
            if held is None:
                return []
            self._at, self._whole = ts, ts % self._length == 0
        over = list(self._pass(self._at, max(ts, self._at)))
        self._held = held
        return over

    def _pass(self, at: int, until: int) -> Iterator[LiquidityAverages]:
        """Give the time up to ``until`` to what held in it."""
        most = (MOST_UNKNOWN if self._held is None else MOST_KNOWN) * self._length
        while (end := at - at % self._length + self._length) <= until:
            self._pieces.append((self._held, end - at))
            if self._whole:
                yield self._averages(end - self._length)
            self._pieces, self._whole = [], True
            at = end
            if end >= most + (self._at or 0):
                at = max(end, until - until % self._length)
        self._pieces.append((self._held, until - at))
        self._at = until

    def _averages(self, start: int) -> LiquidityAverages:
        exchange, symbol = self._names
        known = [(held, time) for held, time in self._pieces if held is not None and time]
        exact_us = sum(time for held, time in known if not held.floor)
        floor_us = sum(time for held, time in known if held.floor)
        return LiquidityAverages(
            timestamp=from_us(start),
            exchange=exchange,
            symbol=symbol,
            **_means(known),
            complete=bool(known) and all(held.complete for held, _ in known),
            exact_seconds=_seconds(exact_us),
            floor_seconds=_seconds(floor_us),
            suspect_seconds=_seconds(self._length - exact_us - floor_us),
        )


def _means(known: Sequence[tuple[Held, int]]) -> dict[str, Decimal]:
    if not known:
        return {}
    total = Decimal(sum(time for _, time in known))
    with exact():
        sums = [
            sum((value * time for value, (_, time) in zip(values, known, strict=True)), ZERO)
            for values in zip(*(held.values for held, _ in known), strict=True)
        ]
    means = dict(zip((*AVERAGED, "spread_bps"), (ratio(each, total) for each in sums), strict=True))
    bids, asks = zip(*(held.reach for held, _ in known), strict=True)
    return means | {"reach_bid_bps": min(bids), "reach_ask_bps": min(asks)}


def _seconds(microseconds: int) -> Decimal:
    return Decimal(microseconds).scaleb(-6).normalize() + ZERO
