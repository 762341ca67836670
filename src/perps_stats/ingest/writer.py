"""The writer: rows wait here at most 250 ms, then go to the database in one transaction.

While the database is away rows are kept, up to a bound; beyond it the connections stop reading. A
row counts as acknowledged when the repository has committed it.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TypeAlias

import structlog

from perps_stats.core.errors import DatabaseError
from perps_stats.core.stored import Mark, Row, Written
from perps_stats.core.times import rfc3339
from perps_stats.core.traits import Repository
from perps_stats.core.types import Gap
from perps_stats.database.failures import DatabaseAway
from perps_stats.ingest.outside import steady
from perps_stats.ingest.pulse import Buckets

log = structlog.get_logger()
Batch: TypeAlias = dict[str, list[Row]]
"""Rows by data set."""
GapOf: TypeAlias = tuple[str, str, str]
"""Exchange, stream, cause."""
FLUSH_SECONDS = 0.25
FLUSH_ROWS = 10_000
FULL_ROWS = 50_000
ROOMY_ROWS = 10_000
RETRY_SECONDS = 1.0
WRITE_BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds."""


class Writer:
    """``keep`` and ``keep_gap`` never block; ``run`` does the writing.

    ``on_full`` is called when too much waits, ``on_room`` when there is room again.
    ``counts`` says how many rows were received, how many were new, contradicting or refused;
    ``gaps_opened`` and ``gaps_closed`` how many gaps, by exchange, stream and cause;
    ``write_seconds`` how long transactions took.
    """

    def __init__(self, repository: Repository, marks: Callable[[], Iterable[Mark]]) -> None:
        self._repository = repository
        self._marks = marks
        self._rows: Batch = {}
        self._gaps: list[Gap] = []
        self._waiting = 0
        self._wake = asyncio.Event()
        self._full = False
        self.on_full: Callable[[], None] = lambda: None
        self.on_room: Callable[[], None] = lambda: None
        self.counts: Counter[str] = Counter()
        self.gaps_opened: Counter[GapOf] = Counter()
        self.gaps_closed: Counter[GapOf] = Counter()
        self.write_seconds = Buckets(WRITE_BOUNDS)
        self.last_error: str | None = None

    @property
    def waiting(self) -> int:
        return self._waiting

    def keep(self, data_set: str, row: Row) -> None:
        self._rows.setdefault(data_set, []).append(row)
        self._waiting += 1
        if self._waiting >= FLUSH_ROWS:
            self._wake.set()
            if self._waiting >= FULL_ROWS and not self._full:
                self._full = True
                self.on_full()

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
        self._gaps.append(gap)
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Write until stopped; then until nothing waits, or the database refuses."""
        while not stop.is_set():
            await self._pause(stop)
            await self._flush()
        await self._flush(patient=False)

    async def _pause(self, stop: asyncio.Event) -> None:
        waits = [asyncio.ensure_future(event.wait()) for event in (self._wake, stop)]
        _, pending = await asyncio.wait(
            waits, timeout=FLUSH_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        for wait in pending:
            wait.cancel()
        self._wake.clear()

    async def _flush(self, *, patient: bool = True) -> None:
        """All that waits, in one transaction. ``patient`` retries until the database is back."""
        marks = list(self._marks())
        rows, self._rows = self._rows, {}
        gaps, self._gaps = self._gaps, []
        if not rows and not gaps and not marks:
            return
        while True:
            try:
                await self._write(rows, gaps, marks)
                break
            except DatabaseAway as error:
                if not patient:
                    raise
                self._complain(error)
                await asyncio.sleep(RETRY_SECONDS)
        self.last_error = None
        self._make_room(sum(map(len, rows.values())))

    async def _write(self, rows: Batch, gaps: list[Gap], marks: list[Mark]) -> None:
        began = steady()
        written = await self._write_good(rows, marks)
        for gap in gaps:
            await self._repository.store_gap(gap)
        seconds = steady() - began
        self.write_seconds.add(seconds)
        count = sum(map(len, rows.values()))
        self.counts["rows"] += count
        self.counts["new"] += written.new
        self.counts["contradicting"] += written.contradicting
        log.debug("wrote", rows=count, new=written.new, seconds=round(seconds, 3))

    async def _write_good(self, rows: Batch, marks: list[Mark]) -> Written:
        """A row that the database refuses must not hold up the others: halve until it is alone."""
        try:
            return await self._repository.write(rows, marks)
        except DatabaseAway:
            raise
        except DatabaseError as error:
            listed = [(name, row) for name, some in rows.items() for row in some]
            if len(listed) > 1:
                middle = len(listed) // 2
                written = await self._write_good(_batch(listed[:middle]), [])
                return written + await self._write_good(_batch(listed[middle:]), marks)
            if not listed:
                raise
            self.counts["refused"] += 1
            log.warning("row refused", data_set=listed[0][0], row=listed[0][1], error=str(error))
            return await self._repository.write({}, marks)

    def _complain(self, error: DatabaseAway) -> None:
        if self.last_error is None:
            log.warning("database away", error=str(error), waiting=self._waiting)
        self.last_error = str(error)

    def _make_room(self, written: int) -> None:
        self._waiting -= written
        if self._full and self._waiting < ROOMY_ROWS:
            self._full = False
            self.on_room()


def _batch(listed: Iterable[tuple[str, Row]]) -> Batch:
    batch: Batch = {}
    for name, row in listed:
        batch.setdefault(name, []).append(row)
    return batch
