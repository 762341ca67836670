"""``config show``: every setting and where it comes from. Passwords are masked."""

import os
from pathlib import Path

import click

from perps_stats.cli.options import CONTEXT, output_options
from perps_stats.cli.output import Printed, Record, show
from perps_stats.settings import leaves, load_settings, masked


@click.group(context_settings=CONTEXT)
def command() -> None:
    """Show how the program is set up."""


@command.command("show", context_settings=CONTEXT)
@output_options
def show_settings(*, as_json: bool, as_csv: bool, output: str | None) -> int:
    """Every setting, its value, and where that was said."""
    settings, origins = load_settings({}, os.environ, Path.cwd())
    records: list[Record] = [
        {"setting": name, "value": _text(value), "from": origins[name]}
        for name, value in leaves(settings).items()
    ]
    printed = Printed(records=records, columns=("setting", "value", "from"), units={})
    show(printed, as_json=as_json, as_csv=as_csv, output=output)
    return 0


def _text(value: object) -> str | None:
    if value is None:
        return None
    return ",".join(value) if isinstance(value, tuple) else masked(str(value))
