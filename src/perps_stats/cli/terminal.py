"""Records as a table on a terminal: amounts are rounded for reading, lower bounds are marked."""

from collections.abc import Iterator
from decimal import ROUND_DOWN, Decimal

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from perps_stats.cli.output import Printed, Record, Value

FLOOR = ">= "
UNKNOWN = "-"
ROUNDED = {"base", "quote"}
"""Units of amounts: they are shown with at most six digits, or whole. Prices stay exact."""
SHORT_DIGITS = 6


def draw(printed: Printed) -> None:
    table = Table(box=SIMPLE_HEAD, header_style="bold", caption_justify="left", caption=_caption(printed))
    rows = [row for record in printed.records for row in _rows(printed, record)]
    for column in _columns(printed):
        numbers = column in printed.units or all(_is_number(row.get(column)) for row in rows)
        unit = printed.units.get(column)
        header = Text(column)
        if unit is not None:
            header.append(f"\n{unit}", style="dim")
        table.add_column(header, justify="right" if numbers else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(_shown(printed, row, column)) for column in _columns(printed)))
    Console().print(table)


def _columns(printed: Printed) -> list[str]:
    failed = any(record.get("error") for record in printed.records)
    return [*printed.columns, "error"] if failed else list(printed.columns)


def _rows(printed: Printed, record: Record) -> Iterator[Record]:
    if record.get("error"):
        yield record
    else:
        yield from printed.on_screen(record)


def _caption(printed: Printed) -> str | None:
    notes = [f"simulated: {', '.join(printed.simulated)}"] if printed.simulated else []
    if any(printed.units.get(column) in ROUNDED for column in printed.columns):
        notes.append("amounts are rounded; --json has every digit")
    if any(record.get("floors") for record in printed.records):
        notes.append(f"{FLOOR.strip()} the book that was received ends there: at least so much")
    return "\n".join(notes) or None


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _shown(printed: Printed, row: Record, column: str) -> str:
    value = row.get(column)
    if value is None:
        return "" if row.get("error") else UNKNOWN
    if isinstance(value, list):
        return " ".join(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = readable(str(value)) if printed.units.get(column) in ROUNDED else str(value)
    floors = row.get("floors")
    return f"{FLOOR}{text}" if isinstance(floors, list) and column in floors else text


def readable(number: str) -> str:
    """Six digits, thousands grouped; from a million on, whole. Rounded down: it never overstates."""
    value = Decimal(number)
    places = max(0, SHORT_DIGITS - 1 - value.adjusted())
    rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_DOWN)
    return f"{value if rounded == value else rounded:,f}"
