"""One playing of a tape: every frame once, in order, to all who listen, in lockstep.

At a paced speed the tape runs on whether anybody listens. At ``max`` it waits for each listener to
have taken a frame, and stands still while there is none; while a silenced connection is the reason,
it keeps the pace of the recording, so that a silence of so many seconds costs so much tape.
"""

import asyncio

from perps_stats.sim.binance.recording import Recording, TapeFrame
from perps_stats.sim.binance.streams import CARRIED, CHANNELS, Address, Kind, Route
from perps_stats.sim.dialect.manners import Client
from perps_stats.sim.pending import Faults

BREATH = 64
"""Frames after which other tasks get their turn."""
TAPE_CARRIED = {**CARRIED, Route.UNROUTED: frozenset(Kind)}
"""From a tape the un-routed path delivers everything, as when the tapes were recorded."""


class Play:
    """``position`` is how many frames were played; ``speed`` 0 is as fast as listeners take it."""

    def __init__(self, tape: Recording, speed: float, faults: Faults) -> None:
        self.position = 0
        self.is_over = False
        self.snapshot_given = False
        self._tape = tape
        self._speed = speed
        self._faults = faults
        self._listeners: dict[Client, Address] = {}
        self._heard = asyncio.Event()

    def join(self, client: Client, address: Address) -> None:
        self._listeners.setdefault(client, address)
        self._heard.set()

    def leave(self, client: Client) -> None:
        self._listeners.pop(client, None)

    async def run(self) -> None:
        began = asyncio.get_running_loop().time()
        previous = self._tape.frames[0].ts_ns
        for frame in self._tape.frames:
            if self.position % BREATH == 0:
                await asyncio.sleep(0)
            if self._speed:
                await _until(began + (frame.ts_ns - self._tape.frames[0].ts_ns) / 1e9 / self._speed)
            else:
                await self._unpaced(frame.ts_ns - previous)
                previous = frame.ts_ns
            await self._deliver(frame)
        self.is_over = True

    async def _unpaced(self, elapsed_ns: int) -> None:
        while not self._listeners:
            self._heard.clear()
            await self._heard.wait()
        if any(client.is_silenced for client in self._listeners):
            await asyncio.sleep(elapsed_ns / 1e9)

    async def _deliver(self, frame: TapeFrame) -> None:
        self.position += 1
        contract = self._tape.contract
        streams = CHANNELS[frame.kind]
        symbol, coin, losses = contract.symbol, contract.base, self._faults.losses
        told = losses.told(frame.kind, symbol, coin, streams, frame.time)
        fault = self._faults.on_told(told)
        if fault is not None:
            losses.lost(told, fault.kind)
            return
        for client, address in tuple(self._listeners.items()):
            if frame.kind in TAPE_CARRIED[address.route]:
                raw = frame.raw if address.combined else frame.data
                await client.send(frame.kind, raw, told)


async def _until(due: float) -> None:
    wait = due - asyncio.get_running_loop().time()
    if wait > 0:
        await asyncio.sleep(wait)
