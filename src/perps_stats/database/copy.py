"""Rows into a fact table by COPY, the fastest way in, each at most once.

COPY knows no conflict. So a batch first goes straight into the table, and only when a row was there
already, by way of a temporary table. Who replays history stays on that way while it conflicts.
"""

from collections.abc import Sequence
from operator import itemgetter

import asyncpg

from perps_stats.core.catalogue import DataSet
from perps_stats.core.stored import Row, Written
from perps_stats.database.contradictions import Found, keep_contradictions
from perps_stats.database.failures import RowRefused
from perps_stats.database.link import Borrowed
from perps_stats.database.partitions import days_of
from perps_stats.database.staging import copy_in, keep_staged, key_columns, stage
from perps_stats.database.text import encoded


class Copy:
    """``keep`` is called inside a transaction."""

    def __init__(self) -> None:
        self._conflicting: set[str] = set()

    def expect_conflicts(self, data_sets: Sequence[DataSet]) -> None:
        """Other writers are at the same rows: the way by the temporary table has an order."""
        self._conflicting.update(one.table for one in data_sets)

    async def keep(
        self, connection: Borrowed, data_set: DataSet, rows: Sequence[Row]
    ) -> tuple[Written, Found]:
        distinct, others = apart(data_set, rows)
        body = _encoded(data_set, distinct)
        found = Found()
        new = await self._copied(connection, data_set, body)
        if new is None:
            await stage(connection, data_set, body)
            new = await keep_staged(connection, data_set)
            if new == len(distinct):
                self._conflicting.discard(data_set.table)
        if others:
            await stage(connection, data_set, _encoded(data_set, others))
        if others or new < len(distinct):
            days = sorted(map(str, days_of(data_set, rows)))
            found = await keep_contradictions(connection, data_set, days)
        return Written(new, len(rows) - new - found.rows, found.rows), found

    async def _copied(self, connection: Borrowed, data_set: DataSet, body: bytes) -> int | None:
        """How many rows, all new; ``None`` where some may be stored already."""
        if data_set.table in self._conflicting:
            return None
        try:
            async with connection.transaction():
                return await copy_in(connection, data_set.table, data_set, body)
        except asyncpg.UniqueViolationError:
            self._conflicting.add(data_set.table)
            return None


def apart(data_set: DataSet, rows: Sequence[Row]) -> tuple[Sequence[Row], Sequence[Row]]:
    """Of rows with the same key the first; of the later ones those that are not the same text."""
    key = itemgetter(*map(data_set.columns.index, key_columns(data_set)))
    keys = list(map(key, rows))
    if len(set(keys)) == len(rows):
        return rows, ()
    first: dict[Row, Row] = {}
    for each, row in zip(keys, rows, strict=True):
        first.setdefault(each, row)
    others = [row for each, row in zip(keys, rows, strict=True) if row != first[each]]
    return list(first.values()), others


def _encoded(data_set: DataSet, rows: Sequence[Row]) -> bytes:
    try:
        return encoded(rows)
    except (ValueError, TypeError) as error:
        raise RowRefused(f"{data_set.name}: rows that are no text: {error}") from error
