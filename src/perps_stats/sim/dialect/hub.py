"""The model's markets as topics: a frame is written once and posted to all who listen."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import msgspec

from perps_stats.sim.dialect.emitters import Emitter, Event
from perps_stats.sim.dialect.manners import Client
from perps_stats.sim.faults import Faults
from perps_stats.sim.model.market import Market, Step
from perps_stats.sim.model.source import ModelSource

F = TypeVar("F")


class Voice(msgspec.Struct, frozen=True):
    """One market's part in a topic: its frames, still to be encoded."""

    market: Market
    on_event: Callable[[Event, int], Iterable[object]]
    on_step: Callable[[Step], Iterable[object]]


def voice(source: ModelSource, emitter: Emitter[F], write: Callable[[int, F], object]) -> Voice:
    """``write`` makes a frame of a time and a fact: an object to encode, or bytes."""
    return Voice(
        source.market,
        lambda event, time: [write(time, fact) for fact in emitter.on_event(event, time)],
        lambda step: [write(step.time, fact) for fact in emitter.on_step(step)],
    )


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """``kind`` is what its frames are counted as; several voices make a topic of many markets."""

    kind: str
    voices: tuple[Voice, ...]
    is_chain: bool = False
    """Whether its frames are a book's chain, which the drop fault breaks."""
    first: Callable[[], Iterable[object]] = tuple
    """Frames for each newcomer alone, such as a snapshot, as the market is at that moment."""


class Hub:
    """``open_topic`` makes the topic of a name; ``None`` is one that never says anything.

    A topic lives while somebody listens to it: its chain begins where the book is then.
    """

    def __init__(self, open_topic: Callable[[str], Topic | None], faults: Faults) -> None:
        self._open = open_topic
        self._faults = faults
        self._lines: dict[str, _Line] = {}
        self._heard: dict[Market, dict[str, _Line]] = {}

    def subscribe(self, client: Client, topic: str) -> None:
        line = self._lines.get(topic) or self._line(topic)
        if line is not None:
            line.clients[client] = None
            for frame in line.topic.first():
                client.post(line.topic.kind, encoded(frame), topic)

    def unsubscribe(self, client: Client, topic: str) -> None:
        line = self._lines.get(topic)
        if line is None:
            return
        line.clients.pop(client, None)
        if not line.clients:
            del self._lines[topic]
            for one in line.topic.voices:
                self._heard[one.market].pop(topic, None)

    def _line(self, name: str) -> "_Line | None":
        topic = self._open(name)
        if topic is None:
            return None
        line = self._lines[name] = _Line(name, topic)
        for one in topic.voices:
            self._lines_of(one.market)[name] = line
        return line

    def _lines_of(self, market: Market) -> "dict[str, _Line]":
        lines = self._heard.get(market)
        if lines is None:
            lines = self._heard[market] = {}
            market.listeners.append(lambda step: self._tell(market, step))
        return lines

    def _tell(self, market: Market, step: Step) -> None:
        told = [
            (line, one)
            for line in self._heard[market].values()
            for one in line.topic.voices
            if one.market is market
        ]
        for event in step.events if told else ():
            for line, one in told:
                self._post(line, one.on_event(event, step.time))
        for line, one in told:
            self._post(line, one.on_step(step))

    def _post(self, line: "_Line", frames: Iterable[object]) -> None:
        for frame in frames:
            if line.topic.is_chain and self._faults.drops_diff():
                continue
            raw = encoded(frame)
            for client in tuple(line.clients):
                client.post(line.topic.kind, raw, line.name)


class _Line:
    """A topic that somebody listens to."""

    def __init__(self, name: str, topic: Topic) -> None:
        self.name = name
        self.topic = topic
        self.clients: dict[Client, None] = {}


def encoded(frame: object) -> bytes:
    return frame if isinstance(frame, bytes) else msgspec.json.encode(frame)
