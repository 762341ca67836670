"""A batch into the database, whatever of it is refused: that is told, and the rest is kept."""

from collections import Counter

import structlog
from msgspec.structs import replace

from perps_stats.core.distributions import Buckets
from perps_stats.core.stored import Written
from perps_stats.core.traits import Repository
from perps_stats.database.failures import RowRefused
from perps_stats.ingest.outside import steady
from perps_stats.ingest.spool.batch import Batch, halves

log = structlog.get_logger()
WRITE_BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds."""


class Storing:
    """``counts`` says how many rows were stored, were new, contradicting or refused;
    ``write_seconds`` how long batches took.
    """

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self.counts: Counter[str] = Counter()
        self.write_seconds = Buckets(WRITE_BOUNDS)

    async def write(self, batch: Batch) -> None:
        """Raises ``DatabaseError`` where the database takes nothing now."""
        began = steady()
        written = await self._write_good(batch)
        seconds = steady() - began
        self.write_seconds.add(seconds)
        self.counts["rows"] += batch.size
        self.counts["new"] += written.new
        self.counts["contradicting"] += written.contradicting
        log.debug("wrote", rows=batch.size, new=written.new, seconds=round(seconds, 3))

    async def _write_good(self, batch: Batch) -> Written:
        """A row that is refused must not hold up the others: halve until it is alone."""
        try:
            return await self._repository.write(
                batch.rows, batch.marks, gaps=batch.gaps, session=batch.session
            )
        except RowRefused as error:
            if batch.size > 1:
                first, second = halves(batch)
                return await self._write_good(first) + await self._write_good(second)
            parts = _parts(batch)
            if len(parts) > 1:
                alone = [await self._write_good(part) for part in parts]
                return sum(alone, Written())
            self._tell(batch, error)
            return Written()

    def _tell(self, batch: Batch, error: RowRefused) -> None:
        self.counts["refused"] += 1
        what = {"rows": dict(batch.rows)} if batch.rows else {"gaps": len(batch.gaps)}
        log.warning("refused", **what, marks=len(batch.reaches), error=str(error))


def _parts(batch: Batch) -> list[Batch]:
    """The row, each gap, and the marks, which come last: what they speak for is there by then."""
    nothing = replace(batch, rows={}, gaps=(), reaches=())
    parts = [replace(nothing, rows=batch.rows)] if batch.size else []
    parts += [replace(nothing, gaps=(gap,)) for gap in batch.gaps]
    return parts + ([replace(nothing, reaches=batch.reaches)] if batch.reaches else [])
