"""Records as a table on a terminal. No digit is cut off: what is too wide is turned on its side.

Amounts are rounded down for reading, prices are exact, lower bounds are marked.
"""

from collections.abc import Iterator, Sequence
from decimal import ROUND_DOWN, Decimal

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from perps_stats.cli.output import Printed, Record, Screen, Value

FLOOR = ">= "
UNKNOWN = "-"
ROUNDED = {"base", "quote"}
"""The units of amounts."""
SHORT_DIGITS = 6
STATISTIC_DIGITS = 4
WIDEST = 10_000


def clear() -> None:
    """Of a terminal; what is piped just goes on."""
    Console(highlight=False).clear()


def draw(printed: Printed) -> None:
    rows = [row for record in printed.records for row in _rows(printed.screen, record)]
    console = Console(highlight=False, soft_wrap=True)
    columns = [name for name in printed.screen.columns if _is_told(printed.screen, name, rows)]
    upright = _upright(printed.screen, columns, rows)
    lying = _lying(printed.screen, columns, rows)
    fits = _width(console, upright) <= console.width
    chosen = upright if fits else min(upright, lying, key=lambda table: _width(console, table))
    Console(highlight=False, width=max(console.width, _width(console, chosen))).print(chosen)
    for note in notes_of(printed):
        console.print(Text(note, style="dim"))


def _is_told(screen: Screen, column: str, rows: Sequence[Record]) -> bool:
    """Whether a column says anything: at least one row has no usual value."""
    usual = screen.usual.get(column)
    return usual is None or any(row.get(column) not in {usual, None} for row in rows)


def _upright(screen: Screen, columns: Sequence[str], rows: Sequence[Record]) -> Table:
    """A row for each record."""
    table = Table(box=SIMPLE_HEAD, header_style="bold")
    for column in columns:
        unit = screen.units.get(column)
        is_number = unit is not None or all(_is_number(row.get(column)) for row in rows)
        header = Text(column)
        if unit is not None:
            header.append(f"\n{unit}", style="dim")
        table.add_column(header, justify="right" if is_number else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(_shown(screen, row, column)) for column in columns))
    return table


def _lying(screen: Screen, columns: Sequence[str], rows: Sequence[Record]) -> Table:
    """A column for each record."""
    table = Table(box=SIMPLE_HEAD, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(style="dim", no_wrap=True)
    for _ in rows:
        table.add_column(justify="right", no_wrap=True)
    for column in columns:
        shown = (Text(_shown(screen, row, column)) for row in rows)
        table.add_row(column, screen.units.get(column, ""), *shown)
    return table


def _width(console: Console, table: Table) -> int:
    return Measurement.get(console, console.options.update_width(WIDEST), table).maximum


def _rows(screen: Screen, record: Record) -> Iterator[Record]:
    if record.get("error"):
        yield record
    else:
        yield from screen.rows(record)


def notes_of(printed: Printed) -> Iterator[str]:
    """What a reader must know beside the figures."""
    for record in printed.records:
        if error := record.get("error"):
            yield f"{record['symbol'] or record['exchange']}: {error}"
    yield from printed.notes
    if printed.simulated:
        yield f"simulated data: {', '.join(printed.simulated)}"
    if ROUNDED.intersection(printed.screen.units.values()):
        yield "amounts are rounded down; --json has every digit"
    if any(record.get("floors") for record in printed.records):
        yield f"{FLOOR.strip()} at least so much: the book that was received ends there"


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _shown(screen: Screen, row: Record, column: str) -> str:
    value = row.get(column)
    if value is None:
        return UNKNOWN
    if isinstance(value, list):
        return " ".join(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if column in screen.rounded:
        return statistic(str(value))
    text = readable(str(value)) if screen.units.get(column) in ROUNDED else str(value)
    floors = row.get("floors")
    return f"{FLOOR}{text}" if isinstance(floors, list) and column in floors else text


def readable(number: str) -> str:
    """Six digits, or whole; thousands grouped. Rounded down, so that it never overstates."""
    value = Decimal(number)
    places = max(0, SHORT_DIGITS - 1 - value.adjusted())
    rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_DOWN)
    return f"{value if rounded == value else rounded:,f}"


def statistic(number: str) -> str:
    """Four significant digits, half-even, without an exponent."""
    value = Decimal(number)
    places = max(0, STATISTIC_DIGITS - 1 - value.adjusted())
    return f"{value.quantize(Decimal(1).scaleb(-places)):f}" if value else "0"
