"""Records to rows of PostgreSQL text, and rows of the database back to records."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from types import NoneType
from typing import Annotated, TypeAlias, cast, get_args, get_origin, get_type_hints

import asyncpg
from msgspec import Struct

from perps_stats.core.catalogue import DataSet
from perps_stats.core.errors import DatabaseError
from perps_stats.core.stored import Cursor, Row
from perps_stats.core.types import OrderbookLevel

Text: TypeAlias = Callable[[object], str]
SIDES = {"bids": "bid", "asks": "ask"}
SQL_TYPES: dict[type, str] = {
    Decimal: "numeric",
    datetime: "timestamp with time zone",
    bool: "boolean",
    int: "bigint",
    str: "text",
}


def to_row(data_set: DataSet, record: Struct, market_id: int) -> Row:
    """In the order of ``data_set.columns``. Raises ``DatabaseError`` for what SQL cannot hold."""
    row: list[str | None] = [str(market_id)]
    for field in data_set.fields:
        if field in {"exchange", "symbol"}:
            continue
        value: object = getattr(record, field)
        try:
            row.extend(_texts(field, value))
        except (ValueError, OverflowError) as error:
            raise DatabaseError(f"{data_set.name}.{field}: {value} {error}") from error
    return tuple(row)


def cursor_after(data_set: DataSet, record: Struct) -> Cursor:
    """Where the page that ends with ``record`` is to be continued: ``Query.after``."""
    rest = [_text(getattr(record, field)) for field in data_set.key[1:]]
    names = [getattr(record, "exchange"), getattr(record, "symbol")]  # noqa: B009  of any record
    return Cursor(getattr(record, data_set.time), (*rest, *names))


def to_records(data_set: DataSet, rows: Iterable[asyncpg.Record]) -> list[Struct]:
    """Rows hold ``exchange``, ``symbol`` and the columns of ``data_set``."""
    readers = _readers(data_set)
    try:
        return [data_set.row(**{name: read(row) for name, read in readers}) for row in rows]
    except (ValueError, TypeError) as error:
        raise DatabaseError(f"{data_set.table}: holds a value we never write: {error}") from error


@cache
def column_types(data_set: DataSet) -> dict[str, str]:
    """The SQL type of each column, as ``information_schema`` names it."""
    hints = get_type_hints(data_set.row)
    types = {"market_id": "integer"}
    for field in data_set.fields:
        if field in SIDES:
            types |= {f"{SIDES[field]}_{what}": "ARRAY" for what in ("prices", "quantities")}
        elif field not in {"exchange", "symbol"}:
            column = "ts" if field == data_set.time else field
            types[column] = _sql_type(plain_type(hints[field]))
    return {column: types[column] for column in data_set.columns}


def _texts(field: str, value: object) -> Sequence[str | None]:
    if field in SIDES:
        levels = cast("Sequence[OrderbookLevel]", value)
        prices = ",".join(_text(level.price) for level in levels)
        quantities = ",".join(_text(level.quantity) for level in levels)
        return (f"{{{prices}}}", f"{{{quantities}}}")
    return (None if value is None else _text(value),)


def _text(value: object) -> str:
    return _TEXT.get(type(value), _enum_text)(value)


def _enum_text(value: object) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    raise ValueError(f"is of type {type(value).__name__}, which has no column")


def _decimal_text(value: object) -> str:
    if isinstance(value, Decimal) and not value.is_finite():
        raise ValueError("is not a number")
    return str(value)


def time_text(value: object) -> str:
    """Raises ``ValueError`` for a time without a zone."""
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ValueError("has no time zone")
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds") + "+00"


_TEXT: dict[type, Text] = {
    str: str,
    int: str,
    bool: lambda value: "t" if value else "f",
    Decimal: _decimal_text,
    datetime: time_text,
}


@cache
def _readers(data_set: DataSet) -> list[tuple[str, Callable[[asyncpg.Record], object]]]:
    hints = get_type_hints(data_set.row)
    return [
        (field, _reader(data_set, field, plain_type(hints[field]))) for field in data_set.fields
    ]


def _reader(data_set: DataSet, field: str, plain: type) -> Callable[[asyncpg.Record], object]:
    if field in SIDES:
        prices, quantities = f"{SIDES[field]}_prices", f"{SIDES[field]}_quantities"
        return lambda row: [
            OrderbookLevel(*level) for level in zip(row[prices], row[quantities], strict=True)
        ]
    column = "ts" if field == data_set.time else field
    if issubclass(plain, Enum):
        return lambda row: None if row[column] is None else plain(row[column])
    return lambda row: row[column]


def plain_type(hint: object) -> type:
    """``Annotated[Decimal, ...] | None`` is a ``Decimal``."""
    if get_origin(hint) is Annotated:
        return plain_type(get_args(hint)[0])
    parts = [part for part in get_args(hint) if part is not NoneType]
    if parts and get_origin(hint) is not list:
        return plain_type(parts[0])
    return hint if isinstance(hint, type) else list


def _sql_type(plain: type) -> str:
    return SQL_TYPES[str if issubclass(plain, Enum) else plain]
