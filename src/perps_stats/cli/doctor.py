"""``doctor``: looks at everything that collecting needs."""

import asyncio
from collections.abc import Sequence

import click

from perps_stats.app.doctor import examine
from perps_stats.app.doctor.findings import Finding, Status, exit_code
from perps_stats.app.logs import configure_logs
from perps_stats.cli.options import (
    CONTEXT,
    EXCHANGES_OPTION,
    TIMEOUT_OPTION,
    database_options,
    names_of,
    output_options,
    settings_with_database,
)
from perps_stats.cli.output import Output, Printed, Screen, plain, show

FIELDS = ("subject", "check", "status", "found", "remedy")


@click.command(context_settings=CONTEXT)
@EXCHANGES_OPTION
@TIMEOUT_OPTION
@database_options
@output_options
def command(
    *,
    exchanges: str | None,
    timeout: float | None,
    database_url: str | None,
    database_dir: str | None,
    as_json: bool,
    as_csv: bool,
    output: str | None,
) -> int:
    """Look at everything that collecting needs: all at once, within --timeout.

    Each exchange: connection and certificate, answers, this machine's clock against its own,
    streams, used request weight. The database: reachable, its schema, how long a commit takes, for
    how long the disk will do. This machine: the spool, its room, open files.

    Exits with 0 where nothing failed, 5 where the database did, else 4 where an exchange did, else
    1. Without --exchanges those that are collected from.
    """
    where = Output(as_json, as_csv, output)
    settings = settings_with_database({"ask.timeout_seconds": timeout}, database_url, database_dir)
    configure_logs(settings.log)
    names = None if exchanges is None else names_of(exchanges, "exchanges")
    found = asyncio.run(examine(settings, names, settings.ask.timeout_seconds))
    show(_printed(found), where)
    return exit_code(found)


def _printed(found: Sequence[Finding]) -> Printed:
    counts = {status: sum(one.status is status for one in found) for status in Status}
    told = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
    return Printed(
        records=[plain(one) for one in found],
        fields=FIELDS,
        screen=Screen(FIELDS, usual={"remedy": ""}),
        notes=[told],
    )
