"""The model's markets as topics: a frame is written once and posted to all who listen."""

from collections.abc import Callable
from typing import TypeVar

from perps_stats.sim.dialect.emitters import Emitter
from perps_stats.sim.dialect.line import Line, Topic, Voice, encoded
from perps_stats.sim.dialect.manners import Client
from perps_stats.sim.faults import BOOKS
from perps_stats.sim.losses import Harm
from perps_stats.sim.model.history import Print
from perps_stats.sim.model.market import Market, Step
from perps_stats.sim.model.source import ModelSource
from perps_stats.sim.pending import Faults

__all__ = ["Hub", "Topic", "Voice", "voice"]

F = TypeVar("F")
REMEMBERED = 64
"""Topics of books of which the first frame is kept, to be told once more when it is old."""


def voice(
    source: ModelSource, emitter: Emitter[F], write: Callable[[int, F], object], *streams: str
) -> Voice:
    """``write`` makes a frame of a time and a fact: an object to encode, or bytes. It tells of
    ``streams``, by their channels' names.
    """
    return Voice(
        source,
        streams,
        lambda event, time: [write(time, fact) for fact in emitter.on_event(event, time)],
        lambda step: [write(step.time, fact) for fact in emitter.on_step(step)],
    )


class Hub:
    """``open_topic`` makes the topic of a name; ``None`` is one that never says anything.

    A topic lives while somebody listens to it: its chain begins where the book is then. It also
    lives on while nobody does because of a fault, so that it is known what was missed.
    """

    def __init__(self, open_topic: Callable[[str], Topic | None], faults: Faults) -> None:
        self._open = open_topic
        self._faults = faults
        self._lines: dict[str, Line] = {}
        self._heard: dict[Market, dict[str, Line]] = {}
        self._firsts: dict[str, list[bytes]] = {}

    def subscribe(self, client: Client, topic: str) -> None:
        line = self._lines.get(topic) or self._line(topic)
        if line is not None:
            line.clients[client] = None
            line.missed_by = ""
            self._greet(client, line)

    def unsubscribe(self, client: Client, topic: str) -> None:
        line = self._lines.get(topic)
        if line is None or client not in line.clients:
            return
        del line.clients[client]
        if line.clients:
            return
        if client.trouble:
            line.miss_by(client.trouble)
        else:
            del self._lines[topic]
            for one in line.topic.voices:
                self._heard[one.market].pop(topic, None)

    def _greet(self, client: Client, line: Line) -> None:
        """The first frames. A fault may show the one who comes again an old book."""
        frames = [encoded(frame) for frame in line.topic.first()]
        if not frames:
            return
        told, losses = line.told_at_first(), self._faults.losses
        if told is not None and line.topic.replayed:
            losses.made_good(told, line.topic.replayed)
        old = self._remembered(line.name, frames) if told and BOOKS in told.streams else None
        fault = self._faults.on_subscribed_again(told) if told and old else None
        if told and old and fault:
            losses.disturbed(told, fault.kind, Harm.BROKEN)
            frames, told = old, None
        for frame in frames:
            client.post(line.topic.kind, frame, line.name, told)

    def _remembered(self, topic: str, frames: list[bytes]) -> list[bytes] | None:
        """What was told the first time, if this is not the first time."""
        old = self._firsts.get(topic)
        if old is None:
            self._firsts[topic] = frames
            if len(self._firsts) > REMEMBERED:
                del self._firsts[next(iter(self._firsts))]
        return old

    def _line(self, name: str) -> Line | None:
        topic = self._open(name)
        if topic is None:
            return None
        line = self._lines[name] = Line(name, topic, self._faults)
        for one in topic.voices:
            self._lines_of(one.market)[name] = line
        return line

    def _lines_of(self, market: Market) -> dict[str, Line]:
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
        for line, one in told:
            line.begin(one, step)
        for event in step.events if told else ():
            time = event.time if isinstance(event, Print) else step.time
            for line, one in told:
                line.tell(one, one.on_event(event, step.time), time)
        for line, one in told:
            line.tell(one, one.on_step(step), step.time)
            line.finish(one, step)
