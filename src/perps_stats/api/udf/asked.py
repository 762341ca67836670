"""What the charting library asks: parameters as the protocol names them, and how they are read."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

from msgspec import Struct

from perps_stats.api.filters import Schema
from perps_stats.api.udf.bars import MOST_BARS
from perps_stats.api.udf.resolutions import PATTERN
from perps_stats.core.errors import BadInput, near_names
from perps_stats.core.times import EPOCH

MOST_FOUND = 500
USUALLY_FOUND = "30"
TEXT: Schema = {"type": "string"}
TIME: Schema = {"type": "integer", "minimum": -62135596800, "maximum": 99999999999}


class Parameter(Struct, frozen=True, kw_only=True):
    name: str
    meaning: str
    schema: Schema
    required: bool = False


SYMBOL = Parameter(
    name="symbol",
    meaning="A ticker, such as binance:BTC, or any name of a market that one exchange alone has.",
    schema={"type": "string", "minLength": 1},
    required=True,
)
SEARCH = (
    Parameter(name="query", meaning="Part of a name.", schema=TEXT),
    Parameter(name="type", meaning="Only this type; all are `crypto`.", schema=TEXT),
    Parameter(name="exchange", meaning="Only this exchange.", schema=TEXT),
    Parameter(
        name="limit",
        meaning="The most symbols.",
        schema={
            "type": "integer",
            "minimum": 1,
            "maximum": MOST_FOUND,
            "default": int(USUALLY_FOUND),
        },
    ),
)
HISTORY = (
    SYMBOL,
    Parameter(
        name="resolution",
        meaning="Minutes, days or weeks: `1`, `60`, `1D`, `1W`.",
        schema={"type": "string", "pattern": f"^({PATTERN})$"},
        required=True,
    ),
    Parameter(
        name="from",
        meaning="Unix seconds: no bar opens before. Of no account where `countback` is given.",
        schema=TIME,
    ),
    Parameter(
        name="to", meaning="Unix seconds: every bar opens before.", schema=TIME, required=True
    ),
    Parameter(
        name="countback",
        meaning="So many bars before `to`, however far back they reach.",
        schema={"type": "integer", "minimum": 1, "maximum": MOST_BARS},
    ),
)


def read(query: bytes, parameters: Sequence[Parameter]) -> dict[str, str]:
    """Raises ``BadInput`` for what is unknown, missing, given twice or not decodable."""
    known = {each.name: each for each in parameters}
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError:
        text = query.decode("ascii", "replace")
        raise BadInput("query", text, "percent-encode it as UTF-8") from None
    given: dict[str, str] = {}
    for name, text in pairs:
        if name not in known:
            near = near_names(name, list(known)) or list(known)
            raise BadInput("parameter", name, f"this takes {', '.join(near) or 'none'}")
        if name in given:
            raise BadInput(name, text, "give it once")
        given[name] = text
    missing = [each.name for each in parameters if each.required and not given.get(each.name)]
    if missing:
        raise BadInput(missing[0], given.get(missing[0]), "it must be given")
    return given


def whole(name: str, text: str, most: int) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text) or not 1 <= int(text) <= most:
        raise BadInput(name, text, f"use a whole number from 1 to {most}")
    return int(text)


def time(name: str, text: str) -> datetime:
    try:
        if re.fullmatch(r"-?[0-9]{1,11}", text):
            return EPOCH + timedelta(seconds=int(text))
    except OverflowError:
        pass
    raise BadInput(name, text, "use Unix seconds")
