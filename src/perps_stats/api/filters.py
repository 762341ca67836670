"""What was asked for: a query string becomes filters, or one clear refusal."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeAlias
from urllib.parse import parse_qsl

import msgspec
from msgspec import Struct

from perps_stats.core.errors import BadInput, near_names
from perps_stats.core.types import FundingKind, Side

DEFAULT_LIMIT = 500
Read: TypeAlias = Callable[[str, str, datetime], object]
"""Name as given, text, now. Raises ``BadInput``."""
Schema: TypeAlias = Mapping[str, object]


class Filters(Struct, frozen=True, kw_only=True):
    """What was asked for. ``None`` and empty do not restrict."""

    exchanges: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    limit: int = DEFAULT_LIMIT
    cursor: str | None = None
    order: str = "desc"
    offset: int = 0
    numbers: str = "string"
    format: str | None = None
    depth: int | None = None
    side: Side | None = None
    amount: Decimal | None = None
    interval: str = "1m"
    kind: FundingKind | None = None
    still_open: bool | None = None
    unrepaired: bool | None = None
    streams: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    intervals: tuple[str, ...] = ()
    by: str = "day"
    max_age: timedelta = timedelta(minutes=15)
    size: Decimal = Decimal(10_000)
    hold: timedelta = timedelta(hours=24)
    measures: tuple[str, ...] = ()
    said: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """What was given, as text, by parameter."""

    @property
    def as_numbers(self) -> bool:
        return self.numbers == "float"


class Parameter(Struct, frozen=True, kw_only=True):
    """``field`` of ``Filters`` takes what ``read`` makes of the text; of a list where ``many``."""

    name: str
    field: str
    meaning: str
    schema: Schema
    read: Read
    aliases: tuple[str, ...] = ()
    many: bool = False


class UnknownParameter(BadInput):
    def __init__(self, name: str, parameters: Sequence[Parameter]) -> None:
        known = [each.name for each in parameters]
        near = near_names(name, [*known, *(alias for each in parameters for alias in each.aliases)])
        takes = f"this takes {', '.join(known) or 'none'}"
        hint = f"did you mean {', '.join(near)}?" if near else takes
        super().__init__("parameter", name, hint)


class NotAcceptable(BadInput):
    """None of our forms of an answer is one that the question takes."""


def read_filters(query: bytes, parameters: Sequence[Parameter], now: datetime) -> Filters:
    """Raises ``BadInput`` for what is unknown, malformed, given twice or contradictory."""
    by_name = {name: each for each in parameters for name in (each.name, *each.aliases)}
    values: dict[str, object] = {}
    said: dict[str, tuple[str, ...]] = {}
    for name, texts in _given(query).items():
        if name not in by_name:
            raise UnknownParameter(name, parameters)
        parameter = by_name[name]
        if parameter.name in said:
            raise BadInput(name, texts[0], f"{parameter.name} is given twice, under two names")
        said[parameter.name] = _parts(parameter, name, texts)
        read = [parameter.read(name, part, now) for part in said[parameter.name]]
        values[parameter.field] = tuple(dict.fromkeys(read)) if parameter.many else read[0]
    filters = msgspec.convert({**values, "said": tuple(sorted(said.items()))}, Filters)
    if filters.start and filters.end and filters.start > filters.end:
        raise BadInput("end_time", said["end_time"][0], "it is before start_time")
    if filters.cursor and filters.offset:
        raise BadInput("offset", filters.offset, "leave it out: the cursor knows its place")
    return filters


def _given(query: bytes) -> dict[str, list[str]]:
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError:
        text = query.decode("ascii", "replace")
        raise BadInput("query", text, "percent-encode it as UTF-8") from None
    given: dict[str, list[str]] = {}
    for name, text in pairs:
        given.setdefault(name, []).append(text)
    return given


def _parts(parameter: Parameter, name: str, texts: Sequence[str]) -> tuple[str, ...]:
    if parameter.many:
        return tuple(part.strip() for text in texts for part in text.split(","))
    if len(texts) > 1:
        raise BadInput(name, texts[1], "give it once")
    return tuple(texts)
