"""What other processes collect, asked for again and again: which streams, what is new of each."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import TypeAlias

from msgspec import Struct

from perps_stats.core.catalogue import DataSet
from perps_stats.database.link import Link
from perps_stats.database.rows import to_records
from perps_stats.database.staging import key_columns
from perps_stats.database.statements import statement

Market: TypeAlias = tuple[str, str]
"""Exchange and symbol."""
MOST_ROWS = 5000
"""Of one market at once: the next call goes on."""


async def listened(link: Link) -> dict[Market, set[str]]:
    """The streams of each market that are listened to now."""
    streams: dict[Market, set[str]] = {}
    for exchange, symbol, stream in await link.fetch(statement("listened")):
        streams.setdefault((exchange, symbol), set()).add(stream)
    return streams


async def newer(link: Link, data_set: DataSet, since: Mapping[Market, datetime]) -> list[Struct]:
    """The rows of each market from a time on, in order."""
    exchanges, symbols = [market[0] for market in since], [market[1] for market in since]
    text = newer_statement(data_set)
    values = (exchanges, symbols, list(since.values()), MOST_ROWS)
    return to_records(data_set, await link.fetch(text, *values))


@cache
def newer_statement(data_set: DataSet) -> str:
    return statement("newer").format(
        columns=", ".join(f'r."{column}"' for column in data_set.columns[1:]),
        table=data_set.table,
        row_keys=", ".join(f'r."{column}"' for column in key_columns(data_set)[1:]),
    )
