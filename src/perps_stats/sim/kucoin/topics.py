"""KuCoin's topics as topics of the model's markets."""

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from msgspec.structs import replace

from perps_stats.sim.dialect.emitters import BookChanges, Candles, Changes, Event, Timed, singles
from perps_stats.sim.dialect.hub import Topic, Voice, voice
from perps_stats.sim.dialect.sequence import OneByOne, Sequence
from perps_stats.sim.facts import BookFact, SettlementFact, TopFact, TradeFact
from perps_stats.sim.kucoin import frames
from perps_stats.sim.kucoin.board import Board
from perps_stats.sim.kucoin.listing import LATEST, PERPETUAL, Contract, running_rate
from perps_stats.sim.model.market import Step
from perps_stats.sim.model.source import ModelSource

ANNOUNCEMENTS = "/contract/announcement"
CANDLE = "/contractMarket/limitCandle"
CANDLES = {
    **{f"{minutes}min": f"{minutes}m" for minutes in (1, 5, 15, 30)},
    **{f"{hours}hour": f"{hours}h" for hours in (1, 2, 4, 8, 12)},
    "1day": "1d",
    "1week": "1w",
}
BEST_MS, DAY_MS, CANDLE_MS = 100, 5000, 1000
Voices: TypeAlias = Callable[[str, Contract, ModelSource, Sequence], tuple[Voice, ...]]


class Tops:
    """The best of both sides after each step that changed it, under the sequence of its book."""

    def __init__(self, source: ModelSource, sequence: Sequence) -> None:
        self._source = source
        self._sequence = sequence
        self._told = source.market.touch[1:]

    def on_event(self, event: Event, time: int) -> list[TopFact]:  # noqa: ARG002  # on_step says it
        return []

    def on_step(self, step: Step) -> list[TopFact]:  # noqa: ARG002  # the source has its state
        touch = self._source.market.touch[1:]
        if touch == self._told:
            return []
        self._told = touch
        return [replace(self._source.top(), last=self._sequence.last)]


class Fills:
    """The book's single trades, as REST lists them."""

    def __init__(self, source: ModelSource) -> None:
        self._singles = singles(source)

    def on_event(self, event: Event, time: int) -> list[TradeFact]:
        return [fact for fact in self._singles.on_event(event, time) if fact.market]

    def on_step(self, step: Step) -> list[TradeFact]:  # noqa: ARG002  # all was told
        return []


class Settlements:
    """Each settlement once it is over."""

    def __init__(self, source: ModelSource) -> None:
        self._source = source
        self._last = self._newest()

    def on_event(self, event: Event, time: int) -> list[SettlementFact]:  # noqa: ARG002
        return []

    def on_step(self, step: Step) -> list[SettlementFact]:  # noqa: ARG002  # the source knows
        newest, last = self._newest(), self._last
        self._last = newest
        return [newest] if newest and newest != last else []

    def _newest(self) -> SettlementFact | None:
        return next(iter(self._source.settlements(LATEST)), None)


def is_topic(name: str) -> bool:
    """Whether there is such a topic, whatever symbol it names."""
    kind, _, symbol = name.partition(":")
    if kind == CANDLE:
        return symbol.rpartition("_")[2] in CANDLES
    return name == ANNOUNCEMENTS or (kind in VOICES and bool(symbol))


def topic_of(board: Board, name: str) -> Topic | None:
    """``None`` for a symbol that KuCoin acknowledges and of which it never says anything."""
    if name == ANNOUNCEMENTS:
        voices = (voice for each in board.sources for voice in _announcements(board, each))
        return Topic(kind="announcement", voices=tuple(voices))
    kind, _, symbol = name.partition(":")
    if kind == CANDLE:
        symbol = symbol.rpartition("_")[0]
    contract, source = board.contract(symbol), board.sources.get(symbol)
    if contract is None or source is None:
        return None
    return Topic(
        kind=kind.rpartition("/")[2],
        voices=VOICES[kind](name, contract, source, board.sequence(symbol)),
        is_chain=kind == "/contractMarket/level2",
    )


def _announcements(board: Board, symbol: str) -> list[Voice]:
    contract, source = board.contract(symbol), board.sources[symbol]
    if contract is None or contract.kind != PERPETUAL:
        return []
    return [
        voice(
            source,
            Settlements(source),
            partial(frames.announced, ANNOUNCEMENTS, subject, contract),
            "funding",
        )
        for subject in ("funding.begin", "funding.end")
    ]


def _changes(
    name: str, contract: Contract, source: ModelSource, sequence: Sequence
) -> tuple[Voice, ...]:
    return (voice(source, OneByOne(sequence), partial(frames.change, name, contract), "orderbook"),)


def _best_levels(count: int) -> Voices:
    def voices(
        name: str, contract: Contract, source: ModelSource, sequence: Sequence
    ) -> tuple[Voice, ...]:
        def write(time: int, fact: Changes) -> object:
            book = BookFact(sequence.last, time, time, fact.bids, fact.asks)
            return frames.best_levels(name, contract, time, book)

        return (voice(source, BookChanges(source, BEST_MS, count), write, "orderbook"),)

    return voices


def _best(
    name: str, contract: Contract, source: ModelSource, sequence: Sequence
) -> tuple[Voice, ...]:
    return (voice(source, Tops(source, sequence), partial(frames.best, name, contract), "best"),)


def _matches(name: str, contract: Contract, source: ModelSource, _: Sequence) -> tuple[Voice, ...]:
    return (voice(source, Fills(source), partial(frames.match, name, contract), "trades"),)


def _instrument(
    name: str, contract: Contract, source: ModelSource, _: Sequence
) -> tuple[Voice, ...]:
    """Mark and index; of a perpetual also the running rate, and each that was settled."""
    mark = voice(source, Timed(source, ModelSource.mark), partial(frames.mark, name), "mark")
    if contract.kind != PERPETUAL:
        return (mark,)
    rate = Timed(source, partial(running_rate, contract), frames.EVERY_MINUTE)
    settled = partial(frames.settled_rate, name, contract)
    return (
        mark,
        voice(source, rate, partial(frames.rate, name), "funding"),
        voice(source, Settlements(source), settled, "funding"),
    )


def _day(name: str, contract: Contract, source: ModelSource, _: Sequence) -> tuple[Voice, ...]:
    day = Timed(source, ModelSource.day, DAY_MS)
    return (voice(source, day, partial(frames.day, name, contract), "day"),)


def _candles(name: str, contract: Contract, source: ModelSource, _: Sequence) -> tuple[Voice, ...]:
    interval = CANDLES[name.rpartition("_")[2]]
    candles = Candles(source, interval, CANDLE_MS, quiet=False)
    return (voice(source, candles, partial(frames.candle, name, contract), "klines"),)


VOICES: dict[str, Voices] = {
    "/contractMarket/level2": _changes,
    "/contractMarket/level2Depth5": _best_levels(5),
    "/contractMarket/level2Depth50": _best_levels(50),
    "/contractMarket/tickerV2": _best,
    "/contractMarket/execution": _matches,
    "/contract/instrument": _instrument,
    "/contractMarket/snapshot": _day,
    CANDLE: _candles,
}
