"""``config show``: every setting and where it comes from. Passwords are masked."""

import os
from pathlib import Path
from typing import TypeGuard

import click

from perps_stats.cli.options import CONTEXT, output_options
from perps_stats.cli.output import Output, Printed, Record, Screen, Value, show
from perps_stats.settings import SECRETS, leaves, load_settings, masked
from perps_stats.settings.load import MASK

FIELDS = ("setting", "value", "from")


@click.group(context_settings=CONTEXT)
def command() -> None:
    """Show how the program is set up."""


@command.command("show", context_settings=CONTEXT)
@output_options
def show_settings(*, as_json: bool, as_csv: bool, output: str | None) -> int:
    """Every setting, its value, and where that was said. Passwords are masked."""
    where = Output(as_json, as_csv, output)
    settings, origins = load_settings({}, os.environ, Path.cwd())
    records: list[Record] = [
        {
            "setting": name,
            "value": MASK if value and name in SECRETS else _shown(value),
            "from": origins[name],
        }
        for name, value in leaves(settings).items()
    ]
    show(Printed(records=records, fields=FIELDS, screen=Screen(FIELDS)), where)
    return 0


def _shown(value: object) -> Value:
    if value is None or isinstance(value, int | float):
        return value
    return ",".join(value) if _is_names(value) else masked(str(value))


def _is_names(value: object) -> TypeGuard[tuple[str, ...]]:
    return isinstance(value, tuple)
