"""Whether texts of a file are what their column holds, and as PostgreSQL takes them."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime

from perps_stats.core.errors import BadInput
from perps_stats.database.files.layout import Column, Kind

NUMBER = re.compile(r"-?\d{1,131072}(\.\d{1,16383})?", re.ASCII)
"""As many digits as a ``numeric`` holds."""
WHOLE = re.compile(r"-?\d{1,19}", re.ASCII)
TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
MOST = 2**63
REMEDIES = {
    Kind.TEXT: "use a text without a zero byte",
    Kind.NUMBER: "use a decimal number, such as 61659.70",
    Kind.WHOLE: "use a whole number of at most 64 bits",
    Kind.FLAG: "use true or false",
    Kind.TIME: "use a time as 2026-01-31T12:00:00.000000Z",
    Kind.NUMBERS: "use decimal numbers, separated by single spaces",
}


def to_sql(
    column: Column, values: Sequence[str | None], place_of: Callable[[int], str]
) -> Sequence[str | None]:
    """Raises ``BadInput`` that names place, column and value; ``place_of`` tells a row's place."""
    is_right = CHECKS[column.kind]
    told = [value for value in values if value is not None]
    if not all(map(is_right, told)) or (len(told) < len(values) and not column.nullable):
        raise _problem(column, values, place_of)
    if column.words and not column.words.issuperset(told):
        raise _problem(column, values, place_of)
    if column.kind is Kind.NUMBERS:
        return [None if value is None else f"{{{value.replace(' ', ',')}}}" for value in values]
    return values


def _problem(
    column: Column, values: Sequence[str | None], place_of: Callable[[int], str]
) -> BadInput:
    for row, value in enumerate(values):
        field = f"{place_of(row)}, {column.name}"
        if value is None and not column.nullable:
            return BadInput(field, value, f"it cannot be unknown; {REMEDIES[column.kind]}")
        if value is not None and not CHECKS[column.kind](value):
            return BadInput(field, value, REMEDIES[column.kind])
        if value is not None and column.words and value not in column.words:
            return BadInput(field, value, f"use {' or '.join(sorted(column.words))}")
    raise AssertionError(column)


def _is_time(value: str) -> bool:
    try:
        return TIME.fullmatch(value) is not None and bool(datetime.fromisoformat(value))
    except ValueError:
        return False


CHECKS: dict[Kind, Callable[[str], object]] = {
    Kind.TEXT: lambda value: "\0" not in value,
    Kind.NUMBER: NUMBER.fullmatch,
    Kind.WHOLE: lambda value: WHOLE.fullmatch(value) and -MOST <= int(value) < MOST,
    Kind.FLAG: {"true", "false"}.__contains__,
    Kind.TIME: _is_time,
    Kind.NUMBERS: lambda value: not value or all(map(NUMBER.fullmatch, value.split(" "))),
}
