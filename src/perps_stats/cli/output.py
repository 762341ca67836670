"""Records on paper: a table on a terminal, else tab-separated; JSON, CSV or a file on request."""

import csv
import io
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

from msgspec import Struct, structs

from perps_stats.core.errors import BadInput
from perps_stats.core.times import rfc3339

Value: TypeAlias = "str | int | float | bool | list[str] | None"
Record: TypeAlias = dict[str, Value]
FILES = ("xlsx", "parquet")
"""What is not text."""
FORMATS = ("json", "csv", "tsv", *FILES)


@dataclass(frozen=True, slots=True)
class Output:
    """Where an answer goes. Raises ``BadInput``, before anything is asked."""

    as_json: bool = False
    as_csv: bool = False
    path: str | None = None

    def __post_init__(self) -> None:
        if self.as_json + self.as_csv + (self.path is not None) > 1:
            raise BadInput("output", self.path or "--json --csv", "use one of --json, --csv, -o")
        if self.path is not None and self.suffix not in FORMATS:
            known = ", ".join(f".{name}" for name in FORMATS)
            raise BadInput("output", self.path, f"end the name in {known}")
        if self.suffix in FILES:
            from perps_stats.database.files.forms import require_library  # noqa: PLC0415 only here

            require_library(f".{self.suffix}")

    @property
    def suffix(self) -> str:
        return Path(self.path or "").suffix.removeprefix(".").lower()

    @property
    def format(self) -> str | None:
        """``None``: a table on a terminal, else tab-separated."""
        if self.path is not None:
            return self.suffix
        return "json" if self.as_json else "csv" if self.as_csv else None


@dataclass(frozen=True, slots=True)
class Screen:
    """The table on a terminal. ``rows`` makes of a record the rows that show it; ``usual`` is the
    value at which a column is left out where all rows have it. Columns that are ``rounded`` show
    four significant digits.
    """

    columns: Sequence[str]
    units: Mapping[str, str] = field(default_factory=dict[str, str])
    usual: Mapping[str, str] = field(default_factory=dict[str, str])
    rounded: frozenset[str] = frozenset()
    rows: Callable[[Record], Iterable[Record]] = lambda record: (record,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """``fields`` are those of every record, in order; ``simulated`` are exchanges; ``notes`` are
    lines for a reader, ``meta`` the same for a program. ``again`` counts the earlier answers of a
    question that is watched.
    """

    records: Sequence[Record]
    fields: Sequence[str]
    screen: Screen
    units: Mapping[str, str] = field(default_factory=dict[str, str])
    simulated: Sequence[str] = ()
    notes: Sequence[str] = ()
    meta: Mapping[str, Sequence[Record]] = field(default_factory=dict[str, Sequence[Record]])
    again: int | None = None


def plain(row: Struct) -> Record:
    """Decimals and times as text, exact; unknown is ``None``."""
    return {name: plain_value(value) for name, value in structs.asdict(row).items()}


def plain_value(value: object) -> Value:
    match value:
        case None | bool() | int() | float():
            return value
        case Decimal():
            return f"{value:f}"
        case datetime():
            return rfc3339(value)
        case _:
            return str(value)


def show(
    printed: Printed, output: Output, drawing: Callable[[Printed], None] | None = None
) -> None:
    """On a terminal, and in a ``drawing``, the answer itself says that it is simulated, else stderr
    does.
    """
    if output.format is None and (drawing is not None or sys.stdout.isatty()):
        from perps_stats.cli.terminal import clear, draw  # noqa: PLC0415 only here rich is needed

        if printed.again is not None:
            clear()
        (drawing or draw)(printed)
        return
    if printed.simulated and not printed.again:
        sys.stderr.write(f"perps-stats: simulated data: {', '.join(printed.simulated)}\n")
    if output.path is not None:
        from perps_stats.cli.files import write_file  # noqa: PLC0415 only here it is needed

        write_file(printed, Path(output.path), output.suffix)
    else:
        sys.stdout.write(to_text(printed, output.format or "tsv"))
        sys.stdout.flush()


def to_text(printed: Printed, form: str) -> str:
    if form == "json":
        return to_json(printed)
    return to_separated(printed, "," if form == "csv" else "\t")


def to_json(printed: Printed) -> str:
    """The envelope of the REST API: ``{"data": [...], "meta": {...}}``; one a line when watched."""
    times = [str(record["timestamp"]) for record in printed.records if record.get("timestamp")]
    meta = {
        "as_of": max(times, default=None),
        "units": dict(printed.units),
        "simulated": bool(printed.simulated),
        **printed.meta,
    }
    indent = 2 if printed.again is None else None
    records = [{name: record.get(name) for name in printed.fields} for record in printed.records]
    return json.dumps({"data": records, "meta": meta}, indent=indent) + "\n"


def to_separated(printed: Printed, separator: str) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\n")
    if not printed.again:
        writer.writerow(printed.fields)
    for record in printed.records:
        writer.writerow([cell(record.get(name)) for name in printed.fields])
    return text.getvalue()


def cell(value: Value) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case list():
            return " ".join(value)
        case _:
            return str(value)
