"""What Grafana makes of a question before PostgreSQL sees it, as its documentation says.

Macros and ``$__interval`` of the PostgreSQL data source, and variables of several values: each in
quotes, separated by commas.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


class Asked(Struct, frozen=True, kw_only=True):
    """The span and step of a dashboard, and what is chosen at its head."""

    start: datetime
    end: datetime
    interval: str = "1m"
    chosen: Mapping[str, Sequence[str]]


def expanded(text: str, asked: Asked) -> str:
    """The SQL that is sent. Raises ``KeyError`` for a macro or variable that there is not."""
    text = text.replace("$__interval", asked.interval)
    text = re.sub(r"\$(__\w+)\(([^)]*)\)", lambda found: _macro(found, asked), text)
    return re.sub(r"\$(\w+)", lambda found: _quoted(asked.chosen[found[1]]), text)


def _macro(found: re.Match[str], asked: Asked) -> str:
    column, *rest = [part.strip() for part in found[2].split(",")]
    start, end = _time(asked.start), _time(asked.end)
    step = _seconds(rest[0].strip("'")) if rest else 0
    known: Mapping[str, Callable[[], str]] = {
        "__timeFrom": lambda: start,
        "__timeTo": lambda: end,
        "__timeFilter": lambda: f"{column} BETWEEN {start} AND {end}",
        "__timeGroupAlias": lambda: f'floor(extract(epoch from {column})/{step})*{step} AS "time"',
    }
    return known[found[1]]()


def _time(moment: datetime) -> str:
    return f"'{moment.isoformat().replace('+00:00', 'Z')}'"


def _seconds(interval: str) -> int:
    return int(interval[:-1]) * UNITS[interval[-1]]


def _quoted(values: Sequence[str]) -> str:
    return ",".join("'{}'".format(value.replace("'", "''")) for value in values)
