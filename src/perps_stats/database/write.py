"""One transaction that writes a batch, the marks it brings and the history it fills."""

from collections.abc import Mapping, Sequence

import asyncpg

from perps_stats.core.catalogue import DATA_SETS, GAPS, DataSet, data_set
from perps_stats.core.errors import DatabaseError
from perps_stats.core.stored import Filled, Mark, Row, Written
from perps_stats.database.contradictions import Found, Teller
from perps_stats.database.copy import Copy
from perps_stats.database.failures import failures
from perps_stats.database.link import Borrowed, Link
from perps_stats.database.partitions import Partitions
from perps_stats.database.progress import keep_filled
from perps_stats.database.rollups import note_hours
from perps_stats.database.staging import key_columns
from perps_stats.database.statements import statement

TRIES = 5


class Write:
    """``write`` returns when the batch is durable."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._partitions = Partitions(link)
        self._copy = Copy()
        self._teller = Teller()

    async def write(
        self,
        batch: Mapping[str, Sequence[Row]],
        marks: Sequence[Mark],
        session: int | None,
        filled: Sequence[Filled] = (),
        gaps: Sequence[Row] = (),
    ) -> Written:
        """Again where another writer stood in the way, or a part was dropped meanwhile."""
        for name in batch:
            data_set(name)
        if marks and session is None:
            raise DatabaseError("marks belong to a session: begin one first")
        todo = [(one, batch[name]) for name, one in DATA_SETS.items() if batch.get(name)]
        with failures(self._link.target):
            for _ in range(TRIES - 1):
                try:
                    return await self._once(todo, marks, session, filled, gaps)
                except asyncpg.DeadlockDetectedError:
                    self._copy.expect_conflicts([one for one, _ in todo])
                except asyncpg.CheckViolationError as error:
                    if error.constraint_name:
                        raise
                    self._partitions.forget()
            return await self._once(todo, marks, session, filled, gaps)

    def forget(self) -> None:
        self._partitions.forget()

    async def _once(
        self,
        todo: Sequence[tuple[DataSet, Sequence[Row]]],
        marks: Sequence[Mark],
        session: int | None,
        filled: Sequence[Filled],
        gaps: Sequence[Row],
    ) -> Written:
        for one, rows in todo:
            if one is not GAPS:
                await self._partitions.prepare(one, rows)
        kept: list[tuple[Written, Found]] = []
        async with self._link.acquire() as connection, connection.transaction():
            for one, rows in todo:
                keep = keep_gaps if one is GAPS else self._copy.keep
                kept.append(await keep(connection, one, rows))
                await note_hours(connection, one, rows)
            if gaps:
                await keep_gaps(connection, GAPS, gaps)
            if marks:
                await connection.execute(statement("keep_marks"), session, *_columns(marks))
            if filled:
                await keep_filled(connection, filled)
        self._teller.tell([found for _, found in kept])
        return sum((written for written, _ in kept), Written())


async def keep_gaps(
    connection: Borrowed, one: DataSet, rows: Sequence[Row]
) -> tuple[Written, Found]:
    """Gaps are few, and a later row completes an earlier one: none contradicts. In the order of the
    key, so that two writers cannot deadlock.
    """
    places = [one.columns.index(name) for name in GAP_COLUMNS]
    new = 0
    key = [one.columns.index(name) for name in key_columns(one)]
    for row in sorted(rows, key=lambda row: [row[place] or "" for place in key]):
        values = [row[place] for place in places]
        new += bool(await connection.fetchval(statement("keep_gap"), *values))
    return Written(new, len(rows) - new), Found()


GAP_COLUMNS = (
    "market_id",
    "stream",
    "ts",
    "end_time",
    "cause",
    "missed",
    "detail",
    "detected_at",
    "repaired_at",
    "rows_recovered",
)


def _columns(marks: Sequence[Mark]) -> list[list[object]]:
    return [
        [mark.market_id for mark in marks],
        [mark.stream for mark in marks],
        [mark.first_ts for mark in marks],
        [mark.last_ts for mark in marks],
    ]
