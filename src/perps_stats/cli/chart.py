"""``chart``: pictures of what the database holds, on the terminal or in a file."""

import asyncio
import os
import shutil
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import TypeAlias

import click
import msgspec
from msgspec import Struct

from perps_stats.app.logs import configure_logs
from perps_stats.app.storage import open_storage
from perps_stats.cli.asking import PARTIAL, Targets
from perps_stats.cli.charts import funding, liquidity, making
from perps_stats.cli.charts.figure import Figure, Span
from perps_stats.cli.charts.making import Question
from perps_stats.cli.options import (
    CONTEXT,
    SYMBOL_FORMS,
    Command,
    database_options,
    settings_with_database,
)
from perps_stats.cli.output import FORMATS, Output, Printed, Screen, show
from perps_stats.core.errors import BadInput
from perps_stats.core.intervals import interval_length
from perps_stats.core.times import parse_time, rfc3339
from perps_stats.core.traits import Repository
from perps_stats.exchanges import NAMES

PICTURES = ("png", "svg", "html")
WIDTH, HEIGHT = 900, 280
"""Of a panel of a picture, in pixels."""
ROWS = 16
"""Of a panel on a terminal."""
PIXELS_A_POINT = 2
MARGIN = 14
"""Columns of a terminal that the axis takes."""
NARROWEST = 40
USUAL = timedelta(days=7)
Make: TypeAlias = Callable[[Repository, Question], Awaitable[Figure]]


class Wanted(Struct, frozen=True, kw_only=True):
    """What the options that all charts share say."""

    symbols: str
    exchanges: str | None
    start: str | None
    end: str | None
    database_url: str | None
    database_dir: str | None
    as_json: bool
    as_csv: bool
    output: str | None
    width: int | None
    height: int | None

    @property
    def picture(self) -> Path | None:
        """The file that the picture is to be in. Raises ``BadInput``."""
        if self.output is None:
            return None
        path = Path(self.output)
        form = path.suffix.removeprefix(".").lower()
        if form not in {*PICTURES, *FORMATS}:
            known = ", ".join(f".{name}" for name in (*PICTURES, *FORMATS))
            raise BadInput("output", self.output, f"end the name in one of {known}")
        if form in PICTURES and (self.as_json or self.as_csv):
            raise BadInput("output", self.output, "use one of --json, --csv, -o")
        return path if form in PICTURES else None


@click.group(context_settings=CONTEXT)
def command() -> None:
    """Pictures of what the database holds: on the terminal, or in a PNG, SVG or HTML file.

    Times are UTC. What is missing is a hole in the picture, and no line goes over it.
    """


def chart_options(command: Command) -> Command:
    """The options of ``Wanted``, which the command is given as its first argument."""

    @wraps(command)
    def drawing(**given: object) -> int:
        own = {name: given.pop(name) for name in set(given) - set(Wanted.__struct_fields__)}
        return command(msgspec.convert(given, Wanted), **own)

    drawn: Command = database_options(drawing)
    for option in reversed(OPTIONS):
        drawn = option(drawn)
    return drawn


OPTIONS = (
    click.option(
        "--symbols",
        "--symbol",
        "-s",
        metavar="NAMES",
        required=True,
        help=f"Symbols, separated by commas: {SYMBOL_FORMS}.",
    ),
    click.option(
        "--exchanges",
        "--exchange",
        "-e",
        metavar="NAMES",
        help="Exchanges, separated by commas.  [default: all that are stored]",
    ),
    click.option(
        "--from",
        "start",
        metavar="TIME",
        help="From when on: 2026-01-31, 2026-01-31T12:00:00Z, an epoch, -24h.  [default: -7d]",
    ),
    click.option("--to", "end", metavar="TIME", help="Until before when.  [default: now]"),
    click.option(
        "-o",
        "--output",
        metavar="FILE",
        help="Write to FILE: a picture (.png, .svg, .html), or the numbers (.json, .csv, .tsv).",
    ),
    click.option("--csv", "as_csv", is_flag=True, help="Print the numbers: comma-separated."),
    click.option("--json", "as_json", is_flag=True, help="Print the numbers: JSON, with units."),
    click.option(
        "--width",
        type=click.IntRange(NARROWEST, 10_000),
        help="Of the picture in pixels, or on a terminal in columns.",
    ),
    click.option(
        "--height",
        type=click.IntRange(5, 10_000),
        help="Of each panel in pixels, or on a terminal in rows.",
    ),
)


@command.command(context_settings=CONTEXT)
@chart_options
@click.option("--interval", default="1h", show_default=True, help="Of the candles: 1m, 1h, 1d.")
def klines(wanted: Wanted, interval: str) -> int:
    """Candles and volume. Of several exchanges: their closing prices, and volumes on each other.

    Candles that are not stored are made of shorter ones. Where there would be more than can be told
    apart, longer ones are shown, and it is said.
    """
    interval_length(interval)
    return draw(wanted, lambda repository, asked: making.of_klines(repository, asked, interval))


@command.command("funding", context_settings=CONTEXT)
@chart_options
@click.option(
    "--per",
    type=click.Choice(list(funding.PER)),
    default="8h",
    show_default=True,
    help="What the rates are over; a year is 8,760 hours without compounding.",
)
def funding_rates(wanted: Wanted, per: str) -> int:
    """Settled funding of each exchange: in force until its time, in percent per 8 hours or year."""
    return draw(wanted, lambda repository, asked: making.of_funding(repository, asked, per))


@command.command("liquidity", context_settings=CONTEXT)
@chart_options
@click.option("--band", default="10bps", show_default=True, help="The distance from mid.")
def depth(wanted: Wanted, band: str) -> int:
    """The value that rests within a distance from mid, bids and asks of each exchange.

    Where the book that was received ends before the distance, a value is a floor: it is drawn
    hollow and dashed. Gaps are shaded.
    """
    name = liquidity.band_of(band)
    return draw(wanted, lambda repository, asked: making.of_liquidity(repository, asked, name))


def draw(wanted: Wanted, make: Make) -> int:
    """The exit code says whether anything that was asked for by name is not there."""
    picture, output = wanted.picture, _output(wanted)
    drawn = picture is None and output.format is None
    terminal = max(shutil.get_terminal_size().columns, NARROWEST)
    columns = wanted.width or (terminal if drawn else WIDTH)
    most = columns - MARGIN if drawn else columns // PIXELS_A_POINT
    figure = asyncio.run(_made(wanted, _question(wanted, most), make))
    if picture is not None:
        from perps_stats.cli.charts.picture import save  # noqa: PLC0415 an extra of the package

        save(figure, NAMES, picture, (columns, wanted.height or HEIGHT))
    else:
        _show(figure, output, columns, wanted.height or ROWS)
    return PARTIAL if figure.partial else 0


def _output(wanted: Wanted) -> Output:
    path = wanted.output if wanted.picture is None else None
    return Output(wanted.as_json, wanted.as_csv, path)


def _question(wanted: Wanted, most: int) -> Question:
    now = datetime.now(UTC)
    start = now - USUAL if wanted.start is None else parse_time(wanted.start, now=now, field="from")
    end = now if wanted.end is None else parse_time(wanted.end, now=now, field="to")
    if start >= end:
        raise BadInput("from", wanted.start, f"it must be before {rfc3339(end)}")
    targets = Targets.of(wanted.exchanges, wanted.symbols)
    return Question(
        symbols=tuple(targets.symbols or ()),
        exchanges=None if targets.exchanges is None else tuple(targets.exchanges),
        known=NAMES,
        span=Span(start, end),
        most=most,
    )


async def _made(wanted: Wanted, question: Question, make: Make) -> Figure:
    settings = settings_with_database({}, wanted.database_url, wanted.database_dir)
    configure_logs(settings.log)
    async with open_storage(settings) as repository:
        return await make(repository, question)


def _show(figure: Figure, output: Output, columns: int, rows: int) -> None:
    def drawing(_: Printed) -> None:
        from perps_stats.cli.charts.screen import drawn  # noqa: PLC0415 an extra of the package

        colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        sys.stdout.write(drawn(figure, NAMES, (columns, rows), colour=colour))

    printed = Printed(
        records=figure.records,
        fields=figure.fields,
        screen=Screen(figure.fields),
        units=figure.units,
        simulated=figure.simulated,
        notes=figure.notes,
    )
    show(printed, output, drawing)
