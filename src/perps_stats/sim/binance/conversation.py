"""One WebSocket connection of a simulated Binance: its commands, its frames, its faults."""

import asyncio
from collections import deque
from typing import Protocol

from aiohttp import WSCloseCode, WSMsgType, web

from perps_stats.sim.binance.control import (
    MAX_STREAMS,
    Command,
    Malformed,
    acknowledged,
    parse_command,
)
from perps_stats.sim.binance.streams import Address, Kind
from perps_stats.sim.counters import Counters
from perps_stats.sim.faults import Fault, Faults
from perps_stats.sim.faults import Kind as FaultKind

MESSAGES_PER_SECOND = 10
PING_SECONDS, PONG_SECONDS, LIFETIME_SECONDS = 180.0, 600.0, 86_400.0
CLOSE_SECONDS = 1.0
OUTBOX = 20_000
"""Frames that may wait for a slow reader before its connection is cut."""


class Hub(Protocol):
    """Where subscriptions lead."""

    def subscribe(self, conversation: "Conversation", stream: str) -> None: ...
    def unsubscribe(self, conversation: "Conversation", stream: str) -> None: ...


class Conversation:
    """``send`` waits for the reader; ``post`` leaves the frame to the connection's own writer."""

    def __init__(
        self,
        request: web.Request,
        address: Address,
        hub: Hub,
        faults: Faults,
        counters: Counters,
    ) -> None:
        self.address = address
        self.streams: dict[str, None] = {}
        self._request = request
        self._hub = hub
        self._faults = faults
        self._counters = counters
        self._socket = web.WebSocketResponse(
            timeout=CLOSE_SECONDS, autoping=False, compress=False, max_msg_size=1_048_576
        )
        self._outbox: asyncio.Queue[tuple[Kind, bytes]] = asyncio.Queue(OUTBOX)
        self._parted = asyncio.Event()
        self._parted.set()
        self._cut = False
        self._frames = 0
        self._silent_until = 0.0
        self._heard = 0.0

    @property
    def is_open(self) -> bool:
        return not (self._cut or self._socket.closed)

    @property
    def is_silenced(self) -> bool:
        return asyncio.get_running_loop().time() < self._silent_until

    async def run(self) -> web.WebSocketResponse:
        """Talk until either side ends it."""
        await self._socket.prepare(self._request)
        self._heard = asyncio.get_running_loop().time()
        tasks = [asyncio.create_task(self._write()), asyncio.create_task(self._keep_alive())]
        try:
            self._subscribe(self.address.streams)
            await self._listen()
        finally:
            self._leave()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._parted.wait()
        return self._socket

    async def close(self) -> None:
        """Say goodbye; ``run`` lasts until the client has answered, or a second."""
        if not self.is_open:
            return
        self._parted.clear()
        try:
            await self._socket.close(code=WSCloseCode.GOING_AWAY)
        finally:
            self._parted.set()

    def post(self, kind: Kind, frame: bytes) -> None:
        try:
            self._outbox.put_nowait((kind, frame))
        except asyncio.QueueFull:
            self._hang_up()

    async def send(self, kind: Kind, frame: bytes) -> None:
        """Send a data frame, or what a fault makes of it."""
        if not self.is_open or self.is_silenced:
            return
        self._frames += 1
        fault = self._faults.on_frame(self._frames)
        if fault and fault.kind is FaultKind.BAD_JSON:
            frame = frame[: len(frame) // 2]
        self._counters.frames[kind] += 1
        await self._transmit(frame)
        if fault:
            self._suffer(fault)

    def _suffer(self, fault: Fault) -> None:
        if fault.kind is FaultKind.DISCONNECT:
            self._hang_up()
        elif fault.kind is FaultKind.SILENCE:
            self._silent_until = asyncio.get_running_loop().time() + fault.seconds

    def _hang_up(self) -> None:
        """End the connection without a closing handshake, after what was written."""
        self._cut = True
        self._leave()
        if self._request.transport is not None:
            self._request.transport.close()

    async def _transmit(self, frame: bytes) -> None:
        try:
            await self._socket.send_frame(frame, WSMsgType.TEXT)
        except ConnectionError:
            self._hang_up()

    async def _write(self) -> None:
        while True:
            await self.send(*await self._outbox.get())

    async def _keep_alive(self) -> None:
        """Ping, drop who does not answer, and end what has lived for a day."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        while loop.time() - started < LIFETIME_SECONDS:
            await asyncio.sleep(PING_SECONDS)
            if loop.time() - self._heard > PONG_SECONDS:
                break
            await self._socket.ping(b"")
        self._hang_up()

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        recent: deque[float] = deque(maxlen=MESSAGES_PER_SECOND)
        async for message in self._socket:
            if len(recent) == MESSAGES_PER_SECOND and loop.time() - recent[0] < 1:
                await self._socket.close(
                    code=WSCloseCode.POLICY_VIOLATION, message=b"Too many requests"
                )
                return
            recent.append(loop.time())
            if message.type is WSMsgType.PING:
                await self._socket.pong(message.data)
            elif message.type is WSMsgType.PONG:
                self._heard = loop.time()
            elif message.type is WSMsgType.TEXT:
                await self._reply(message.data)

    async def _reply(self, text: str) -> None:
        try:
            answer = self._obey(parse_command(text))
        except Malformed as error:
            answer = error.frame
        if not self.is_silenced:
            await self._transmit(answer)

    def _obey(self, command: Command) -> bytes:
        if command.method == "LIST_SUBSCRIPTIONS":
            return acknowledged(command, list(self.streams))
        if command.method == "SUBSCRIBE":
            if len(self.streams.keys() | set(command.params)) > MAX_STREAMS:
                raise Malformed(2, f"Invalid request: more than {MAX_STREAMS} streams")
            self._subscribe(command.params)
        else:
            for stream in command.params:
                if stream in self.streams:
                    del self.streams[stream]
                    self._hub.unsubscribe(self, stream)
        return acknowledged(command)

    def _subscribe(self, streams: tuple[str, ...]) -> None:
        for stream in streams:
            if stream not in self.streams:
                self.streams[stream] = None
                self._hub.subscribe(self, stream)

    def _leave(self) -> None:
        while self.streams:
            stream, _ = self.streams.popitem()
            self._hub.unsubscribe(self, stream)
