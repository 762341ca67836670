"""From what a market did to the facts of one topic: what is told, and how often.

No fact has an exchange's words; a venue's writer gives them.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Generic, Protocol, TypeAlias, TypeVar

from msgspec import Struct

from perps_stats.sim.candles import MINUTE_MS, bar_start, minutes_of
from perps_stats.sim.facts import AggregateFact, BarFact, Level, TopFact, TradeFact
from perps_stats.sim.model.book import Touch
from perps_stats.sim.model.history import Print
from perps_stats.sim.model.market import Step
from perps_stats.sim.model.source import ModelSource
from perps_stats.sim.model.trades import aggregate_of, is_forced, trades_of

F = TypeVar("F")
F_co = TypeVar("F_co", covariant=True)
Event: TypeAlias = Print | Touch
SECOND_MS = 1000


class Emitter(Protocol[F_co]):
    """``on_event`` is called for each event of a step in order, ``on_step`` after the last."""

    def on_event(self, event: Event, time: int) -> Iterable[F_co]: ...
    def on_step(self, step: Step) -> Iterable[F_co]: ...


class Changes(Struct, frozen=True):
    """Updates ``first`` to ``last`` of a book, after the one told last, ``previous``.

    Quantities are absolute, "0" with the lot's decimals removes.
    """

    first: int
    last: int
    previous: int
    bids: list[Level]
    asks: list[Level]


class Candle(Struct, frozen=True):
    interval: str
    bar: BarFact
    closed: bool


class Timed(Generic[F]):
    """State, once in a period. The first step tells at once."""

    def __init__(
        self, source: ModelSource, read: Callable[[ModelSource], F], every_ms: int = SECOND_MS
    ) -> None:
        self._source = source
        self._read = read
        self._beat = _Beat(every_ms, source.time())
        self._told = False

    def on_event(self, event: Event, time: int) -> list[F]:  # noqa: ARG002  # state only
        return []

    def on_step(self, step: Step) -> list[F]:
        due = self._beat.due(step.time) or not self._told
        self._told = True
        return [self._read(self._source)] if due else []


class _Each(Generic[F]):
    """Each print or change of the touch as it happens."""

    def __init__(self, facts_of: Callable[[Event, int], Iterable[F]]) -> None:
        self._facts_of = facts_of

    def on_event(self, event: Event, time: int) -> Iterable[F]:
        return self._facts_of(event, time)

    def on_step(self, step: Step) -> list[F]:  # noqa: ARG002  # all was told
        return []


def touches(source: ModelSource) -> Emitter[TopFact]:
    """Each change of the best prices or of what stands there."""
    tick, lot = source.market.coin.tick, source.market.coin.lot

    def facts_of(event: Event, time: int) -> Iterator[TopFact]:
        if isinstance(event, Touch):
            bid = (tick.text(event.bid), lot.text(event.bid_lots))
            ask = (tick.text(event.ask), lot.text(event.ask_lots))
            yield TopFact(event.id, time, bid, ask)

    return _Each(facts_of)


def singles(source: ModelSource) -> Emitter[TradeFact]:
    """Single trades, the insurance fund's among them."""
    coin = source.market.coin
    return _Each(lambda event, _: trades_of(event, coin) if isinstance(event, Print) else ())


def aggregates(source: ModelSource) -> Emitter[AggregateFact]:
    """A taker's fills as one trade."""
    coin = source.market.coin
    return _Each(lambda event, _: [aggregate_of(event, coin)] if isinstance(event, Print) else ())


def forced(source: ModelSource) -> Emitter[AggregateFact]:
    """The trades that closed a position by force; the forced side is the taker."""
    coin = source.market.coin

    def facts_of(event: Event, _: int) -> Iterator[AggregateFact]:
        if isinstance(event, Print) and is_forced(event.id):
            yield aggregate_of(event, coin)

    return _Each(facts_of)


class BookChanges:
    """Gathers changes for a period; with ``levels`` it tells the best of them whole instead.

    A book that begins in its stream wants every step (0 ms): then the book a newcomer is shown is
    the one of ``last``, from which the next change goes on.
    """

    def __init__(self, source: ModelSource, every_ms: int = 0, levels: int = 0) -> None:
        self._levels = levels
        self._source = source
        self._beat = _Beat(every_ms, source.time())
        self.last = source.market.book.id
        self._first = 0
        self._bids: set[int] = set()
        self._asks: set[int] = set()
        self._phantoms: list[Level] = []

    def on_event(self, event: Event, time: int) -> list[Changes]:  # noqa: ARG002  # on_step says it
        return []

    def on_step(self, step: Step) -> list[Changes]:
        self.last += step.leap
        self._first = self._first + step.leap if self._first else step.first
        self._phantoms += phantoms(self._source, step)
        self._bids |= step.bids
        self._asks |= step.asks
        if not self._beat.due(step.time) or not (self._bids or self._asks):
            return []
        changes = Changes(self._first, step.last, self.last, *self._sides())
        self.last, self._first = step.last, 0
        self._bids.clear()
        self._asks.clear()
        self._phantoms.clear()
        return [changes]

    def _sides(self) -> tuple[list[Level], list[Level]]:
        if self._levels:
            best = self._source.book(self._levels)
            return [*self._phantoms, *best.bids][: self._levels], best.asks
        bids, asks = changed(self._source, self._bids, self._asks)
        return bids + self._phantoms, asks


class Candles:
    """The running candle when it changed, and each candle once more when it closed.

    Unless ``quiet``, candles without a trade are not told.
    """

    def __init__(
        self, source: ModelSource, interval: str, every_ms: int, *, quiet: bool = True
    ) -> None:
        self._quiet = quiet
        self._interval = interval
        self._length = minutes_of(interval)
        self._source = source
        self._beat = _Beat(every_ms, source.time())
        self._traded = True

    def on_event(self, event: Event, time: int) -> list[Candle]:  # noqa: ARG002  # on_step says it
        self._traded |= isinstance(event, Print)
        return []

    def on_step(self, step: Step) -> list[Candle]:
        ended = [
            minute + 1 - self._length
            for minute in step.closed
            if bar_start(minute + 1, self._length) == minute + 1
        ]
        told = [candle for start in ended for candle in self._candle(start, closed=True)]
        if self._traded and self._beat.due(step.time):
            start = bar_start(step.time // MINUTE_MS, self._length)
            told += self._candle(start, closed=False)
            self._traded = False
        return told

    def _candle(self, start: int, *, closed: bool) -> Iterator[Candle]:
        bar = self._source.bar(start, self._length)
        if bar is not None and (bar.trades or self._quiet):
            yield Candle(self._interval, bar, closed)


def changed(
    source: ModelSource, bids: Iterable[int], asks: Iterable[int]
) -> tuple[list[Level], list[Level]]:
    """What stands at these prices now, lowest first."""
    coin, book = source.market.coin, source.market.book
    told_bids, told_asks = (
        [(coin.tick.text(tick), coin.lot.text(half.levels.get(tick, 0))) for tick in sorted(ticks)]
        for half, ticks in ((book.bids, bids), (book.asks, asks))
    )
    return told_bids, told_asks


def phantoms(source: ModelSource, step: Step) -> list[Level]:
    """Bids that are told and are not there."""
    if step.phantom is None:
        return []
    coin, (price, lots) = source.market.coin, step.phantom
    return [(coin.tick.text(price), coin.lot.text(lots))]


class _Beat:
    """True once in every period of exchange time."""

    def __init__(self, period_ms: int, now: int) -> None:
        self._period = period_ms
        self._number = now // period_ms if period_ms else 0

    def due(self, now: int) -> bool:
        if not self._period:
            return True
        number = now // self._period
        due = number != self._number
        self._number = number
        return due
