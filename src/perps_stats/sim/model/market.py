"""A market that trades: the history's prints at their times, and a book that they agree with.

It knows no exchange. ``advance`` moves it to a time and tells its listeners what happened; every
venue that lists the market tells it in its own words.
"""

from collections.abc import Callable
from typing import TypeAlias

import msgspec

from perps_stats.sim.candles import MINUTE_MS
from perps_stats.sim.model.book import Book, Touch
from perps_stats.sim.model.coins import Coin
from perps_stats.sim.model.gauges import Gauges
from perps_stats.sim.model.history import (
    Candle,
    History,
    Print,
    candle_of_print,
    joined,
)
from perps_stats.sim.model.noise import dice

STEP_MS = 50
PHANTOM_PART = 1000
"""A phantom bid lies a thousandth of the price above the best ask."""
CHURN = 4
"""Book changes a side and step."""
IDS_PER_MS = 16
"""Update ids start from the clock, so that they grow from one run to the next."""


class Step(msgspec.Struct):
    """What happened up to ``time``: prints and changes of the touch in order, then the diff.

    ``first`` to ``last`` are the ids of the book's updates; the changed prices are in ticks.
    """

    time: int
    events: list[Print | Touch]
    first: int
    last: int
    bids: frozenset[int]
    asks: frozenset[int]
    closed: tuple[int, ...] = ()
    """The minutes that ended in this step."""
    leap: int = 0
    """By how much the ids have leapt since the step before, though nothing is missing."""
    phantom: tuple[int, int] | None = None
    """The price and lots of a bid that crosses the book in what is told, and is not there."""


Listener: TypeAlias = Callable[[Step], None]


class Market:
    """``now`` is in ms; ``name`` tells markets of one coin apart."""

    def __init__(self, seed: int, name: str, coin: Coin, now: int) -> None:
        self.name = name
        self.coin = coin
        self.history = History(seed, name, coin)
        self.gauges = Gauges(seed, name, coin)
        self.time = now
        self.listeners: list[Listener] = []
        self.rests = False
        self._leap = 0
        self._crosses = False
        self._minute = now // MINUTE_MS
        self._played = 0
        self._current: Candle | None = None
        self._skip(now)
        self.book = Book(coin, self.price, now * IDS_PER_MS, dice(seed, name, "book"))
        self._touch = self.book.touch()

    @property
    def price(self) -> int:
        """The last traded price, in ticks."""
        return self.last.price

    @property
    def last(self) -> Print:
        """The last print that happened. Raises ``ValueError`` where there was none yet."""
        if self._played:
            return self.history.prints(self._minute)[self._played - 1]
        minute = self.history.busy_before(self._minute)
        if minute is None:
            raise ValueError(f"{self.name} was not listed yet")
        return self.history.prints(minute)[-1]

    @property
    def touch(self) -> Touch:
        return self.book.touch()

    def advance(self, now: int) -> Step:
        """Trade until ``now``, unless the market rests: then only time passes. While the clock
        stands still, or goes back, nothing happens and nobody is told.
        """
        last = self.book.id
        nothing = Step(max(now, self.time), [], last + 1, last, frozenset(), frozenset())
        if now <= self.time:
            return nothing
        self.time = now
        step = nothing if self.rests else self._traded(now)
        for listener in self.listeners:
            listener(step)
        return step

    def leap(self, by: int) -> None:
        """With the next step the book's ids leap."""
        self._leap += by

    def cross(self) -> None:
        """The next step tells of a phantom."""
        self._crosses = True

    def _traded(self, now: int) -> Step:
        leap, self._leap = self._leap, 0
        self.book.renumber(leap)
        self.book.settle()
        first = self.book.id + 1
        started = self._minute
        events: list[Print | Touch] = []
        for trade in self._due(now):
            self._execute(trade, events)
        self.book.churn(CHURN)
        self._tell_touch(events)
        return Step(
            now,
            events,
            first,
            self.book.id,
            frozenset(self.book.bids.changed),
            frozenset(self.book.asks.changed),
            tuple(range(started, self._minute)),
            leap,
            self._phantom(),
        )

    def _phantom(self) -> tuple[int, int] | None:
        if not self._crosses:
            return None
        self._crosses = False
        touch = self.book.touch()
        return touch.ask + touch.ask // PHANTOM_PART + self.coin.spread, touch.ask_lots

    def span(self, start: int, end: int) -> Candle | None:
        """The candle over minutes ``[start, end)`` as far as they have happened."""
        if end <= self._minute:
            return self.history.span(start, end)
        past = self.history.span(start, self._minute)
        current = self._current if start <= self._minute < end else None
        return joined(candle for candle in (past, current) if candle is not None)

    def price_before(self, minute: int) -> int | None:
        """The last traded price before the start of that minute, which has begun."""
        return self.history.price_before(minute) if minute <= self._minute else self.price

    def prints_of(self, minute: int) -> list[Print]:
        """The prints of a minute as far as they have happened."""
        if minute > self._minute or minute < self.history.listed:
            return []
        trades = self.history.prints(minute)
        return trades[: self._played] if minute == self._minute else trades

    def _execute(self, trade: Print, events: list[Print | Touch]) -> None:
        self.book.meet(trade)
        self._tell_touch(events)
        events.append(trade)
        self.book.trade(trade)
        self._tell_touch(events)

    def _tell_touch(self, events: list[Print | Touch]) -> None:
        touch = self.book.touch()
        if touch[1:] != self._touch[1:]:
            events.append(touch)
            self._touch = touch

    def _due(self, now: int) -> list[Print]:
        due: list[Print] = []
        while True:
            trades = self.history.prints(self._minute)
            while self._played < len(trades) and trades[self._played].time <= now:
                self._happened(trades[self._played])
                due.append(trades[self._played - 1])
            if now < (self._minute + 1) * MINUTE_MS:
                return due
            self._minute, self._played, self._current = self._minute + 1, 0, None

    def _skip(self, now: int) -> None:
        for trade in self.history.prints(self._minute):
            if trade.time <= now:
                self._happened(trade)

    def _happened(self, trade: Print) -> None:
        self._played += 1
        candle = candle_of_print(trade)
        self._current = joined((self._current, candle)) if self._current else candle
