"""Records to JSON, encoded once: exact decimals, UTC times, what is a floor, what is simulated."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import TypeAlias

import msgspec
from msgspec import Struct, structs

from perps_stats.aggregator import floors
from perps_stats.core.catalogue import units_of
from perps_stats.core.figures import Coverage, LiquidityAverages, LiquidityDepthStats, Slippage
from perps_stats.core.times import rfc3339
from perps_stats.core.types import Orderbook, OrderbookLevel

Plain: TypeAlias = Callable[[object], object]
FLOORED = (LiquidityDepthStats, LiquidityAverages, Slippage)


class AsOf(Struct, frozen=True, kw_only=True):
    """What a whole answer says of itself. ``as_of``: the newest source time in it."""

    as_of: str | None
    served_at: str
    next: str | None
    units: Mapping[str, str]
    simulated: bool


class Envelope(Struct, frozen=True):
    data: msgspec.Raw
    meta: AsOf


def encoded_records(
    records: Sequence[Struct], simulated: Mapping[str, bool], *, as_numbers: bool
) -> msgspec.Raw:
    """``simulated`` by exchange. With ``as_numbers`` every digit is still there, unquoted."""
    encoder, convert = _NUMBERS if as_numbers else _STRINGS
    return msgspec.Raw(encoder.encode([_plain(record, simulated, convert) for record in records]))


def encoded_meta(meta: AsOf) -> bytes:
    return msgspec.json.encode(meta)


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


def _plain(
    record: Struct, simulated: Mapping[str, bool], convert: Mapping[type, Plain]
) -> dict[str, object]:
    plain = _values(record, convert)
    if "exchange" in plain and "simulated" not in plain:
        plain["simulated"] = simulated.get(str(plain["exchange"]))
    if isinstance(record, Orderbook) and Decimal in convert:
        plain["bids"], plain["asks"] = [*map(_level, record.bids)], [*map(_level, record.asks)]
    if isinstance(record, FLOORED):
        lower = floors(record)
        plain["floors"] = [name for name in record.__struct_fields__ if name in lower]
    if isinstance(record, Coverage) and record.holes is not None:
        plain["holes"] = [_values(hole, convert) for hole in record.holes]
    return plain


def _values(record: Struct, convert: Mapping[type, Plain]) -> dict[str, object]:
    values: tuple[object, ...] = structs.astuple(record)
    return {
        name: convert[type(value)](value) if type(value) in convert else value
        for name, value in zip(record.__struct_fields__, values, strict=True)
    }


def _decimal_text(value: object) -> object:
    return f"{value:f}" if isinstance(value, Decimal) else value


def _time_text(value: object) -> object:
    return rfc3339(value) if isinstance(value, datetime) else value


def _level(level: OrderbookLevel) -> dict[str, object]:
    return {"price": _decimal_text(level.price), "quantity": _decimal_text(level.quantity)}


_NUMBERS: tuple[msgspec.json.Encoder, Mapping[type, Plain]] = (
    msgspec.json.Encoder(decimal_format="number"),
    {datetime: _time_text},
)
_STRINGS: tuple[msgspec.json.Encoder, Mapping[type, Plain]] = (
    msgspec.json.Encoder(),
    {datetime: _time_text, Decimal: _decimal_text},
)
