"""Rows of PostgreSQL text on their way to the database, as records: back from ``to_row``."""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import TypeAlias, get_type_hints

from msgspec import Struct

from perps_stats.core.catalogue import DataSet
from perps_stats.core.stored import Row
from perps_stats.core.types import OrderbookLevel
from perps_stats.database.rows import SIDES, plain_type

Read: TypeAlias = Callable[[Row], object]


def from_row(data_set: DataSet, row: Row, exchange: str, symbol: str) -> Struct:
    values = {name: read(row) for name, read in _readers(data_set)}
    return data_set.row(exchange=exchange, symbol=symbol, **values)


@cache
def _readers(data_set: DataSet) -> Sequence[tuple[str, Read]]:
    hints = get_type_hints(data_set.row)
    return [
        (field, _reader(data_set, field, plain_type(hints[field])))
        for field in data_set.fields
        if field not in {"exchange", "symbol"}
    ]


def _reader(data_set: DataSet, field: str, plain: type) -> Read:
    columns = data_set.columns
    if field in SIDES:
        prices, quantities = (f"{SIDES[field]}_{what}" for what in ("prices", "quantities"))
        return _levels(columns.index(prices), columns.index(quantities))
    at = columns.index("ts" if field == data_set.time else field)
    value = _value_of(plain)

    def read(row: Row) -> object:
        text = row[at]
        return None if text is None else value(text)

    return read


def _levels(prices: int, quantities: int) -> Read:
    def read(row: Row) -> list[OrderbookLevel]:
        return [*map(OrderbookLevel, _numbers(row[prices]), _numbers(row[quantities]))]

    return read


def _numbers(array: str | None) -> list[Decimal]:
    inside = (array or "{}").strip("{}")
    return [Decimal(text) for text in inside.split(",")] if inside else []


def _value_of(plain: type) -> Callable[[str], object]:
    if plain is bool:
        return lambda text: text == "t"
    if plain is datetime:
        return datetime.fromisoformat
    if issubclass(plain, Enum):
        return plain
    if plain is Decimal:
        return Decimal
    return int if plain is int else str
