"""A topic that somebody listens to, and what faults do to its frames on their way to all."""

import asyncio
from collections.abc import Callable, Iterable

import msgspec

from perps_stats.sim.dialect.emitters import Event
from perps_stats.sim.dialect.manners import Client
from perps_stats.sim.faults import BOOKS, Fault, Kind
from perps_stats.sim.losses import Harm, Told
from perps_stats.sim.model.market import Market, Step
from perps_stats.sim.model.source import ModelSource
from perps_stats.sim.pending import Faults

LEAP = 100_000
"""By how much numbers leap, ahead or back."""


class Voice(msgspec.Struct, frozen=True):
    """One market's part in a topic: its frames, still to be encoded, tell of ``streams``."""

    source: ModelSource
    streams: tuple[str, ...]
    on_event: Callable[[Event, int], Iterable[object]]
    on_step: Callable[[Step], Iterable[object]]

    @property
    def market(self) -> Market:
        return self.source.market


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """``kind`` is what its frames are counted as; several voices make a topic of many markets."""

    kind: str
    voices: tuple[Voice, ...]
    is_chain: bool = False
    """Whether its frames are a book's changes, each to be applied to what the last one left."""
    first: Callable[[], Iterable[object]] = tuple
    """Frames for each newcomer alone, such as a snapshot, as the market is at that moment."""
    replayed: int = 0
    """So many of the last frames are told again by the first."""


class Line:
    """``missed_by`` is the fault because of which nobody listens at present."""

    def __init__(self, name: str, topic: Topic, faults: Faults) -> None:
        self.name = name
        self.topic = topic
        self.clients: dict[Client, None] = {}
        self.missed_by = ""
        self._faults = faults
        self._held: list[tuple[Told, object]] = []
        self._storms_until = 0

    def told_at_first(self) -> Told | None:
        """What a newcomer's first frame tells; ``None`` where it is of many markets, or of none."""
        voices = {one.source: one for one in self.topic.voices}
        if len(voices) != 1:
            return None
        only = self.topic.voices[0]
        return self._told(only, only.market.time)

    def miss_by(self, fault: str) -> None:
        """Nobody listens any more, because of a fault."""
        self.missed_by = fault
        for voice in self.topic.voices:
            told = self._told(voice, voice.market.time)
            self._faults.losses.disturbed(told, fault, Harm.HARMLESS)

    def begin(self, voice: Voice, step: Step) -> None:
        """A step in which a book is told wrongly."""
        if BOOKS not in voice.streams or not (step.leap or step.phantom):
            return
        told = self._told(voice, step.time)
        if step.phantom:
            self._faults.losses.disturbed(told, Kind.CROSS, Harm.BROKEN)
        if step.leap:
            kind = Kind.JUMP if step.leap > 0 else Kind.REWIND
            self._faults.losses.disturbed(told, kind, self._harm)

    def tell(self, voice: Voice, frames: Iterable[object], time: int) -> None:
        for frame in frames:
            told = self._told(voice, time)
            fault = self._faults.on_told(told)
            held, self._held = self._held, []
            if fault is None:
                self._post(told, frame)
            else:
                self._suffer(fault, voice, told, frame)
            for late, one in held:
                self._post(late, one)

    def finish(self, voice: Voice, step: Step) -> None:
        """After a step; in a storm the first frame comes again."""
        if step.time < self._storms_until:
            for frame in self.topic.first():
                self._post(self._told(voice, step.time), frame)

    @property
    def _harm(self) -> Harm:
        """Of what comes, but out of turn."""
        return Harm.BROKEN if self.topic.is_chain else Harm.HARMLESS

    def _told(self, voice: Voice, time: int) -> Told:
        source = voice.source
        coin, streams = source.market.coin.name, voice.streams
        return self._faults.losses.told(self.name, source.symbol, coin, streams, time)

    def _suffer(self, fault: Fault, voice: Voice, told: Told, frame: object) -> None:
        losses, kind = self._faults.losses, fault.kind
        match kind:
            case Kind.DROP:
                losses.lost(told, kind)
                return
            case Kind.REORDER:
                losses.disturbed(told, kind, self._harm)
                self._held.append((told, frame))
                return
            case Kind.DELAY:
                losses.disturbed(told, kind, self._harm)
                loop = asyncio.get_running_loop()
                loop.call_later(fault.seconds, self._post, told, frame)
                return
            case Kind.DUPLICATE:
                losses.disturbed(told, kind, Harm.HARMLESS)
                self._post(told, frame)
            case Kind.STORM:
                losses.disturbed(told, kind, Harm.HARMLESS)
                self._storms_until = told.time + int(fault.seconds * 1000)
            case Kind.CROSS:
                voice.market.cross()
            case Kind.JUMP:
                voice.market.leap(LEAP)
            case _:
                voice.market.leap(-LEAP)
        self._post(told, frame)

    def _post(self, told: Told, frame: object) -> None:
        if self.missed_by:
            self._faults.losses.lost(told, self.missed_by)
            return
        raw = encoded(frame)
        for client in tuple(self.clients):
            client.post(self.topic.kind, raw, self.name, told)


def encoded(frame: object) -> bytes:
    return frame if isinstance(frame, bytes) else msgspec.json.encode(frame)
