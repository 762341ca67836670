"""A record as cells of a table: what a form without nesting shows of it, column by column."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from enum import Enum, StrEnum, auto
from functools import cache
from types import NoneType, UnionType
from typing import TypeAlias, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Struct

from perps_stats.api.records import answer_units, extra_fields
from perps_stats.core.types import OrderbookLevel

Record: TypeAlias = Mapping[str, object]
Take: TypeAlias = Callable[[Record], object]


class Kind(StrEnum):
    TEXT = auto()
    DECIMAL = auto()
    WHOLE = auto()
    FLOAT = auto()
    FLAG = auto()
    TIME = auto()
    TEXTS = auto()
    DECIMALS = auto()
    JSON = auto()
    """Nested records, as their JSON text."""


KINDS: dict[object, Kind] = {
    str: Kind.TEXT,
    Decimal: Kind.DECIMAL,
    int: Kind.WHOLE,
    float: Kind.FLOAT,
    bool: Kind.FLAG,
    datetime: Kind.TIME,
    list[str]: Kind.TEXTS,
}
LEVELS = list[OrderbookLevel]


class Column(Struct, frozen=True, kw_only=True):
    """``take`` finds the cell in a record that was read from JSON."""

    name: str
    kind: Kind
    unit: str | None
    take: Take


@cache
def columns_of(row: type[Struct]) -> tuple[Column, ...]:
    """In the order of the fields; a side of a book is two: ``bid_prices``, ``bid_quantities``."""
    units = answer_units(row)
    hints = {**get_type_hints(row), **{name: _extra(name) for name in extra_fields(row)}}
    return tuple(column for name, hint in hints.items() for column in _columns(name, hint, units))


def _extra(name: str) -> object:
    return bool if name == "simulated" else list[str]


def _columns(name: str, hint: object, units: Mapping[str, str]) -> Iterable[Column]:
    if hint == LEVELS:
        side = name.removesuffix("s")
        yield from (
            Column(
                name=f"{side}_{plural}",
                kind=Kind.DECIMALS,
                unit=units.get(f"{name}.{each}"),
                take=_levels(name, each),
            )
            for each, plural in (("price", "prices"), ("quantity", "quantities"))
        )
        return
    kind = _kind(hint)
    take = _json(name) if kind is Kind.JSON else _field(name)
    yield Column(name=name, kind=kind, unit=units.get(name), take=take)


def _kind(hint: object) -> Kind:
    if get_origin(hint) in {Union, UnionType}:
        [hint] = [part for part in get_args(hint) if part is not NoneType]
    if hint in KINDS:
        return KINDS[hint]
    return Kind.TEXT if isinstance(hint, type) and issubclass(hint, Enum) else Kind.JSON


def _field(name: str) -> Take:
    return lambda record: record[name]


def _json(name: str) -> Take:
    def take(record: Record) -> object:
        value = record[name]
        return None if value is None else msgspec.json.encode(value).decode()

    return take


def _levels(side: str, what: str) -> Take:
    def take(record: Record) -> object:
        levels = msgspec.convert(record[side], list[dict[str, object]])
        return [level[what] for level in levels]

    return take
