"""One WebSocket connection of a simulated venue: its frames, its faults, its end."""

import asyncio
from collections import deque
from math import inf
from typing import NamedTuple, TypeAlias

from aiohttp import WSCloseCode, WSMsgType, web

from perps_stats.sim.counters import Counters
from perps_stats.sim.dialect import raw
from perps_stats.sim.dialect.manners import HANG_UP, Manners, Parting
from perps_stats.sim.faults import Fault, Kind
from perps_stats.sim.losses import BLAME_SECONDS, Told
from perps_stats.sim.pending import Faults

CLOSE_SECONDS = 1.0
GOODBYE = Parting(code=WSCloseCode.GOING_AWAY)
RESTART = Parting(code=WSCloseCode.SERVICE_RESTART, reason=b"service restart")
HALF_OPEN_SECONDS = 120.0
"""After so long the way between forgets a connection whose other end is gone."""
OUTBOX = 20_000
"""Frames that may wait for a slow reader before its connection is cut."""
OVERFLOW = "overflow"
"""Why a slow reader has lost what it has lost."""
SPOILING = frozenset({Kind.BAD_JSON, Kind.TRUNCATE, Kind.OVERSIZED})
"""What befalls a frame itself; other faults come after one."""


class _Said(NamedTuple):
    frame: bytes


class _Posted(NamedTuple):
    kind: str
    frame: bytes
    told: Told | None


_Item: TypeAlias = _Said | _Posted | Parting


class Conversation:
    """``send`` waits for the reader; the rest is left to the connection's own writer, in order.

    ``number`` tells a venue's connections apart.
    """

    def __init__(
        self,
        request: web.Request,
        manners: Manners,
        faults: Faults,
        counters: Counters,
        number: int = 0,
    ) -> None:
        self._request = request
        self._manners = manners
        self._limits = manners.limits
        self._faults = faults
        self._counters = counters
        self._socket = web.WebSocketResponse(
            timeout=CLOSE_SECONDS, autoping=False, compress=False, max_msg_size=1_048_576
        )
        self._opcode = WSMsgType.BINARY if manners.limits.binary else WSMsgType.TEXT
        self._outbox: asyncio.Queue[_Item] = asyncio.Queue(OUTBOX)
        self._parted = asyncio.Event()
        self._parted.set()
        self._cut = False
        self._number = number
        self._silent_until = 0.0
        self._blamed, self._blamed_until = "", 0.0
        self._last: int | None = None
        self._heard = 0.0

    @property
    def is_open(self) -> bool:
        return not (self._cut or self._socket.closed)

    @property
    def is_silenced(self) -> bool:
        return _now() < self._silent_until

    @property
    def trouble(self) -> str:
        return self._blamed if _now() < self._blamed_until else ""

    async def run(self) -> web.WebSocketResponse:
        """Talk until either side ends it."""
        await self._socket.prepare(self._request)
        self.heard()
        tasks = [asyncio.create_task(self._write()), asyncio.create_task(self._watch())]
        try:
            self._manners.greet(self)
            await self._listen()
        finally:
            self._manners.leave(self)
            await self._parted.wait()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return self._socket

    async def close(self) -> None:
        """Say goodbye; ``run`` lasts until the client has answered, or a second."""
        if self._cut and self._request.transport is not None:
            self._request.transport.abort()
        await self._part(GOODBYE)

    def restart(self, time: int, seconds: float) -> None:
        """Give notice, where the venue does, and end it so much later."""
        notice = self._manners.notice(time)
        if notice:
            self.say(notice)
        asyncio.get_running_loop().call_later(seconds, self._restart)

    def say(self, frame: bytes) -> None:
        self._put(_Said(frame))

    def post(self, kind: str, frame: bytes, topic: str = "", told: Told | None = None) -> None:
        self._put(_Posted(kind, self._manners.dressed(topic, frame), told))

    def end(self, parting: Parting) -> None:
        self._put(parting)

    def heard(self) -> None:
        self._heard = _now()

    async def send(self, kind: str, frame: bytes, told: Told | None = None) -> None:
        """Send a data frame, or what a fault makes of it."""
        if not self.is_open or self.is_silenced:
            self._lose(told)
            return
        fault = self._faults.on_frame(self._number, told)
        self._counters.frames[kind] += 1
        if fault is None:
            await self._deliver(frame, told)
            return
        if fault.kind in SPOILING:
            await self._spoil(fault.kind, frame, told)
        else:
            await self._deliver(frame, told)
            self._suffer(fault)

    async def _deliver(self, frame: bytes, told: Told | None) -> None:
        await self._transmit(frame)
        if told is not None:
            self._last = told.time
            self._faults.losses.delivered(told)

    def _lose(self, told: Told | None) -> None:
        if told is not None and self.trouble:
            self._faults.losses.lost(told, self.trouble)

    async def _spoil(self, kind: Kind, frame: bytes, told: Told | None) -> None:
        """The frame itself is what suffers."""
        transport = self._request.transport
        if kind is Kind.BAD_JSON:
            self._blame(kind, BLAME_SECONDS)
            self._lose(told)
            await self._transmit(frame[: len(frame) // 2])
            return
        self._blame(kind, inf)
        self._lose(told)
        self._end_by(kind, stays=True)
        if kind is Kind.OVERSIZED:
            await raw.write_huge(transport, self._opcode, frame)
        else:
            raw.write_half(transport, self._opcode, frame)
        self._hang_up()

    def _suffer(self, fault: Fault) -> None:
        """After a frame."""
        if fault.kind is Kind.SILENCE:
            self._silent_until = _now() + fault.seconds
            self._blame(fault.kind, fault.seconds + BLAME_SECONDS)
            return
        self._blame(fault.kind, inf)
        if fault.kind is Kind.RST:
            raw.reset(self._request.transport)
        elif fault.kind is Kind.HALF_OPEN and self._request.transport is not None:
            self._request.transport.pause_reading()
            loop = asyncio.get_running_loop()
            loop.call_later(HALF_OPEN_SECONDS, self._request.transport.abort)
        self._end_by(fault.kind, stays=fault.kind is Kind.HALF_OPEN)

    def _blame(self, kind: str, seconds: float) -> None:
        self._blamed, self._blamed_until = kind, _now() + seconds

    def _end_by(self, kind: str, *, stays: bool = False, last: _Item | None = None) -> None:
        """What waits to be written, up to ``last``, is lost, and so is all until the client is
        back.
        """
        self._faults.losses.cut(self._last, kind)
        waiting = [self._outbox.get_nowait() for _ in range(self._outbox.qsize())]
        for item in (*waiting, last):
            if isinstance(item, _Posted):
                self._lose(item.told)
        self._hang_up(stays=stays)

    def _restart(self) -> None:
        if not self.is_open:
            return
        self._blame(Kind.RESTART, inf)
        self._faults.losses.cut(self._last, Kind.RESTART)
        self.end(RESTART)

    def _put(self, item: _Item) -> None:
        try:
            self._outbox.put_nowait(item)
        except asyncio.QueueFull:
            self._blame(OVERFLOW, inf)
            self._end_by(OVERFLOW, last=item)

    async def _write(self) -> None:
        while True:
            item = await self._outbox.get()
            if isinstance(item, _Posted):
                await self.send(item.kind, item.frame, item.told)
            elif isinstance(item, Parting):
                await self._part(item)
            elif self.is_open and not self.is_silenced:
                await self._transmit(item.frame)

    async def _transmit(self, frame: bytes) -> None:
        try:
            await self._socket.send_frame(frame, self._opcode)
        except ConnectionError:
            self._hang_up()

    async def _part(self, parting: Parting) -> None:
        if parting.frame and self.is_open:
            await self._transmit(parting.frame)
        await asyncio.sleep(parting.after_seconds)
        if parting.code is None:
            self._hang_up()
        elif self.is_open:
            self._manners.leave(self)
            self._parted.clear()
            try:
                await self._socket.close(code=parting.code, message=parting.reason)
            finally:
                self._parted.set()

    def _hang_up(self, *, stays: bool = False) -> None:
        """End the connection without a closing handshake, after what was written; or leave it as
        it is, without a life.
        """
        self._cut = True
        self._manners.leave(self)
        if self._request.transport is not None and not stays:
            self._request.transport.close()

    async def _watch(self) -> None:
        """Ping, part with who is not heard, and end what has lived its time."""
        limits, pinged = self._limits, _now()
        ends = pinged + limits.lifetime_seconds
        while (now := _now()) < ends:
            if now >= self._heard + limits.patience_seconds:
                await self._part(limits.silent)
                return
            if now >= pinged + limits.ping_seconds:
                pinged = now
                await self._ping()
            due = min(pinged + limits.ping_seconds, self._heard + limits.patience_seconds, ends)
            await asyncio.sleep(due - now)
        await self._part(HANG_UP)

    async def _ping(self) -> None:
        if self._limits.ping_frame:
            self.say(self._limits.ping_frame)
        else:
            await self._socket.ping(b"")

    async def _listen(self) -> None:
        """Who floods is heard no more, and parted with after the answers that are due."""
        limits, flooded = self._limits, False
        recent: deque[float] = deque(maxlen=limits.messages)
        async for message in self._socket:
            if flooded or self._cut:
                continue
            if len(recent) == limits.messages and _now() - recent[0] < limits.per_seconds:
                flooded = True
                self.end(limits.flooded)
                continue
            recent.append(_now())
            if message.type is WSMsgType.PING:
                await self._socket.pong(message.data)
            elif message.type is WSMsgType.PONG:
                self.heard()
            elif message.type is WSMsgType.TEXT:
                self._manners.hear(self, message.data)


def _now() -> float:
    return asyncio.get_running_loop().time()
