"""Questions to the fact tables: a page in the order of time, and the last row of each market."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache

from msgspec import Struct

from perps_stats.core.catalogue import GAPS, SLIPPAGE, DataSet
from perps_stats.core.errors import BadInput
from perps_stats.core.traits import Query
from perps_stats.database.copy import key_columns
from perps_stats.database.link import Link
from perps_stats.database.rows import column_types, to_records
from perps_stats.database.statements import statement

FIRST_CURSOR_VALUE = 6
REACHING = " or coalesce(r.end_time, 'infinity') > $3"
"""A gap that began before the span and reaches into it is part of the answer."""


async def page(
    link: Link, data_set: DataSet, query: Query, interval: str | None = None
) -> list[Struct]:
    """``interval`` restricts candles."""
    start, end = _span(query)
    text = page_statement(
        data_set, newest_first=query.newest_first, by_interval=interval is not None
    )
    values = (
        query.exchange,
        query.symbol,
        start,
        end,
        query.limit,
        *_cursor_values(data_set, query),
    )
    extra = () if interval is None else (interval,)
    return to_records(data_set, await link.fetch(text, *values, *extra))


async def latest(link: Link, data_set: DataSet, query: Query) -> list[Struct]:
    """Of each market of the filter, however many: ``limit`` and ``after`` do not apply."""
    rows = await link.fetch(
        latest_statement(data_set), query.exchange, query.symbol, query.start, query.end
    )
    return to_records(data_set, rows)


@cache
def page_statement(data_set: DataSet, *, newest_first: bool, by_interval: bool) -> str:
    direction = "desc" if newest_first else "asc"
    keys = [f'r."{column}"' for column in key_columns(data_set)[1:]]
    types = [column_types(data_set)[column] for column in key_columns(data_set)[1:]]
    types += ["text", "text"]
    cursor = [f"${FIRST_CURSOR_VALUE + at}::{_param(sql)}" for at, sql in enumerate(types)]
    interval = f'and r."interval" = ${FIRST_CURSOR_VALUE + len(types)}'
    return statement("page").format(
        columns=_columns(data_set),
        table=data_set.table,
        row_keys=", ".join(keys),
        row_order=", ".join(f"{key} {direction}" for key in keys),
        cursor=", ".join(cursor),
        beyond="<" if newest_first else ">",
        direction=direction,
        only=interval if by_interval else "",
        reaching=REACHING if data_set is GAPS else "",
    )


@cache
def latest_statement(data_set: DataSet) -> str:
    name = "latest_slippage" if data_set is SLIPPAGE else "latest"
    return statement(name).format(columns=_columns(data_set), table=data_set.table)


def _columns(data_set: DataSet) -> str:
    return ", ".join(f'r."{column}"' for column in data_set.columns[1:])


def _param(sql: str) -> str:
    """Values of a cursor arrive as text, but for its time."""
    return sql if sql.startswith("timestamp") else "text" if sql == "text" else f"text::{sql}"


def _span(query: Query) -> tuple[datetime | None, datetime | None]:
    """The query's, cut at the cursor so that the index finds the place."""
    if query.after is None:
        return query.start, query.end
    time = query.after.time
    if not query.newest_first:
        return (time if query.start is None else max(time, query.start)), query.end
    try:
        beyond = time + timedelta(microseconds=1)
    except OverflowError:
        return query.start, query.end
    return query.start, beyond if query.end is None else min(beyond, query.end)


def _cursor_values(data_set: DataSet, query: Query) -> Sequence[object]:
    expected = len(data_set.key) + 1
    if query.after is None:
        return [None] * (expected + 1)
    if len(query.after.rest) != expected:
        raise BadInput("cursor", query.after.rest, f"it is not one of {data_set.name}")
    return [query.after.time, *query.after.rest]
