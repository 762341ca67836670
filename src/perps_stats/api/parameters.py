"""What a query string may say: each parameter, and how its text is read."""

import re
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from msgspec import structs

from perps_stats.api.filters import DEFAULT_LIMIT, Parameter, Read, Schema
from perps_stats.api.formats.forms import FORMS
from perps_stats.core.catalogue import DATA_SETS
from perps_stats.core.errors import BadInput, near_names
from perps_stats.core.intervals import INTERVALS, interval_length
from perps_stats.core.times import parse_time
from perps_stats.core.types import FundingKind, GapCause, Side
from perps_stats.database.ledger import STEPS
from perps_stats.exchanges.events import Channel

MAX_LIMIT = 5000
MAX_DEPTH = 1000
MAX_OFFSET = 10_000
"""Rows that are skipped are read all the same; a cursor skips none."""
MAX_BOOKS = 500
"""Of an answer: a book may have thousands of levels."""
AMOUNT_PATTERN = r"(?=.*[1-9])[0-9]{1,18}(\.[0-9]{1,18})?"


def _name(name: str, text: str, _now: datetime) -> str:
    if not text:
        raise BadInput(name, text, "name at least one, or leave the parameter out")
    return text


def _time(name: str, text: str, now: datetime) -> datetime:
    # A bare + of a query string means a space: "T12:00:00+02:00" arrives without it.
    zoned = re.sub(r"(?<=T)([0-9:.]+) (?=[0-9]{2}:?[0-9]{2}$)", r"\1+", text)
    return parse_time(zoned, now=now, field=name)


def _interval(_field: str, text: str, _now: datetime) -> str:
    interval_length(text)
    return text


def _amount(name: str, text: str, _now: datetime) -> Decimal:
    if not re.fullmatch(AMOUNT_PATTERN, text):
        raise BadInput(name, text, "use an amount in quote above 0, such as 100000")
    return Decimal(text)


def _whole(most: int, least: int = 1) -> Read:
    def read(name: str, text: str, _now: datetime) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise BadInput(name, text, f"use a whole number from {least} to {most}")
        return int(text)

    return read


def _one_of(choices: Iterable[str]) -> Read:
    known = list(choices)

    def read(name: str, text: str, _now: datetime) -> str:
        if text not in known:
            near = near_names(text, known) or known
            raise BadInput(name, text, f"use {' or '.join(near)}")
        return text

    return read


def _is_true(name: str, text: str, now: datetime) -> bool:
    return _one_of(("true", "false"))(name, text, now) == "true"


def some_of(name: str, field: str, meaning: str, choices: list[str]) -> Parameter:
    known = [str(each) for each in choices]
    return Parameter(
        name=name,
        field=field,
        meaning=f"{meaning}: repeat the parameter, or separate by commas.",
        schema={"type": "array", "items": {"type": "string", "enum": known}},
        read=_one_of(known),
        many=True,
    )


TIMES = (
    "RFC 3339, a date, epoch s, ms, us or ns, now, or a span back from now such as -24h or now-7d"
)
NAMES: Schema = {"type": "array", "items": {"type": "string", "minLength": 1}}
EXCHANGE = Parameter(
    name="exchange",
    field="exchanges",
    meaning="Names of exchanges: repeat the parameter, or separate by commas.",
    schema=NAMES,
    read=_name,
    many=True,
)
SYMBOL = Parameter(
    name="symbol",
    field="symbols",
    meaning="Symbols in any form: BTC, BTC-USDT-PERP, binance:BTC-USDT-PERP, BTC/USDT:USDT or the "
    "exchange's own. Repeat the parameter, or separate by commas.",
    schema=NAMES,
    read=_name,
    many=True,
)
START = Parameter(
    name="start_time",
    field="start",
    aliases=("start",),
    meaning=f"First time of the span, included. {TIMES}.",
    schema={"type": "string", "examples": ["-24h", "now-7d", "2026-01-31T12:00:00Z", "1769860800"]},
    read=_time,
)
END = Parameter(
    name="end_time",
    field="end",
    aliases=("end",),
    meaning=f"End of the span, not included. {TIMES}.",
    schema={"type": "string", "examples": ["2026-01-31", "1769860800000"]},
    read=_time,
)
LIMIT = Parameter(
    name="limit",
    field="limit",
    meaning="The most records of one answer.",
    schema={"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
    read=_whole(MAX_LIMIT),
)
LIMIT_OF_BOOKS = Parameter(
    name="limit",
    field="limit",
    meaning="The most books of one answer.",
    schema={"type": "integer", "minimum": 1, "maximum": MAX_BOOKS, "default": DEFAULT_LIMIT},
    read=_whole(MAX_BOOKS),
)
OFFSET = Parameter(
    name="offset",
    field="offset",
    meaning="How many records to leave out. For far pages, and for those of rows that are still "
    "written, use `cursor`, which misses and repeats none.",
    schema={"type": "integer", "minimum": 0, "maximum": MAX_OFFSET, "default": 0},
    read=_whole(MAX_OFFSET, least=0),
)
CURSOR = Parameter(
    name="cursor",
    field="cursor",
    meaning="`meta.next` of the page before. Repeat the other parameters unchanged.",
    schema={"type": "string"},
    read=_name,
)
ORDER = Parameter(
    name="order",
    field="order",
    meaning="By the exchange's time: newest first (desc) or oldest first (asc).",
    schema={"type": "string", "enum": ["asc", "desc"], "default": "desc"},
    read=_one_of(("asc", "desc")),
)
NUMBERS = Parameter(
    name="numbers",
    field="numbers",
    meaning="Decimals as exact strings, or as JSON numbers.",
    schema={"type": "string", "enum": ["string", "float"], "default": "string"},
    read=_one_of(("string", "float")),
)
FORMAT = Parameter(
    name="format",
    field="format",
    meaning="How the records are told; the same as by `Accept`. Where there is no envelope, its "
    "`meta` is in the header `Perps-Stats-Meta`, or in the metadata of the schema. Tables have a "
    "column for each field; a side of a book is two lists, as `bid_prices` and `bid_quantities`.",
    schema={"type": "string", "enum": list(FORMS), "default": "json"},
    read=_one_of(FORMS),
)
DEPTH = Parameter(
    name="depth",
    field="depth",
    meaning="The most levels a side. Absent: all that are stored.",
    schema={"type": "integer", "minimum": 1, "maximum": MAX_DEPTH},
    read=_whole(MAX_DEPTH),
)
SIDE = Parameter(
    name="side",
    field="side",
    meaning="Only this side: `buy` walks the asks, `sell` the bids.",
    schema={"type": "string", "enum": [side.value for side in Side]},
    read=_one_of(side.value for side in Side),
)
FORCED_SIDE = structs.replace(
    SIDE, meaning="Only forced orders of this side: a long is liquidated by a `sell`."
)
AMOUNT = Parameter(
    name="amount",
    field="amount",
    meaning="Only this trade amount (quote).",
    schema={"type": "string", "pattern": f"^{AMOUNT_PATTERN}$"},
    read=_amount,
)
INTERVAL = Parameter(
    name="interval",
    field="interval",
    meaning="The length of a candle.",
    schema={"type": "string", "enum": list(INTERVALS), "default": "1m"},
    read=_interval,
)
KIND = Parameter(
    name="kind",
    field="kind",
    meaning="Only settled rates, or only running estimates.",
    schema={"type": "string", "enum": [kind.value for kind in FundingKind]},
    read=_one_of(kind.value for kind in FundingKind),
)
OPEN = Parameter(
    name="open",
    field="still_open",
    meaning="Only gaps that have no end yet (true), or only those that have (false).",
    schema={"type": "string", "enum": ["true", "false"]},
    read=_is_true,
)
UNREPAIRED = Parameter(
    name="unrepaired",
    field="unrepaired",
    meaning="Only gaps of which nothing was fetched again (true), or only repaired ones (false).",
    schema={"type": "string", "enum": ["true", "false"]},
    read=_is_true,
)
STREAM = some_of("stream", "streams", "Only these streams", list(Channel))
CAUSE = some_of("cause", "causes", "Only gaps with these causes", list(GapCause))
DATA = some_of("data", "data", "Only these data sets. Absent: all but the gaps", list(DATA_SETS))
INTERVALS_OF = some_of(
    "interval", "intervals", "Of candles only those of these lengths", list(INTERVALS)
)
BY = Parameter(
    name="by",
    field="by",
    meaning="A row for each day or hour (UTC; at most 1000) of each stream, or one for all of it.",
    schema={"type": "string", "enum": list(STEPS), "default": "day"},
    read=_one_of(STEPS),
)
