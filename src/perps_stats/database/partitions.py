"""The parts of the fact tables exist before the rows that fall into them."""

from collections.abc import Sequence
from datetime import date

from perps_stats.core.catalogue import DataSet
from perps_stats.core.stored import Row
from perps_stats.database.failures import RowRefused
from perps_stats.database.link import Link
from perps_stats.database.statements import statement


class Partitions:
    """Remembers which days are ready, so that a batch of a known day asks nothing."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._ready: dict[str, set[date]] = {}

    async def prepare(self, data_set: DataSet, rows: Sequence[Row]) -> None:
        ready = self._ready.setdefault(data_set.table, set())
        if missing := days_of(data_set, rows) - ready:
            async with self._link.borrow() as connection:
                await connection.execute(
                    statement("create_partitions"), data_set.table, sorted(map(str, missing))
                )
            ready |= missing

    def forget(self) -> None:
        """Somebody else may have dropped old ones."""
        self._ready.clear()


def days_of(data_set: DataSet, rows: Sequence[Row]) -> set[date]:
    """The days of the rows, whose times are texts in UTC: ``2026-01-31 23:59:59.500000+00``."""
    place = data_set.columns.index("ts")
    try:
        return {date.fromisoformat(day) for day in {(row[place] or "")[:10] for row in rows}}
    except ValueError as error:
        raise RowRefused(f"{data_set.name}: a row has no time in UTC: {error}") from error
