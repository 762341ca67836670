"""Rows into a fact table by COPY, the fastest way in, each at most once.

COPY knows no conflict. So a batch first goes straight into the table, and only when a row was there
already, by way of a temporary table. Who replays history stays on that way while it conflicts.
"""

from collections.abc import AsyncIterator, Sequence
from operator import itemgetter

import asyncpg

from perps_stats.core.catalogue import DataSet
from perps_stats.core.errors import DatabaseError
from perps_stats.core.traits import Row
from perps_stats.database.link import Borrowed
from perps_stats.database.statements import statement
from perps_stats.database.text import chunks, encoded


class Copy:
    """``keep`` returns how many rows were new. It is called inside a transaction."""

    def __init__(self) -> None:
        self._conflicting: set[str] = set()

    async def keep(self, connection: Borrowed, data_set: DataSet, rows: Sequence[Row]) -> int:
        distinct = without_duplicates(data_set, rows)
        try:
            body = encoded(distinct)
        except (ValueError, TypeError) as error:
            raise DatabaseError(f"{data_set.name}: rows that are no text: {error}") from error
        if data_set.table not in self._conflicting:
            try:
                async with connection.transaction():
                    return await copy_in(connection, data_set.table, data_set, body)
            except asyncpg.UniqueViolationError:
                self._conflicting.add(data_set.table)
        new = await _staged(connection, data_set, body)
        if new == len(distinct):
            self._conflicting.discard(data_set.table)
        return new


async def copy_in(connection: Borrowed, table: str, data_set: DataSet, body: bytes) -> int:
    status = await connection.copy_to_table(
        table, source=_stream(body), columns=list(data_set.columns), format="text"
    )
    return _count(status)


def without_duplicates(data_set: DataSet, rows: Sequence[Row]) -> Sequence[Row]:
    """Of rows with the same key the first."""
    key = itemgetter(*map(data_set.columns.index, key_columns(data_set)))
    first = dict(zip(map(key, reversed(rows)), reversed(rows), strict=True))
    return rows if len(first) == len(rows) else list(first.values())


def key_columns(data_set: DataSet) -> tuple[str, ...]:
    return ("market_id", "ts", *data_set.key[1:])


async def _staged(connection: Borrowed, data_set: DataSet, body: bytes) -> int:
    names = staging_names(data_set)
    await connection.execute(statement("stage").format(**names))
    await copy_in(connection, names["staging"], data_set, body)
    return _count(await connection.execute(statement("keep_staged").format(**names)))


def staging_names(data_set: DataSet) -> dict[str, str]:
    key = ", ".join(f'"{column}"' for column in key_columns(data_set))
    return {"table": data_set.table, "staging": f"staged_{data_set.table}", "key": key}


def _count(status: str) -> int:
    """``COPY 5`` and ``INSERT 0 5`` are 5."""
    return int(status.rpartition(" ")[2])


async def _stream(body: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks(body):
        yield chunk
