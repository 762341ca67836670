"""How the rows of a data set stand in a file: a column for each column of its table.

``exchange`` and ``symbol`` come first. Numbers keep every digit as text, times are RFC 3339 in UTC
with microseconds, unknown is null and not an empty text, the levels of a book are lists.
"""

from enum import Enum, StrEnum, auto
from functools import cache
from types import NoneType
from typing import get_args, get_type_hints

from msgspec import Struct

from perps_stats.core.catalogue import DataSet, units_of
from perps_stats.core.types import OrderbookLevel
from perps_stats.database.rows import column_types, plain_type

NAMES = ("exchange", "symbol")


class Kind(StrEnum):
    TEXT = auto()
    NUMBER = auto()
    WHOLE = auto()
    FLAG = auto()
    TIME = auto()
    NUMBERS = auto()


KINDS = {
    "text": Kind.TEXT,
    "numeric": Kind.NUMBER,
    "bigint": Kind.WHOLE,
    "boolean": Kind.FLAG,
    "timestamp with time zone": Kind.TIME,
    "ARRAY": Kind.NUMBERS,
}
SELECTED = {
    Kind.TIME: "to_char({} at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')",
    Kind.FLAG: "{}::text",
    Kind.NUMBERS: "array_to_string({}, ' ')",
}


class Column(Struct, frozen=True, kw_only=True):
    """``name`` in the file, ``sql`` in the table. ``words``: all that a text may be; none: any."""

    name: str
    sql: str
    kind: Kind
    unit: str | None = None
    nullable: bool = False
    words: frozenset[str] = frozenset()

    @property
    def selected(self) -> str:
        """The value of a row ``r`` as text that reads the same everywhere."""
        return SELECTED.get(self.kind, "{}").format(f'r."{self.sql}"')


@cache
def columns_of(data_set: DataSet) -> tuple[Column, ...]:
    """Beside the names, in the order of ``data_set.columns``."""
    hints = get_type_hints(data_set.row)
    types = column_types(data_set)
    levels = units_of(OrderbookLevel)
    fields = {sql: sql for sql in data_set.columns[1:]} | {"ts": data_set.time}
    found: list[Column] = []
    for sql, name in fields.items():
        if types[sql] == "ARRAY":
            unit = levels["price" if sql.endswith("prices") else "quantity"]
            found.append(Column(name=name, sql=sql, kind=Kind.NUMBERS, unit=unit))
            continue
        found.append(
            Column(
                name=name,
                sql=sql,
                kind=KINDS[types[sql]],
                unit=data_set.units.get(name),
                nullable=NoneType in get_args(hints[name]) and name != data_set.time,
                words=_words(plain_type(hints[name])),
            )
        )
    return tuple(found)


def header_of(data_set: DataSet) -> tuple[str, ...]:
    return (*NAMES, *(column.name for column in columns_of(data_set)))


def units_in(data_set: DataSet) -> dict[str, str]:
    """Unit by column, for every column that is a quantity."""
    return {column.name: column.unit for column in columns_of(data_set) if column.unit}


def _words(plain: type) -> frozenset[str]:
    if not issubclass(plain, Enum):
        return frozenset()
    return frozenset(str(word.value) for word in plain)
