"""Records on paper: a table on a terminal, else tab-separated; JSON, CSV or a file on request."""

import csv
import io
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

from msgspec import Struct, structs

from perps_stats.core.errors import BadInput, PerpsError
from perps_stats.core.times import rfc3339

Value: TypeAlias = "str | int | bool | list[str] | None"
Record: TypeAlias = dict[str, Value]
FORMATS = ("json", "csv", "tsv")
FLOOR = "≥"
UNKNOWN = "-"


class Unwritable(PerpsError):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """``columns`` are those of the table; JSON and CSV hold every field."""

    records: Sequence[Record]
    columns: Sequence[str]
    units: Mapping[str, str]
    simulated: Sequence[str] = ()
    """The exchanges whose data is simulated."""


def plain(row: Struct) -> Record:
    """Decimals and times as text, exact; unknown is ``None``."""
    return {name: plain_value(value) for name, value in structs.asdict(row).items()}


def plain_value(value: object) -> Value:
    match value:
        case None | bool() | int():
            return value
        case Decimal():
            return f"{value:f}"
        case datetime():
            return rfc3339(value)
        case _:
            return str(value)


def show(
    printed: Printed, *, as_json: bool = False, as_csv: bool = False, output: str | None = None
) -> None:
    if printed.simulated:
        sys.stderr.write(f"simulated data: {', '.join(printed.simulated)}\n")
    if output is not None:
        _to_file(printed, Path(output))
    elif as_json:
        sys.stdout.write(to_json(printed))
    elif as_csv:
        sys.stdout.write(to_separated(printed, ","))
    elif sys.stdout.isatty():
        _to_terminal(printed)
    else:
        sys.stdout.write(to_separated(printed, "\t"))


def to_json(printed: Printed) -> str:
    """The envelope of the REST API: ``{"data": [...], "meta": {...}}``."""
    times = [str(record["timestamp"]) for record in printed.records if record.get("timestamp")]
    meta = {
        "as_of": max(times, default=None),
        "units": dict(printed.units),
        "simulated": bool(printed.simulated),
    }
    return json.dumps({"data": list(printed.records), "meta": meta}, indent=2) + "\n"


def to_separated(printed: Printed, separator: str) -> str:
    names = list(dict.fromkeys(name for record in printed.records for name in record))
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\n")
    writer.writerow(names)
    for record in printed.records:
        writer.writerow([_cell(record.get(name)) for name in names])
    return text.getvalue()


def _cell(value: Value) -> str:
    if isinstance(value, list):
        return " ".join(value)
    return "" if value is None else str(value)


def _to_file(printed: Printed, path: Path) -> None:
    kind = path.suffix.removeprefix(".")
    if kind not in FORMATS:
        raise BadInput("output", str(path), f"end the name in .{', .'.join(FORMATS)}")
    text = to_json(printed) if kind == "json" else to_separated(printed, ",\t"[kind == "tsv"])
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Unwritable(f"{path} cannot be written: {error.strerror}") from error


def _to_terminal(printed: Printed) -> None:
    from rich.console import Console  # noqa: PLC0415 only a terminal needs it
    from rich.table import Table  # noqa: PLC0415

    caption = f"simulated: {', '.join(printed.simulated)}" if printed.simulated else None
    table = Table(caption=caption, header_style="bold")
    for column in printed.columns:
        unit = printed.units.get(column)
        text = column in {"exchange", "symbol", "side"}
        table.add_column(f"{column}\n[dim]{unit or ''}", justify="left" if text else "right")
    for record in printed.records:
        table.add_row(*[_on_screen(record, column) for column in printed.columns])
    Console().print(table)


def _on_screen(record: Record, column: str) -> str:
    """Unknown is a dash; a lower bound is marked."""
    if error := record.get("error"):
        return str(error) if column == "error" else str(record.get(column) or "")
    value = record.get(column)
    if value is None:
        return UNKNOWN
    floors = record.get("floors")
    mark = f"{FLOOR} " if isinstance(floors, list) and column in floors else ""
    return f"{mark}{value}"
