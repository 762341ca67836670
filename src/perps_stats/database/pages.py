"""Questions to the fact tables: a page in the order of time, and the last row of each market."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache

from msgspec import Struct

from perps_stats.core.catalogue import GAPS, SLIPPAGE, DataSet
from perps_stats.core.errors import BadInput
from perps_stats.core.stored import Query
from perps_stats.database.link import Link
from perps_stats.database.rows import column_types, time_text, to_records
from perps_stats.database.staging import key_columns
from perps_stats.database.statements import statement

FIRST_CURSOR_VALUE = 8
NUMBER = r"-?\d{1,999}(\.\d{1,999})?([eE][+-]?\d{1,3})?"
REACHING = " or coalesce(r.end_time, 'infinity') > $3"
"""A gap that began before the span and reaches into it is part of the answer."""


async def page(
    link: Link,
    data_set: DataSet,
    query: Query,
    condition: str = "",
    compared: Sequence[object] = (),
) -> list[Struct]:
    """``condition`` is SQL of ours about a row ``r``, with ``{0}`` for the first it is compared
    with.
    """
    only = tuple(query.only)
    text = page_statement(data_set, only, condition, len(compared), newest_first=query.newest_first)
    rows = await link.fetch(text, *page_values(data_set, query, compared))
    return to_records(data_set, rows)


def page_values(
    data_set: DataSet, query: Query, compared: Sequence[object] = ()
) -> tuple[object, ...]:
    """What ``page_statement`` is asked with. Raises ``BadInput`` for what no column can hold."""
    _require_values(data_set, query)
    start, end = span_of(query)
    return (
        query.exchange,
        query.symbol,
        start,
        end,
        query.limit,
        *market_names(query),
        *_cursor_values(data_set, query),
        *query.only.values(),
        *compared,
    )


async def latest(
    link: Link, data_set: DataSet, query: Query, variants: Sequence[str] | None = None
) -> list[Struct]:
    """Of each market of the filter, however many: span, ``limit`` and ``after`` do not apply. With
    ``variants`` of each of these intervals or kinds.
    """
    _require_values(data_set, query)
    values: list[object] = [query.exchange, query.symbol, *market_names(query)]
    if variants is not None:
        values.append(variants)
    text = latest_statement(data_set, each=variants is not None)
    records = to_records(data_set, await link.fetch(text, *values))
    return [record for record in records if has_values(record, query.only)]


def has_values(record: Struct, only: Mapping[str, str]) -> bool:
    """Whether fields of the key have these values: numbers are compared as numbers."""
    for name, wanted in only.items():
        value: object = getattr(record, name)
        if (Decimal(wanted) if isinstance(value, Decimal) else wanted) != value:
            return False
    return True


def market_names(query: Query) -> tuple[list[str] | None, list[str] | None]:
    if query.markets is None:
        return None, None
    return [exchange for exchange, _ in query.markets], [symbol for _, symbol in query.markets]


@cache
def page_statement(
    data_set: DataSet,
    only: tuple[str, ...] = (),
    condition: str = "",
    compared: int = 0,
    *,
    newest_first: bool,
) -> str:
    direction = "desc" if newest_first else "asc"
    keys = [f'r."{column}"' for column in key_columns(data_set)[1:]]
    types = [column_types(data_set)[column] for column in key_columns(data_set)[1:]]
    types += ["text", "text"]
    cursor = [f"${FIRST_CURSOR_VALUE + at}::{_param(sql)}" for at, sql in enumerate(types)]
    first_only = FIRST_CURSOR_VALUE + len(types)
    places = [f"${first_only + len(only) + at}" for at in range(compared)]
    return statement("page").format(
        columns=_columns(data_set),
        table=data_set.table,
        row_keys=", ".join(keys),
        row_order=", ".join(f"{key} {direction}" for key in keys),
        cursor=", ".join(cursor),
        beyond="<" if newest_first else ">",
        direction=direction,
        only=" ".join([condition.format(*places), *_equalities(data_set, only, first_only)]),
        reaching=REACHING if data_set is GAPS else "",
    )


def first_free(data_set: DataSet, only: tuple[str, ...], compared: int) -> int:
    """The number of the first parameter that ``page_statement`` leaves free."""
    cursor = len(key_columns(data_set)[1:]) + 2
    return FIRST_CURSOR_VALUE + cursor + len(only) + compared


def _equalities(data_set: DataSet, only: tuple[str, ...], first: int) -> list[str]:
    types = column_types(data_set)
    return [
        f'and r."{name}" = ${first + at}::{_param(types[name])}' for at, name in enumerate(only)
    ]


@cache
def latest_statement(data_set: DataSet, *, each: bool = False) -> str:
    """``each``: of every interval or kind, whichever the key holds."""
    name = "latest_slippage" if data_set is SLIPPAGE else "latest_of_each" if each else "latest"
    return statement(name).format(
        columns=_columns(data_set), table=data_set.table, variant=data_set.key[-1]
    )


def _columns(data_set: DataSet) -> str:
    return ", ".join(f'r."{column}"' for column in data_set.columns[1:])


def _param(sql: str) -> str:
    """A cursor's values are text: the driver would take the first and last time for infinite."""
    return "text" if sql == "text" else f"text::{sql}"


def span_of(query: Query) -> tuple[datetime | None, datetime | None]:
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
    types = [column_types(data_set)[column] for column in key_columns(data_set)[2:]]
    types += ["text", "text"]
    if query.after is None:
        return [None] * (len(types) + 1)
    rest = query.after.rest
    if len(rest) != len(types) or not all(map(_fits, rest, types)):
        raise BadInput("cursor", rest, f"it is not one of {data_set.name}")
    return [time_text(query.after.time), *rest]


def _fits(text: str, sql: str) -> bool:
    return "\0" not in text and (sql == "text" or re.fullmatch(NUMBER, text) is not None)


def _require_values(data_set: DataSet, query: Query) -> None:
    """Raises ``BadInput`` for what the columns cannot be compared with."""
    for field, name in (("exchange", query.exchange), ("symbol", query.symbol)):
        if name and "\0" in name:
            raise BadInput(field, name, "a name has no zero byte")
    for name, value in query.only.items():
        if name not in data_set.key[1:]:
            raise BadInput(name, value, f"{data_set.name} are told apart by {data_set.key}")
        if not _fits(value, column_types(data_set)[name]):
            raise BadInput(name, value, "use a number, such as 10000 or 0.5")
