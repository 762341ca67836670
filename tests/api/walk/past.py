"""What a simulated market was at each of its past moments, by its own facts as they were then."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache

from msgspec import Struct
from tests.api.walk.figures import Book, Levels

from perps_stats.core.times import to_ms
from perps_stats.sim import Simulator, Truth
from perps_stats.sim.facts import DayFact, MarkFact, TopFact
from perps_stats.sim.model.market import Step
from perps_stats.sim.model.source import ModelSource

NATIVE = {
    "aster": "{}USDT",
    "binance": "{}USDT",
    "kucoin": "{}USDTM",
    "lighter": "{}",
    "paradex": "{}-USD-PERP",
}
Side = dict[int, int]


class Moment(Struct, frozen=True):
    """After a step: what a question would have been answered, and what the step had changed."""

    top: TopFact
    day: DayFact
    mark: MarkFact
    interest: Decimal
    changes: tuple[Side, Side]

    @property
    def value(self) -> Decimal:
        """Of the open interest, as Lighter tells it: to six decimals."""
        return (self.interest * Decimal(self.mark.mark)).quantize(Decimal("0.000001"))


class Past:
    """Of one market, from now on. A time is that of a row; a row says no less than a ms."""

    def __init__(self, simulator: Simulator, exchange: str, symbol: str) -> None:
        coin = "XBT" if (exchange, symbol) == ("kucoin", "BTC") else symbol
        source = simulator.venues[exchange].source(NATIVE[exchange].format(coin))
        assert isinstance(source, ModelSource)
        self.source = source
        self.native = source.symbol or NATIVE[exchange].format(coin)
        self.market = source.market
        self.since = source.market.time
        self.moments: dict[int, Moment] = {}
        book = source.market.book
        self._first = (dict(book.bids.levels), dict(book.asks.levels))
        self.truth = cache(self._truth)
        self.book = cache(self._book)
        source.market.listeners.append(self._note)

    def at(self, time: object) -> Moment:
        """Raises ``KeyError`` where nothing happened at that time."""
        return self.moments[ms_of(time)]

    def at_ms(self, time: int) -> Book:
        return self.book(datetime.fromtimestamp(time / 1000, UTC).isoformat())

    def between(self, time: object, back: timedelta, ahead: timedelta) -> Iterator[Moment]:
        now = ms_of(time)
        first, last = now - back / MS, now + ahead / MS
        return (moment for each, moment in self.moments.items() if first <= each <= last)

    def _truth(self, time: object) -> Truth:
        sides = (
            tuple(self._level(tick, lots) for tick, lots in side) for side in self._sides(time)
        )
        return Truth(self.at(time).top.last, ms_of(time), *sides)

    def _book(self, time: object) -> Book:
        coin = self.market.coin
        steps = (Fraction(scale.text(1)) for scale in (coin.tick, coin.lot))
        return Book(*self._sides(time), *steps)

    def _sides(self, time: object) -> tuple[Levels, Levels]:
        """Best first, in ticks and lots."""
        now = ms_of(time)
        sides = [dict(side) for side in self._first]
        for each, moment in self.moments.items():
            if each > now:
                break
            for side, changed in zip(sides, moment.changes, strict=True):
                side.update(changed)
        bids, asks = (sorted(level for level in side.items() if level[1]) for side in sides)
        return bids[::-1], asks

    def _level(self, tick: int, lots: int) -> tuple[Decimal, Decimal]:
        coin = self.market.coin
        return Decimal(coin.tick.text(tick)), Decimal(coin.lot.text(lots))

    def _note(self, step: Step) -> None:
        source, book = self.source, self.market.book
        bids, asks = (
            {tick: half.levels.get(tick, 0) for tick in ticks}
            for half, ticks in ((book.bids, step.bids), (book.asks, step.asks))
        )
        self.moments[step.time] = Moment(
            source.top(),
            source.day(),
            source.mark(),
            Decimal(source.open_interest()[0]),
            (bids, asks),
        )


MS = timedelta(milliseconds=1)


def ms_of(time: object) -> int:
    return to_ms(datetime.fromisoformat(str(time)))
