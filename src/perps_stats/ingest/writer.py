"""The writer: what is received is acknowledged within 250 ms and the time of one fsync.

Rows wait an eighth of a second, then go to the database in one transaction, together with the gaps
and with how far each stream has come. What is not committed after another eighth goes to the spool,
and so does what follows, as long as the spool holds anything: the order stays. The database takes
the spool back in transactions as big as many batches.

Acknowledged is what is committed, or on disk in the spool. Where neither takes anything, rows wait
in memory, up to a bound, and the connections stop reading.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from typing import TypeAlias

import structlog

from perps_stats.core.errors import ConfigError, DatabaseError
from perps_stats.core.stored import Mark, Row, StoredSession
from perps_stats.core.times import rfc3339
from perps_stats.core.traits import Repository
from perps_stats.core.types import Gap
from perps_stats.database.failures import DatabaseAway
from perps_stats.ingest.backlog import Backlog
from perps_stats.ingest.outside import Outside
from perps_stats.ingest.spool.batch import Batch, Reach, Stream
from perps_stats.ingest.spool.spool import Spool

log = structlog.get_logger()
GapOf: TypeAlias = tuple[str, str, str]
"""Exchange, stream, cause."""
FLUSH_SECONDS = 0.125
FLUSH_ROWS = 10_000
FULL_ROWS = 50_000
ROOMY_ROWS = 10_000
RETRY_SECONDS = 1.0
CANCEL_SECONDS = 0.1
"""A database that is frozen does not confirm that a statement was called off."""


class Writer:
    """``keep`` and ``keep_gap`` never block; ``run`` does the writing, of the session that began.

    ``fresh_rows`` and ``fresh_gaps`` came since the last flush; ``on_flush`` is called before they
    are replaced. ``on_full`` is called when too much waits, or what waits can be kept nowhere;
    ``on_room`` when there is room again. ``last_error`` is why the database takes nothing now.
    ``counts`` says how many rows were stored, new, contradicting, refused, spooled, dropped, and
    how many records of the spool were damaged; ``gaps_opened`` and ``gaps_closed`` how many gaps,
    by exchange, stream and cause; ``write_seconds`` how long transactions took.
    """

    def __init__(
        self,
        repository: Repository,
        marks: Callable[[], Iterable[Mark]],
        spool: Spool,
        outside: Outside,
    ) -> None:
        self._marks = marks
        self._backlog = Backlog(repository, spool, outside.now)
        self._session: StoredSession | None = None
        self.fresh_rows: dict[str, list[Row]] = {}
        self.fresh_gaps: list[Gap] = []
        self._reached: dict[Stream, datetime] = {}
        self._fresh = 0
        self._wake = asyncio.Event()
        self._work = asyncio.Event()
        self._worked = asyncio.Event()
        self._full = False
        self.spool = spool
        self.on_full: Callable[[], None] = lambda: None
        self.on_room: Callable[[], None] = lambda: None
        self.on_flush: Callable[[], None] = lambda: None
        self.counts: Counter[str] = self._backlog.storing.counts
        self.gaps_opened: Counter[GapOf] = Counter()
        self.gaps_closed: Counter[GapOf] = Counter()
        self.write_seconds = self._backlog.storing.write_seconds
        self.last_error: str | None = None

    @property
    def waiting(self) -> int:
        """Rows that are not acknowledged yet."""
        return self._fresh + self._backlog.rows

    def keep(self, data_set: str, row: Row) -> None:
        self.fresh_rows.setdefault(data_set, []).append(row)
        self._fresh += 1
        if self._fresh >= FLUSH_ROWS:
            self._wake.set()
            self._weigh()

    def keep_gap(self, gap: Gap) -> None:
        log.warning(
            "gap" if gap.end_time is None else "gap closed",
            exchange=gap.exchange,
            symbol=gap.symbol,
            stream=gap.stream,
            cause=gap.cause.value,
            start=rfc3339(gap.start_time),
            end=None if gap.end_time is None else rfc3339(gap.end_time),
            detail=gap.detail,
        )
        if gap.repaired_at is None:
            tally = self.gaps_opened if gap.end_time is None else self.gaps_closed
            tally[gap.exchange, gap.stream, gap.cause.value] += 1
        self.fresh_gaps.append(gap)
        self._wake.set()

    async def replay(self, stop: asyncio.Event) -> None:
        """Store what an earlier process left in the spool; see ``Backlog.replay``."""
        await self._backlog.replay(stop)

    def begin(self, session: StoredSession | None) -> None:
        """From now on batches belong to this session."""
        self._session = session

    async def run(self, stop: asyncio.Event) -> None:
        """Write until stopped; then acknowledge all, and store it as long as the database takes it:
        else ``DatabaseError``.
        """
        storing = asyncio.create_task(self._store())
        storing.add_done_callback(lambda _: self._worked.set())
        try:
            while not stop.is_set() and not storing.done():
                await self._pause(stop)
                self._flush()
                await self._backlog.hurry()
                self._weigh()
            if storing.done():
                storing.result()
            await self._finish(storing)
        finally:
            storing.cancel()
            await asyncio.wait((storing,), timeout=CANCEL_SECONDS)

    async def _pause(self, stop: asyncio.Event) -> None:
        waits = [asyncio.ensure_future(event.wait()) for event in (self._wake, stop)]
        _, pending = await asyncio.wait(
            waits, timeout=FLUSH_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        for wait in pending:
            wait.cancel()
        self._wake.clear()

    def _flush(self) -> None:
        """What came since the last one is a batch."""
        marks = list(self._marks())
        if not self.fresh_rows and not self.fresh_gaps and not marks:
            return
        if self._session is None:
            raise DatabaseError("rows belong to a session: begin one first")
        self.on_flush()
        rows, self.fresh_rows = self.fresh_rows, {}
        gaps, self.fresh_gaps = self.fresh_gaps, []
        self._fresh = 0
        batch = Batch(
            session=self._session.session,
            begun=self._session.started_at,
            rows=rows,
            gaps=gaps,
            reaches=[self._reach(mark) for mark in marks],
        )
        self._backlog.add(batch)
        self._work.set()

    def _reach(self, mark: Mark) -> Reach:
        stream = mark.market_id, mark.stream
        since, self._reached[stream] = self._reached.get(stream), mark.last_ts
        return Reach(*stream, mark.first_ts, mark.last_ts, since)

    async def _store(self) -> None:
        """What waits, the oldest first, for ever."""
        while True:
            await self._work.wait()
            self._work.clear()
            try:
                while await self._backlog.step():
                    self.last_error = None
                    self._worked.set()
            except (DatabaseError, ConfigError) as error:
                self._complain(error)
                self._worked.set()
                await asyncio.sleep(RETRY_SECONDS)
                self._work.set()

    async def _finish(self, storing: asyncio.Task[None]) -> None:
        self._flush()
        with suppress(TimeoutError):
            async with asyncio.timeout(FLUSH_SECONDS):
                while not self._backlog.is_acknowledged:
                    await self._next_work(storing)
        await self._backlog.keep()
        self.last_error = None  # once more
        while not self._backlog.is_stored:
            if self.last_error is not None:
                raise DatabaseAway(f"{self.last_error}; {self.left()}")
            await self._next_work(storing)
        self._weigh()

    async def _next_work(self, storing: asyncio.Task[None]) -> None:
        await self._worked.wait()
        self._worked.clear()
        if storing.done():
            storing.result()

    def left(self) -> str:
        """What is not in the database, and what becomes of it."""
        if self.waiting:
            return f"{self.waiting} rows are lost: the next start lists a gap"
        return f"{self.spool.records} records wait in the spool: the next start stores them"

    def _complain(self, error: DatabaseError | ConfigError) -> None:
        if self.last_error is None:
            log.warning(
                "database away", error=str(error), waiting=self.waiting, spooled=self.spool.bytes
            )
        self.last_error = str(error)

    def _weigh(self) -> None:
        """Stop reading, or go on."""
        unkept = self._backlog.unkept is not None
        if not self._full and (unkept or self.waiting >= FULL_ROWS):
            self._full = True
            self.on_full()
        elif self._full and not unkept and self.waiting < ROOMY_ROWS:
            self._full = False
            self.on_room()
