"""A temporary table beside a fact table, where rows lie that may be stored already."""

from collections.abc import AsyncIterator

from perps_stats.core.catalogue import DataSet
from perps_stats.database.link import Borrowed
from perps_stats.database.statements import statement
from perps_stats.database.text import chunks


async def stage(connection: Borrowed, data_set: DataSet, body: bytes) -> None:
    """Beside what this transaction has staged already."""
    names = staging_names(data_set)
    await connection.execute(statement("stage").format(**names))
    await copy_in(connection, names["staging"], data_set, body)


async def keep_staged(connection: Borrowed, data_set: DataSet) -> int:
    """How many were new."""
    text = statement("keep_staged").format(**staging_names(data_set))
    return _count(await connection.execute(text))


async def copy_in(connection: Borrowed, table: str, data_set: DataSet, body: bytes) -> int:
    status = await connection.copy_to_table(
        table, source=_stream(body), columns=list(data_set.columns), format="text"
    )
    return _count(status)


def staging_names(data_set: DataSet) -> dict[str, str]:
    key = ", ".join(f'"{column}"' for column in key_columns(data_set))
    return {"table": data_set.table, "staging": f"staged_{data_set.table}", "key": key}


def key_columns(data_set: DataSet) -> tuple[str, ...]:
    return ("market_id", "ts", *data_set.key[1:])


def _count(status: str) -> int:
    """``COPY 5`` and ``INSERT 0 5`` are 5."""
    return int(status.rpartition(" ")[2])


async def _stream(body: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks(body):
        yield chunk
