"""What several commands take: which exchanges, which symbols, which database, how to print."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import click
from msgspec.structs import replace

from perps_stats.core.errors import BadInput
from perps_stats.settings import Settings, load_settings

F = TypeVar("F", bound=Callable[..., object])
CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
SYMBOL_FORMS = "BTC, BTC-USDT-PERP, binance:BTC-USDT-PERP, BTC/USDT:USDT or BTCUSDT"

exchanges_option = click.option(
    "--exchanges",
    "--exchange",
    "-e",
    metavar="NAMES",
    help="Exchanges, separated by commas.  [default: all]",
)
symbols_option = click.option(
    "--symbols",
    "--symbol",
    "-s",
    metavar="NAMES",
    required=True,
    help=f"Symbols, separated by commas: {SYMBOL_FORMS}.",
)
optional_symbols_option = click.option(
    "--symbols",
    "--symbol",
    "-s",
    metavar="NAMES",
    help=f"Symbols, separated by commas: {SYMBOL_FORMS}.  [default: all]",
)


def output_options(command: F) -> F:
    """``--json``, ``--csv`` and ``-o FILE``."""
    for option in (
        click.option(
            "-o",
            "--output",
            metavar="FILE",
            help="Write to FILE: its name ends in .json, .csv or .tsv.",
        ),
        click.option("--csv", "as_csv", is_flag=True, help="Print comma-separated values."),
        click.option("--json", "as_json", is_flag=True, help="Print JSON, with units and times."),
    ):
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
