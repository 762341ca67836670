"""What is received and not stored yet, in order: in memory, and when it is late in the spool."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import groupby
from typing import TypeVar

import structlog
from msgspec.structs import replace

from perps_stats.core.catalogue import GAPS
from perps_stats.core.errors import ConfigError
from perps_stats.core.traits import Repository
from perps_stats.ingest.outside import steady
from perps_stats.ingest.spool.batch import Batch, encode, merged, readable
from perps_stats.ingest.spool.holes import Following, Hole, dropped, joined
from perps_stats.ingest.spool.spool import NoRoom, Position, Spool
from perps_stats.ingest.storing import Storing

log = structlog.get_logger()
T = TypeVar("T")
LATE_SECONDS = 0.12
"""After which a batch that is not committed goes to the spool."""
MERGED_ROWS = 20_000
CHUNK_BYTES = 4 << 20
"""So much of the spool becomes one transaction: that is many batches."""


class Waiting:
    """A batch in memory, since ``added``; ``spooled`` is where it lies from when it is late."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.added = steady()
        self.spooled: Position | None = None


class Backlog:
    """``rows`` are in memory and not acknowledged. ``unkept`` is why the spool took nothing when it
    was last tried.
    """

    def __init__(self, repository: Repository, spool: Spool, now: Callable[[], datetime]) -> None:
        self._repository = repository
        self._now = now
        self.spool = spool
        self.storing = Storing(repository)
        self.rows = 0
        self.unkept: str | None = None
        self._waiting: deque[Waiting] = deque()
        self._moving = asyncio.Lock()
        self._following: dict[int, Following] = {}
        self._owed: list[Hole] = []
        self._in_doubt = False

    @property
    def is_acknowledged(self) -> bool:
        return not self._waiting

    @property
    def is_stored(self) -> bool:
        return not self._waiting and not self.spool.records

    def add(self, batch: Batch) -> None:
        self._waiting.append(Waiting(batch))
        self.rows += batch.size

    async def hurry(self) -> None:
        """What is late goes to the spool; all that waits, if the spool holds what came before."""
        late = self._waiting and steady() - self._waiting[0].added >= LATE_SECONDS
        if late or self.spool.records:
            await self.keep()

    async def keep(self) -> None:
        """All that waits goes to the spool, if it has room."""
        async with self._moving:
            while self._waiting:
                try:
                    await self._keep(list(self._waiting))
                except NoRoom as error:
                    if not await self._made_room(error):
                        return
            self.unkept = None

    async def _keep(self, some: Sequence[Waiting]) -> None:
        if not self.spool.records:
            log.warning("spooling", batches=len(some))
        batches = [waiting.batch for waiting in some]
        places = await _blocking(lambda: self.spool.append([encode(each) for each in batches]))
        for waiting, place in zip(some, places, strict=True):
            waiting.spooled = place
            self._waiting.popleft()
            self.rows -= waiting.batch.size
            self.storing.counts["spooled"] += waiting.batch.size

    async def _made_room(self, error: NoRoom) -> bool:
        """By the policy. What is dropped is owed to the database as gaps, with what follows."""
        if self.spool.drops_oldest:
            try:
                batches = await _blocking(lambda: readable(self.spool.drop_oldest()))
            except NoRoom as nothing:
                error = nothing
            else:
                self._owe(batches)
                return True
        if self.unkept is None:
            log.error("the spool takes nothing", reason=str(error), rows=self.rows)
        self.unkept = str(error)
        return False

    def _owe(self, batches: Sequence[Batch]) -> None:
        rows = sum(batch.size for batch in batches)
        self.storing.counts["dropped"] += rows
        log.error("spool dropped its oldest", rows=rows, batches=len(batches))
        self._owed = joined(self._owed, dropped(batches))
        for batch in batches:
            if following := self._following.get(batch.session):
                following.follow(batch)

    async def step(self) -> bool:
        """One transaction, of what is oldest; whether there was any. Raises ``DatabaseError``."""
        async with self._moving:
            some = [] if self.spool.records else self._next_waiting()
            spooled = bool(self.spool.records)
        if spooled:
            await self._store_spooled()
        elif some:
            await self._store_waiting(some)
        return spooled or bool(some)

    def _next_waiting(self) -> list[Waiting]:
        some: list[Waiting] = []
        rows = 0
        for waiting in self._waiting:
            rows += waiting.batch.size
            if some and rows > MERGED_ROWS:
                break
            some.append(waiting)
        return some

    async def _store_waiting(self, some: Sequence[Waiting]) -> None:
        """It may be spooled meanwhile: all of it, as it is the oldest."""
        await self._store(merged([waiting.batch for waiting in some]))
        async with self._moving:
            last = some[-1].spooled
            if last is not None:
                await _blocking(lambda: self.spool.remove(last))
                return
            for waiting in some:
                self._waiting.popleft()
                self.rows -= waiting.batch.size
            if not self._waiting:
                self.unkept = None

    async def replay(self, stop: asyncio.Event) -> None:
        """What an earlier process left, until stopped; of its sessions every step is followed.

        Raises ``DatabaseError``, and ``ConfigError`` where it is of another database.
        """
        self._in_doubt = True
        while self.spool.records and not stop.is_set():
            await self._store_spooled()
        self._in_doubt = False

    async def _store_spooled(self) -> None:
        async with self._moving:
            chunk = await _blocking(lambda: self.spool.read(CHUNK_BYTES))
            batches = await _blocking(lambda: readable(chunk.payloads))
        damaged = chunk.damaged + len(chunk.payloads) - len(batches)
        if damaged:
            self.storing.counts["damaged"] += damaged
            log.error("spool damaged", records=damaged)
            self._in_doubt = True
        for _, some in groupby(batches, key=lambda batch: batch.session):
            await self._store(merged(list(some)))
        async with self._moving:
            await _blocking(lambda: self.spool.remove(chunk.through))
        if not self.spool.records:
            log.info("spool stored")

    async def _follow(self, batch: Batch) -> None:
        """From what is stored of its session on: whatever is missing from there is a gap."""
        stored = await self._repository.get_session(batch.session)
        if stored is None or stored.started_at != batch.begun:
            raise ConfigError(
                "stream.spool_dir: it holds rows of another database; collect into that one, "
                "or name another directory"
            )
        self._following[batch.session] = Following(stored.marks)

    async def _store(self, batch: Batch) -> None:
        if self._in_doubt and batch.session not in self._following:
            await self._follow(batch)
        following, owed = self._following.get(batch.session), self._owed
        holes = owed + (following.holes(batch) if following else [])
        gaps = [hole.row(self._now()) for hole in holes]
        await self.storing.write(
            replace(batch, rows={**batch.rows, GAPS.name: gaps}) if gaps else batch
        )
        self._owed = [hole for hole in self._owed if hole not in owed]  # some may be longer by now
        if following:
            following.follow(batch)
        for hole in holes:
            log.warning("gap closed", **hole.named())


async def _blocking(do: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(None, do)
