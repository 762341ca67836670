"""Records as a table on a terminal: amounts are rounded for reading, lower bounds are marked."""

from collections.abc import Iterator
from decimal import ROUND_DOWN, Decimal

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from perps_stats.cli.output import Printed, Record, Screen, Value

FLOOR = ">= "
UNKNOWN = "-"
ROUNDED = {"base", "quote"}
"""Units of amounts: they are shown with at most six digits, or whole. Prices stay exact."""
SHORT_DIGITS = 6


def draw(printed: Printed) -> None:
    columns = _columns(printed)
    rows = [row for record in printed.records for row in _rows(printed.screen, record)]
    caption = _caption(printed)
    table = Table(box=SIMPLE_HEAD, header_style="bold", caption=caption, caption_justify="left")
    for column in columns:
        unit = printed.screen.units.get(column)
        is_number = unit is not None or all(_is_number(row.get(column)) for row in rows)
        table.add_column(_header(column, unit), justify="right" if is_number else "left")
    for row in rows:
        table.add_row(*(Text(_shown(printed.screen, row, column)) for column in columns))
    Console().print(table)


def _header(column: str, unit: str | None) -> Text:
    header = Text(column, overflow="fold")
    return header if unit is None else header.append(f"\n{unit}", style="dim")


def _columns(printed: Printed) -> list[str]:
    failed = any(record.get("error") for record in printed.records)
    return [*printed.screen.columns, "error"] if failed else list(printed.screen.columns)


def _rows(screen: Screen, record: Record) -> Iterator[Record]:
    if record.get("error"):
        yield record
    else:
        yield from screen.rows(record)


def _caption(printed: Printed) -> str | None:
    notes = [f"simulated: {', '.join(printed.simulated)}"] if printed.simulated else []
    if ROUNDED.intersection(printed.screen.units.values()):
        notes.append("amounts are rounded; --json has every digit")
    if any(record.get("floors") for record in printed.records):
        notes.append(f"{FLOOR.strip()} the book that was received ends there: at least so much")
    return "\n".join(notes) or None


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _shown(screen: Screen, row: Record, column: str) -> str:
    value = row.get(column)
    if value is None:
        return "" if row.get("error") else UNKNOWN
    if isinstance(value, list):
        return " ".join(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = readable(str(value)) if screen.units.get(column) in ROUNDED else str(value)
    floors = row.get("floors")
    return f"{FLOOR}{text}" if isinstance(floors, list) and column in floors else text


def readable(number: str) -> str:
    """Six digits, or whole; thousands grouped. Rounded down, so that it never overstates."""
    value = Decimal(number)
    places = max(0, SHORT_DIGITS - 1 - value.adjusted())
    rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_DOWN)
    return f"{value if rounded == value else rounded:,f}"
