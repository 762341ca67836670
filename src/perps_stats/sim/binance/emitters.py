"""From what a market did to the frames of one stream: what is told, and how often."""

from collections.abc import Callable, Iterator
from typing import Protocol, TypeAlias

from perps_stats.sim.binance import frames
from perps_stats.sim.binance.listing import PERPETUAL, Contract
from perps_stats.sim.binance.streams import Kind, Topic
from perps_stats.sim.candles import MINUTE_MS, bar_start, minutes_of
from perps_stats.sim.facts import Level, TopFact
from perps_stats.sim.model.book import Touch
from perps_stats.sim.model.coins import Coin
from perps_stats.sim.model.history import Print
from perps_stats.sim.model.market import Step
from perps_stats.sim.model.source import ModelSource
from perps_stats.sim.model.trades import aggregate_of, trades_of

Frame: TypeAlias = dict[str, object]
Event: TypeAlias = Print | Touch
SECOND_MS = 1000
FORCED_EVERY = 300
"""Every so many prints, one closes a position by force."""


class Emitter(Protocol):
    """``on_event`` is called for each event of a step in order, ``on_step`` after the last."""

    def on_event(self, event: Event, time: int) -> list[Frame]: ...
    def on_step(self, step: Step) -> list[Frame]: ...


def emitter(topic: Topic, contract: Contract, source: ModelSource) -> Emitter:
    """A new one for each stream: its ``pu`` chain begins where the book is now."""
    if topic.kind is Kind.DEPTH:
        return _Depth(topic, contract, source)
    if topic.kind is Kind.KLINE:
        return _Klines(topic, contract, source)
    if topic.kind in _TOLD:
        return _Events(topic, contract, source)
    return _Timed(topic, contract, source)


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


class _Timed:
    """State, once in a period. The first step tells at once."""

    def __init__(self, topic: Topic, contract: Contract, source: ModelSource) -> None:
        self._kind = topic.kind
        self._contract = contract
        self._source = source
        self._beat = _Beat(topic.every_ms or SECOND_MS, source.time())
        self._told = False

    def on_event(self, event: Event, time: int) -> list[Frame]:  # noqa: ARG002  # state only
        return []

    def on_step(self, step: Step) -> list[Frame]:
        due = self._beat.due(step.time) or not self._told
        self._told = True
        return [self._frame(step.time)] if due else []

    def _frame(self, time: int) -> Frame:
        contract, source = self._contract, self._source
        if self._kind is Kind.TICKER:
            return frames.ticker(contract, time, source.day())
        if self._kind is Kind.MINI_TICKER:
            return frames.mini_ticker(contract, time, source.day())
        return frames.mark(contract, time, source.mark(), pays=contract.kind == PERPETUAL)


class _Events:
    """Each print or change of the touch as it happens."""

    def __init__(self, topic: Topic, contract: Contract, source: ModelSource) -> None:
        self._tell = _TOLD[topic.kind]
        self._contract = contract
        self._coin = source.market.coin

    def on_event(self, event: Event, time: int) -> list[Frame]:
        return self._tell(self._contract, self._coin, event, time)

    def on_step(self, step: Step) -> list[Frame]:  # noqa: ARG002  # all was told
        return []


class _Depth:
    """Gathers changes until it is time; ``U`` is the first of them, ``u`` the last."""

    def __init__(self, topic: Topic, contract: Contract, source: ModelSource) -> None:
        self._levels = topic.levels
        self._contract = contract
        self._source = source
        self._beat = _Beat(topic.every_ms, source.time())
        self._previous = source.market.book.id
        self._first = 0
        self._bids: set[int] = set()
        self._asks: set[int] = set()

    def on_event(self, event: Event, time: int) -> list[Frame]:  # noqa: ARG002  # the diff says it
        return []

    def on_step(self, step: Step) -> list[Frame]:
        self._first = self._first or step.first
        self._bids |= step.bids
        self._asks |= step.asks
        if not self._beat.due(step.time) or not (self._bids or self._asks):
            return []
        ids = (self._first, step.last, self._previous)
        frame = frames.depth(self._contract, step.time, ids, *self._sides())
        self._previous, self._first = step.last, 0
        self._bids.clear()
        self._asks.clear()
        return [frame]

    def _sides(self) -> tuple[list[Level], list[Level]]:
        if self._levels:
            best = self._source.book(self._levels)
            return best.bids, best.asks
        coin, book = self._source.market.coin, self._source.market.book
        bids, asks = (
            [
                (coin.tick.text(price), coin.lot.text(half.levels.get(price, 0)))
                for price in sorted(changed)
            ]
            for half, changed in ((book.bids, self._bids), (book.asks, self._asks))
        )
        return bids, asks


class _Klines:
    """The running candle when it changed, and each candle once more when it closed."""

    def __init__(self, topic: Topic, contract: Contract, source: ModelSource) -> None:
        self._interval = topic.interval
        self._length = minutes_of(topic.interval)
        self._contract = contract
        self._source = source
        self._beat = _Beat(topic.every_ms, source.time())
        self._traded = True

    def on_event(self, event: Event, time: int) -> list[Frame]:  # noqa: ARG002
        self._traded |= isinstance(event, Print)
        return []

    def on_step(self, step: Step) -> list[Frame]:
        ended = [
            minute + 1 - self._length
            for minute in step.closed
            if bar_start(minute + 1, self._length) == minute + 1
        ]
        told = [frame for start in ended for frame in self._frames(start, step, closed=True)]
        if self._traded and self._beat.due(step.time):
            start = bar_start(step.time // MINUTE_MS, self._length)
            told += self._frames(start, step, closed=False)
            self._traded = False
        return told

    def _frames(self, start: int, step: Step, *, closed: bool) -> Iterator[Frame]:
        bar = self._source.bar(start, self._length)
        if bar is not None:
            yield frames.kline(self._contract, step.time, self._interval, bar, closed=closed)


def _book_ticker(contract: Contract, coin: Coin, event: Event, time: int) -> list[Frame]:
    if not isinstance(event, Touch):
        return []
    bid = (coin.tick.text(event.bid), coin.lot.text(event.bid_lots))
    ask = (coin.tick.text(event.ask), coin.lot.text(event.ask_lots))
    return [frames.book_ticker(contract, time, TopFact(event.id, time, bid, ask))]


def _trades(contract: Contract, coin: Coin, event: Event, time: int) -> list[Frame]:
    if not isinstance(event, Print):
        return []
    return [frames.trade(contract, time, fact) for fact in trades_of(event, coin)]


def _aggregate(contract: Contract, coin: Coin, event: Event, time: int) -> list[Frame]:
    if not isinstance(event, Print):
        return []
    return [frames.aggregate(contract, time, aggregate_of(event, coin))]


def _force_order(contract: Contract, coin: Coin, event: Event, time: int) -> list[Frame]:
    if not isinstance(event, Print) or event.id % FORCED_EVERY:
        return []
    return [frames.force_order(contract, time, aggregate_of(event, coin))]


_TOLD: dict[Kind, Callable[[Contract, Coin, Event, int], list[Frame]]] = {
    Kind.BOOK_TICKER: _book_ticker,
    Kind.TRADE: _trades,
    Kind.AGG_TRADE: _aggregate,
    Kind.FORCE_ORDER: _force_order,
}
