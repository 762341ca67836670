"""A connection in memory between the collector and a venue: what ``net.websocket`` and the server
are to each other, with a latency and with faults.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from enum import StrEnum
from random import Random
from typing import NamedTuple

from tests.simulation.truth import Witness

from perps_stats.ingest.outside import Receive
from perps_stats.net.websocket import WebSocketLimits
from perps_stats.sim.dialect.manners import HANG_UP, Manners, Parting

RESOLUTION = 1e-9
OUTBOX = 20_000
"""Frames that wait for a slow reader before its connection is cut."""


class Spoil(StrEnum):
    """What can happen to one frame."""

    DROP = "drop"
    DUPLICATE = "duplicate"
    REORDER = "reorder"
    DELAY = "delay"
    TRUNCATE = "truncate"
    BAD_JSON = "bad json"
    CROSS = "cross"


class Parcel(NamedTuple):
    """``number`` is the witness's; ``None``: it is of no account whether this arrives."""

    frame: bytes
    topic: str = ""
    number: int | None = None


class Wire:
    """``tell`` is told which fault befell a parcel. Times are the loop's."""

    def __init__(
        self,
        manners: Manners,
        receive: Receive,
        limits: WebSocketLimits,
        *,
        witness: Witness,
        chance: Random,
        now_us: Callable[[], int],
    ) -> None:
        self.manners = manners
        self.ours, self.theirs = _OurEnd(self), _TheirEnd(self)
        self.armed: dict[str, Spoil] = {}
        self.muted: frozenset[str] = frozenset()
        """Topics of which the venue says nothing any more."""
        self.tell: Callable[[Spoil, Parcel], None] = lambda _spoil, _parcel: None
        self.crossed: Callable[[Parcel], bytes] = lambda parcel: parcel.frame
        self.open, self.mute, self.half_open = True, False, False
        self.heard_at = 0.0
        self.end: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._receive, self._limits = receive, limits
        self._witness, self._chance, self._now_us = witness, chance, now_us
        self._loop = asyncio.get_running_loop()
        self._base = chance.uniform(0.005, 0.06)
        self._moment, self._latency = -1.0, 0.0
        self._due = self._due_back = 0.0
        self._on_way: deque[tuple[float, Parcel]] = deque()
        self._recent: deque[float] = deque(maxlen=manners.limits.messages)
        self._back: deque[bytes] = deque()
        self._paused = False
        self._held: Parcel | None = None

    @property
    def is_sound(self) -> bool:
        return self.open and not self.mute and not self.half_open

    def begin(self) -> None:
        self.manners.greet(self.theirs)
        self._watching = self._loop.create_task(self._watch())

    def latency(self) -> float:
        """The same for all that is sent at one moment."""
        if self._moment != self._loop.time():
            self._moment = self._loop.time()
            self._latency = self._base * self._chance.uniform(0.8, 1.5)
        return self._latency

    def dispatch(self, parcel: Parcel) -> None:
        """A frame of a topic, or what a fault makes of it."""
        if parcel.topic in self.muted or not self.is_sound:
            return
        spoil = self.armed.pop(parcel.topic, None)
        held, self._held = self._held, None
        if held is not None and held.topic != parcel.topic:
            self._held, held = held, None
        if spoil is Spoil.REORDER:
            self._held = parcel
        elif spoil is Spoil.DELAY:
            seconds = self._chance.uniform(0.2, 5.0)
            self._loop.call_later(seconds, self._arrive_late, parcel)
        else:
            for part in self._parts(spoil, parcel):
                self.carry(part)
        if held is not None:
            self.carry(held)
        if spoil is not None:
            self.tell(spoil, parcel)

    def _parts(self, spoil: Spoil | None, parcel: Parcel) -> list[Parcel]:
        """What is carried in the place of a parcel."""
        match spoil:
            case Spoil.DROP:
                return []
            case Spoil.DUPLICATE:
                return [parcel, parcel]
            case Spoil.TRUNCATE:
                return [Parcel(parcel.frame[: len(parcel.frame) // 2])]
            case Spoil.BAD_JSON:
                return [Parcel(parcel.frame.replace(b":", b"=", 1))]
            case Spoil.CROSS:
                return [parcel._replace(frame=self.crossed(parcel))]
            case _:
                return [parcel]

    def carry(self, parcel: Parcel) -> None:
        """In order, each after the latency of its moment."""
        if not self.is_sound:
            return
        if len(self._on_way) >= OUTBOX:
            self.cut("the connection was lost")
            return
        self._due = max(self._due, self._loop.time() + self.latency())
        self._on_way.append((self._due, parcel))
        self._loop.call_at(self._due, self._arrive)

    def _arrive(self) -> None:
        now = self._loop.time() + RESOLUTION
        while self._on_way and not self._paused and self._on_way[0][0] <= now:
            self._hand_over(self._on_way.popleft()[1])

    def _arrive_late(self, parcel: Parcel) -> None:
        if self.open and not self._paused and not self.half_open:
            self._hand_over(parcel)

    def _hand_over(self, parcel: Parcel) -> None:
        if parcel.number is not None:
            self._witness.told[parcel.topic].heard.add(parcel.number)
        self._receive(parcel.frame, self._now_us())

    def pause(self) -> None:
        self._paused = True

    def resume(self) -> None:
        """What came meanwhile is read at once."""
        self._paused = False
        self._arrive()

    def say_to_venue(self, frame: bytes) -> None:
        if self.open and not self.half_open:
            self._due_back = max(self._due_back, self._loop.time() + self.latency())
            self._back.append(frame)
            self._loop.call_at(self._due_back, self._hear)

    def _hear(self) -> None:
        """Who floods is heard no more, and parted with."""
        if not self.open or self.half_open or not self._back:
            return
        frame, limits, now = self._back.popleft(), self.manners.limits, self._loop.time()
        if len(self._recent) == limits.messages and now - self._recent[0] < limits.per_seconds:
            self.part(limits.flooded)
            return
        self._recent.append(now)
        self.manners.hear(self.theirs, frame.decode())

    def cut(self, why: str) -> None:
        """What is on its way is lost."""
        if self.open:
            self.open = False
            self._on_way.clear()
            self._back.clear()
            self.manners.leave(self.theirs)
            if not self.end.done():
                self.end.set_result(why)

    def leave_half_open(self) -> None:
        """Neither end hears the other any more; ours finds out by a ping without an answer."""
        self.half_open = True
        self._on_way.clear()
        self._back.clear()
        seconds = self._limits.ping_idle_seconds + self._limits.ping_reply_seconds
        self._loop.call_later(seconds, self.cut, "a ping was not answered")

    def part(self, parting: Parting) -> None:
        """The venue ends it, after what it has said."""
        if parting.frame:
            self.carry(Parcel(parting.frame))
        why = "the connection was lost"
        if parting.code is not None:
            why = f"the exchange closed it ({int(parting.code)} {parting.reason.decode()})"
        if not self.half_open:
            self._loop.call_later(parting.after_seconds + self.latency() * 2, self.cut, why)

    async def _watch(self) -> None:
        """The venue's pings, and its patience with who does not answer."""
        limits = self.manners.limits
        self.heard_at = pinged = opened = self._loop.time()
        while self.open:
            now = self._loop.time()
            if now >= opened + limits.lifetime_seconds:
                self.part(HANG_UP)
                return
            if now >= self.heard_at + limits.patience_seconds:
                self.part(limits.silent)
                return
            if now >= pinged + limits.ping_seconds:
                pinged = now
                self._ping(limits.ping_frame)
            silent = self.heard_at + limits.patience_seconds
            due = min(pinged + limits.ping_seconds, silent, opened + limits.lifetime_seconds)
            await asyncio.sleep(due - now)

    def _ping(self, frame: bytes) -> None:
        """One of the protocol is answered by ``net``."""
        if frame:
            self.carry(Parcel(frame))
        elif not self.half_open:
            self.heard_at = self._loop.time()


class _OurEnd:
    """A ``Line``."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def send(self, frame: bytes) -> None:
        self._wire.say_to_venue(frame)

    def pause(self) -> None:
        self._wire.pause()

    def resume(self) -> None:
        self._wire.resume()

    async def ended(self) -> str:
        return await asyncio.shield(self._wire.end)

    def close(self) -> None:
        self._wire.cut("closed by us")


class _TheirEnd:
    """A ``Client``."""

    is_silenced = False
    trouble = ""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def say(self, frame: bytes) -> None:
        self._wire.carry(Parcel(frame))

    def post(self, kind: str, frame: bytes, topic: str = "", told: object = None) -> None:
        del kind, told
        wire = self._wire
        number = wire._witness.number(topic, frame)
        wire.dispatch(Parcel(wire.manners.dressed(topic, frame), topic, number))

    async def send(self, kind: str, frame: bytes, told: object = None) -> None:
        self.post(kind, frame, "", told)

    def end(self, parting: Parting) -> None:
        self._wire.part(parting)

    def heard(self) -> None:
        self._wire.heard_at = self._wire._loop.time()
