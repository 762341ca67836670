"""Paradex's channels as topics of the model's markets."""

import re
from collections.abc import Callable, Iterable
from functools import partial

from perps_stats.sim.dialect.emitters import (
    BookChanges,
    Changes,
    Event,
    Timed,
    aggregates,
    phantoms,
)
from perps_stats.sim.dialect.hub import Topic, Voice, voice
from perps_stats.sim.facts import AggregateFact, MarkFact, TopFact
from perps_stats.sim.model.market import Step
from perps_stats.sim.model.source import ModelSource
from perps_stats.sim.paradex import frames, rows
from perps_stats.sim.paradex.board import Board
from perps_stats.sim.paradex.frames import Told, push, whole_book
from perps_stats.sim.paradex.questions import EVERY, FUNDING_MS

LEVELS = 15
_BOOK = re.compile(r"order_book\.([^.]+)\.(?:(snapshot|interactive)@15@(50|100)ms|deltas)")
_OTHER = re.compile(r"(trades|bbo|markets_summary|funding_data)(?:\.([^.]+))?")
ALL_ALONE = {"markets_summary", "funding_data"}
"""What is told of all markets by a name without one; of trades and best prices it is ``.ALL``."""


class Deltas:
    """What each step changed of the whole book: levels that come, change and go."""

    def __init__(self, source: ModelSource, number: Callable[[], int]) -> None:
        self._source = source
        self._number = number
        book = source.market.book
        self._known = {"BUY": set(book.bids.levels), "SELL": set(book.asks.levels)}

    def on_event(self, event: Event, time: int) -> list[Told]:  # noqa: ARG002  # on_step says it
        return []

    def on_step(self, step: Step) -> list[Told]:
        if not (step.bids or step.asks):
            return []
        told = Told(self._number(), [], [], [])
        book = self._source.market.book
        for side, half, ticks in (("BUY", book.bids, step.bids), ("SELL", book.asks, step.asks)):
            for tick in sorted(ticks):
                self._tell(told, side, tick, half.levels.get(tick, 0))
        told.inserts.extend(frames.row("BUY", *each) for each in phantoms(self._source, step))
        return [told]

    def _tell(self, told: Told, side: str, tick: int, lots: int) -> None:
        """A level that came and went within the step is not told."""
        coin, known = self._source.market.coin, self._known[side]
        row = frames.row(side, coin.tick.text(tick), coin.lot.text(lots))
        if tick in known:
            (told.updates if lots else told.deletes).append(row)
        elif lots:
            told.inserts.append(row)
        (known.add if lots else known.discard)(tick)


class Tops:
    """The best of both sides after each step that changed it."""

    def __init__(self, source: ModelSource) -> None:
        self._source = source
        self._told = source.market.touch[1:]

    def on_event(self, event: Event, time: int) -> list[TopFact]:  # noqa: ARG002  # on_step says it
        return []

    def on_step(self, step: Step) -> list[TopFact]:  # noqa: ARG002  # the source has its state
        touch = self._source.market.touch[1:]
        if touch == self._told:
            return []
        self._told = touch
        return [self._source.top()]


def is_channel(board: Board, name: str) -> bool:
    """Whether it can be subscribed to. Options and the like are silent."""
    if match := _BOOK.fullmatch(name):
        return board.contract(match[1]) is not None
    match = _OTHER.fullmatch(name)
    if match is None:
        return False
    kind, market = match[1], match[2]
    if market is None:
        return kind in ALL_ALONE
    return board.contract(market) is not None or (market == EVERY and kind not in ALL_ALONE)


def topic_of(board: Board, name: str) -> Topic | None:
    """``None`` for a market that does not trade. Ask for what ``is_channel`` alone."""
    if match := _BOOK.fullmatch(name):
        if match[1] not in board.sources:
            return None
        every_ms = int(match[3] or 0)
        return book_topic(board, name, match[1], every_ms) if every_ms else deltas(board, name)
    match = _OTHER.fullmatch(name)
    if match is None:
        return None
    kind, market = match[1], match[2]
    symbols = list(board.sources) if market in {None, EVERY} else [market]
    voices = [_voice(board, kind, name, each) for each in symbols if each in board.sources]
    return Topic(kind=kind, voices=tuple(voices)) if voices else None


def book_topic(board: Board, name: str, symbol: str, every_ms: int) -> Topic:
    """The best levels whole, at most once in a period: no chain."""
    source, numbers = board.sources[symbol], board.numbers[symbol]

    def write(time: int, changes: Changes) -> object:
        told = whole_book(numbers.last, changes.bids, changes.asks)
        return push(name, frames.book(symbol, time, told, is_whole=True))

    emitter = BookChanges(source, every_ms, LEVELS)
    first = partial(_first_book, board, name, symbol, LEVELS)
    voices = (voice(source, emitter, write, "orderbook"),)
    return Topic(kind="order_book", voices=voices, first=first)


def deltas(board: Board, name: str) -> Topic:
    """The whole book to a newcomer, then each step's changes, numbered one above the last."""
    symbol = name.split(".")[1]
    source, numbers = board.sources[symbol], board.numbers[symbol]

    def write(time: int, told: Told) -> object:
        return push(name, frames.book(symbol, time, told, is_whole=False))

    emitter = Deltas(source, lambda: numbers.last)
    first = partial(_first_book, board, name, symbol, 10**9)
    voices = (voice(source, emitter, write, "orderbook"),)
    return Topic(kind="order_book", voices=voices, is_chain=True, first=first)


def _first_book(board: Board, name: str, symbol: str, levels: int) -> Iterable[object]:
    fact = board.sources[symbol].book(levels)
    told = whole_book(board.numbers[symbol].last, fact.bids, fact.asks)
    yield push(name, frames.book(symbol, fact.time, told, is_whole=True))


def _voice(board: Board, kind: str, name: str, symbol: str) -> Voice:
    """All but books; their frames are the rows of REST."""
    source, numbers = board.sources[symbol], board.numbers[symbol]
    contract = board.contract(symbol)
    if contract is None:
        raise KeyError(symbol)

    def trade(_: int, fact: AggregateFact) -> object:
        return push(name, rows.trade(symbol, fact))

    def best(time: int, fact: TopFact) -> object:
        return push(name, rows.top(symbol, numbers.last, fact, time))

    def funding(time: int, fact: MarkFact) -> object:
        return push(name, rows.funding(contract, time, fact))

    def summary(_: int, now: ModelSource) -> object:
        return push(name, rows.summary(contract, now))

    match kind:
        case "trades":
            return voice(source, aggregates(source), trade, "trades")
        case "bbo":
            return voice(source, Tops(source), best, "best")
        case "funding_data":
            return voice(source, Timed(source, ModelSource.mark, FUNDING_MS), funding, "funding")
        case _:
            return voice(source, Timed(source, lambda now: now), summary, "day", "mark")
