"""Records to JSON, a line each: exact decimals, UTC times, what is a floor, what is simulated.

What the database itself writes of a stored row (``database/lines.py``) is the same to the byte.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import TypeAlias, TypeGuard

import msgspec
from msgspec import Struct

from perps_stats.aggregator import floors
from perps_stats.core.catalogue import units_of
from perps_stats.core.figures import LiquidityAverages, LiquidityDepthStats, Slippage
from perps_stats.core.times import rfc3339
from perps_stats.core.types import Orderbook, OrderbookLevel

Plain: TypeAlias = Callable[[object], object]
FLOORED = (LiquidityDepthStats, LiquidityAverages, Slippage)


class AsOf(Struct, frozen=True, kw_only=True):
    """What a whole answer says of itself."""

    as_of: str | None
    """The newest source time in it."""
    served_at: str
    """When it was made; from memory it may be told for a moment longer."""
    next: str | None
    """The cursor of the next page. ``None``: this was the last."""
    units: Mapping[str, str]
    """By the name of the field."""
    simulated: bool
    """Whether anything in it came from a simulator."""


class Pagination(Struct, frozen=True, kw_only=True):
    """Where the page lies in a span, for those who count rows."""

    limit: int
    """The most that it may have."""
    offset: int
    """Left out before it."""
    count: int
    """In it."""


class Answer(Struct, frozen=True, kw_only=True):
    """``lines`` are the records as JSON, without an end; their fields are those of ``row`` and of
    ``extra_fields``.
    """

    row: type[Struct]
    lines: bytes
    meta: AsOf
    as_numbers: bool = False
    pagination: Pagination | None = None

    @property
    def array(self) -> bytes:
        return b"[%b]" % self.lines.replace(b"\n", b",")


def encoded_lines(
    records: Iterable[Struct], simulated: Mapping[str, bool], *, as_numbers: bool
) -> bytes:
    """``simulated`` by exchange. With ``as_numbers`` every digit is still there, unquoted."""
    convert = _NUMBERS if as_numbers else _STRINGS
    return b"\n".join(_encode(_record(each, simulated, convert)) for each in records)


def extra_fields(row: type[Struct]) -> dict[str, object]:
    """What a record of an exchange says beyond the fields of its type, as JSON schema."""
    fields: dict[str, object] = {}
    if "exchange" in row.__struct_fields__ and "simulated" not in row.__struct_fields__:
        meaning = "whether it came from a simulator; null: the exchange is not stored"
        fields["simulated"] = {"type": ["boolean", "null"], "description": meaning}
    if issubclass(row, FLOORED):
        meaning = "the fields that are lower bounds: the book ends before them"
        fields["floors"] = {"type": "array", "items": {"type": "string"}, "description": meaning}
    return fields


@cache
def answer_units(row: type[Struct]) -> Mapping[str, str]:
    """Unit by field; of a book's levels by ``bids.price`` and the like."""
    units = units_of(row)
    if issubclass(row, Orderbook):
        of_level = units_of(OrderbookLevel)
        units |= {
            f"{side}.{name}": of_level[name] for side in ("bids", "asks") for name in of_level
        }
    return units


def _record(
    record: Struct, simulated: Mapping[str, bool], convert: Mapping[type, Plain]
) -> dict[str, object]:
    plain = _fields(record, convert)
    if "exchange" in plain and "simulated" not in plain:
        plain["simulated"] = simulated.get(str(plain["exchange"]))
    if isinstance(record, FLOORED):
        lower = floors(record)
        plain["floors"] = [name for name in record.__struct_fields__ if name in lower]
    return plain


def _fields(record: Struct, convert: Mapping[type, Plain]) -> dict[str, object]:
    return {name: _plain(getattr(record, name), convert) for name in record.__struct_fields__}


def _plain(value: object, convert: Mapping[type, Plain]) -> object:
    change = convert.get(type(value))
    if change is not None:
        return change(value)
    if isinstance(value, Struct):
        return _fields(value, convert)
    if is_list(value):
        return [_plain(each, convert) for each in value]
    return value


def is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)


def _time_text(value: object) -> object:
    return rfc3339(value) if isinstance(value, datetime) else value


def _decimal_text(value: object) -> str:
    """Without an exponent, which only the smallest and the greatest would have."""
    text = str(value)
    return f"{value:f}" if "E" in text else text


_encode = msgspec.json.Encoder().encode
_STRINGS: Mapping[type, Plain] = {datetime: _time_text, Decimal: _decimal_text}
_NUMBERS: Mapping[type, Plain] = {
    datetime: _time_text,
    Decimal: lambda value: msgspec.Raw(_decimal_text(value).encode()),
}
