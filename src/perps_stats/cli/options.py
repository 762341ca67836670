"""What several commands take: which exchanges, which symbols, how to print."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import click

from perps_stats.core.errors import BadInput
from perps_stats.settings import Settings, load_settings

F = TypeVar("F", bound=Callable[..., object])
CONTEXT = {"help_option_names": ["-h", "--help"]}

exchanges_option = click.option(
    "--exchanges",
    "--exchange",
    "-e",
    help="Exchanges, separated by commas.  [default: all]",
)
symbols_option = click.option(
    "--symbols",
    "--symbol",
    "-s",
    required=True,
    help="Symbols, separated by commas: BTC, BTC-USDT-PERP, BTC/USDT:USDT or BTCUSDT.",
)


def output_options(command: F) -> F:
    """``--json``, ``--csv`` and ``-o FILE``."""
    for option in (
        click.option("-o", "--output", type=click.Path(dir_okay=False), help="Write to FILE."),
        click.option("--csv", "as_csv", is_flag=True, help="Comma-separated values."),
        click.option("--json", "as_json", is_flag=True, help="JSON with units and source times."),
    ):
        command = option(command)
    return command


def names_of(text: str | None, field: str) -> list[str] | None:
    """``a,b`` as names; ``None`` where nothing was given. Raises ``BadInput``."""
    if text is None:
        return None
    names = [name.strip() for name in text.split(",")]
    if not all(names):
        raise BadInput(field, text, "separate names by single commas: BTC,ETH")
    return names


def required_names(text: str, field: str) -> list[str]:
    return names_of(text, field) or []


def settings_with(flags: Mapping[str, object]) -> Settings:
    """The settings, with the flags that were given over all other sources."""
    given = {name: str(value) for name, value in flags.items() if value is not None}
    return load_settings(given, os.environ, Path.cwd())[0]
