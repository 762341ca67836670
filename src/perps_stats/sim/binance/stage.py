"""Where a tape is played: who starts a play, who joins it, and what REST says meanwhile.

A play starts when a conversation subscribes to any stream of the tape's symbol, on a path that can
carry one of its frames, while no play is on. Who subscribes during a play joins it where it is. A
conversation that has heard a play out hears no other: the next one belongs to newcomers.
"""

import asyncio
from contextlib import suppress

from perps_stats.sim.binance.listing import Contract
from perps_stats.sim.binance.play import TAPE_CARRIED, Play
from perps_stats.sim.binance.recording import Recording
from perps_stats.sim.binance.streams import Address
from perps_stats.sim.binance.tape_source import TapeSource
from perps_stats.sim.dialect.manners import Client
from perps_stats.sim.facts import BookFact, Source, Truth, exact
from perps_stats.sim.pending import Faults

RECORDED_LIMIT = 1000


class TapeStage:
    """The board of a venue that plays a tape; ``Seat`` is its hub. ``speed`` 0 is unpaced."""

    def __init__(self, tape: Recording, speed: float, faults: Faults) -> None:
        self._tape = tape
        self._speed = speed
        self._faults = faults
        self._play: Play | None = None
        self._task: asyncio.Task[None] | None = None
        self._members: set[Client] = set()
        self._source = TapeSource(tape, lambda: self._play.position if self._play else 0)
        self._kinds = frozenset(frame.kind for frame in tape.frames)

    def time(self) -> int:
        return self._source.time()

    def contracts(self) -> tuple[Contract, ...]:
        return (self._tape.contract,)

    def source(self, symbol: str) -> Source | None:
        return self._source if symbol == self._tape.symbol else None

    def depth(self, symbol: str, limit: int) -> BookFact | bytes | None:
        """The recorded body to the first who asks for it in a play, and before any play."""
        if symbol != self._tape.symbol:
            return None
        play = self._play
        if limit == RECORDED_LIMIT and (play is None or not play.snapshot_given):
            if play is not None:
                play.snapshot_given = True
            return self._tape.body
        return self._source.book(limit)

    def truth(self, symbol: str) -> Truth:
        """The book at the tape's position. Raises ``KeyError`` for another symbol."""
        book = self._source.book(len(self._tape.frames) * RECORDED_LIMIT)
        if symbol != self._tape.symbol or book is None:
            raise KeyError(symbol)
        return Truth(book.last, book.time, exact(book.bids), exact(book.asks))

    def enter(self, client: Client, address: Address) -> None:
        """Take part in the play that is on, else begin one."""
        if not self._kinds & TAPE_CARRIED[address.route]:
            return
        if self._play is None or self._play.is_over:
            if client in self._members:
                return
            self._start()
        if self._play is not None:
            self._members.add(client)
            self._play.join(client, address)

    def leave(self, client: Client) -> None:
        if self._play is not None:
            self._play.leave(client)

    def is_of_tape(self, stream: str) -> bool:
        return stream.partition("@")[0] == self._tape.symbol.lower()

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def _start(self) -> None:
        self._members.clear()
        self._play = Play(self._tape, self._speed, self._faults)
        self._task = asyncio.create_task(self._play.run())


class Seat:
    """One connection's place before the stage: kept while it has a stream of the tape's symbol."""

    def __init__(self, stage: TapeStage, address: Address) -> None:
        self._stage = stage
        self._address = address
        self._streams: set[str] = set()

    def subscribe(self, client: Client, topic: str) -> None:
        if self._stage.is_of_tape(topic):
            self._streams.add(topic)
            self._stage.enter(client, self._address)

    def unsubscribe(self, client: Client, topic: str) -> None:
        self._streams.discard(topic)
        if not self._streams:
            self._stage.leave(client)
