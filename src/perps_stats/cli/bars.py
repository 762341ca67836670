"""Liquidity as bars on a terminal: for each coin and distance, the exchanges below each other."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from rich.console import Console
from rich.text import Text

from perps_stats.cli.comparable import by_base, number
from perps_stats.cli.output import Printed, Record
from perps_stats.cli.terminal import FLOOR, UNKNOWN, notes_of, readable

FULL, PARTS = "\u2588", " \u258f\u258e\u258d\u258c\u258b\u258a\u2589"
"""A whole cell, and its eighths."""
OPEN = "\u2591"
"""Ends the bar of a floor: it may go on."""
SIDES = {"bid": "green", "ask": "red"}
LONGEST = 40


def draw_bars(printed: Printed, bands: Sequence[str]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    good = [record for record in printed.records if not record["error"]]
    for base, group in by_base(good).items():
        console.print(Text(f"\n{base}: value within a distance from mid, quote", style="bold"))
        names = max(len(str(record["exchange"])) for record in group)
        for band in bands:
            console.print(Text(f"  {band.replace('_', '.').replace('bps', ' bps')}", style="dim"))
            for line in _lines(group, band, names):
                console.print(line)
    for note in notes_of(printed):
        console.print(Text(note, style="dim"))


def _lines(group: Sequence[Record], band: str, names: int) -> Iterator[Text]:
    fields = [f"{side}_{band}" for side in SIDES]
    most = max((number(record[field]) or 0 for record in group for field in fields), default=0)
    for record in group:
        line = Text(f"    {record['exchange']!s:<{names}} ")
        for side, colour in SIDES.items():
            field = f"{side}_{band}"
            line.append(f" {side} ")
            line.append(_bar(record, field, Decimal(most)), style=colour)
            line.append(f" {_amount(record, field):<16}")
        yield line


def _bar(record: Record, field: str, most: Decimal) -> str:
    value = number(record[field])
    if value is None or not most:
        return " " * LONGEST
    whole, eighths = divmod(int(value / most * LONGEST * 8), 8)
    bar = FULL * whole + (PARTS[eighths] if eighths else "")
    return f"{bar}{OPEN if _is_floor(record, field) else ''}"[:LONGEST].ljust(LONGEST)


def _amount(record: Record, field: str) -> str:
    value = record[field]
    if value is None:
        return UNKNOWN
    return f"{FLOOR if _is_floor(record, field) else ''}{readable(str(value))}"


def _is_floor(record: Record, field: str) -> bool:
    floors = record["floors"]
    return isinstance(floors, list) and field in floors
