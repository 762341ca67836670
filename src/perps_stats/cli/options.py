"""What several commands take: which exchanges, which symbols, which database, how to print."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Literal, TypeAlias, TypeVar

import click
from msgspec.structs import replace

from perps_stats.cli.output import Output
from perps_stats.core.errors import BadInput
from perps_stats.settings import Settings, load_settings

F = TypeVar("F", bound=Callable[..., object])
Command: TypeAlias = Callable[..., int]
Option: TypeAlias = Callable[[Command], Command]
CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
SYMBOL_FORMS = "BTC, BTC-USDT-PERP, binance:BTC-USDT-PERP, BTC/USDT:USDT or BTCUSDT"


@dataclass(frozen=True, slots=True)
class Asking:
    """What all questions to exchanges have in common. ``watch``: ask again each so many seconds."""

    exchanges: str | None
    symbols: str | None
    output: Output
    timeout: float | None = None
    watch: float | None = None

    def __post_init__(self) -> None:
        if self.watch is not None and self.output.path is not None:
            raise BadInput("watch", self.watch, "print to stdout, or ask once with -o")


def asking_options(*, symbols: Literal["required", "optional", "none"]) -> Option:
    """The options of ``Asking``, which the command is given as its first argument."""

    def decorated(command: Command) -> Command:
        @wraps(command)
        def asking(
            exchanges: str | None,
            timeout: float | None,
            watch: float | None,
            symbols: str | None = None,
            *,
            as_json: bool,
            as_csv: bool,
            output: str | None,
            **own: object,
        ) -> int:
            where = Output(as_json, as_csv, output)
            return command(Asking(exchanges, symbols, where, timeout, watch), **own)

        asked: Command = asking
        options: tuple[Option, ...] = (
            *OUTPUT_OPTIONS,
            WATCH_OPTION,
            TIMEOUT_OPTION,
            *_symbols_options(symbols),
            EXCHANGES_OPTION,
        )
        for option in options:
            asked = option(asked)
        return asked

    return decorated


EXCHANGES_OPTION = click.option(
    "--exchanges",
    "--exchange",
    "-e",
    metavar="NAMES",
    help="Exchanges, separated by commas.  [default: the setting ask.exchanges, or all]",
)
TIMEOUT_OPTION = click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="How long an exchange may take.  [default: 10]",
)
WATCH_OPTION = click.option(
    "--watch",
    type=click.FloatRange(min=0.5),
    metavar="SECONDS",
    help="Ask again each so many seconds, until Ctrl-C.",
)
OUTPUT_OPTIONS = (
    click.option(
        "-o",
        "--output",
        metavar="FILE",
        help="Write to FILE: its name ends in .json, .csv, .tsv, .xlsx or .parquet.",
    ),
    click.option("--csv", "as_csv", is_flag=True, help="Print comma-separated values."),
    click.option("--json", "as_json", is_flag=True, help="Print JSON, with units and times."),
)


def _symbols_options(symbols: str) -> list[Option]:
    if symbols == "none":
        return []
    default = "" if symbols == "required" else "  [default: all]"
    return [
        click.option(
            "--symbols",
            "--symbol",
            "-s",
            metavar="NAMES",
            required=symbols == "required",
            help=f"Symbols, separated by commas: {SYMBOL_FORMS}.{default}",
        )
    ]


def output_options(command: F) -> F:
    """``--json``, ``--csv`` and ``-o FILE``."""
    for option in OUTPUT_OPTIONS:
        command = option(command)
    return command


def database_options(command: F) -> F:
    """Which database: the program's own in a directory, or any by its address."""
    for option in (
        click.option(
            "--database-dir",
            metavar="DIR",
            help="Where the program's own PostgreSQL keeps its files.  [default: see config show]",
        ),
        click.option(
            "--database-url",
            metavar="URL",
            help="A PostgreSQL to use instead of the program's own.",
        ),
    ):
        command = option(command)
    return command


def serving_options(command: F) -> F:
    for option in (
        click.option("--insecure", is_flag=True, help="Let other machines connect without keys."),
        click.option("--port", "-p", metavar="PORT", help="Port to listen on.  [default: 8080]"),
        click.option("--host", metavar="HOST", help="Address to listen on.  [default: 127.0.0.1]"),
    ):
        command = option(command)
    return command


def names_of(text: str, field: str) -> list[str]:
    """``a,b`` as names, each once. Raises ``BadInput``."""
    names = [name.strip() for name in text.split(",")]
    if not all(names):
        raise BadInput(field, text, "separate names by single commas, such as BTC,ETH")
    return list(dict.fromkeys(names))


def settings_with(flags: Mapping[str, object]) -> Settings:
    """The settings, with the flags that were given over all other sources."""
    given = {name: str(value) for name, value in flags.items() if value is not None}
    return load_settings(given, os.environ, Path.cwd())[0]


def settings_with_database(
    flags: Mapping[str, object], url: str | None, directory: str | None
) -> Settings:
    """The same; a directory that is asked for prevails over an address from another source."""
    if url is not None and directory is not None:
        raise BadInput("database-dir", directory, "give it or --database-url, not both")
    settings = settings_with({**flags, "database.url": url, "database.dir": directory})
    if directory is None:
        return settings
    return replace(settings, database=replace(settings.database, url=None))
