"""``stream``: collect live data into the database."""

import asyncio

import click

from perps_stats.cli.collecting import (
    check_names,
    collecting_flags,
    collecting_options,
    new_status,
)
from perps_stats.cli.options import CONTEXT, database_options, settings_with_database
from perps_stats.settings import Settings


@click.command(context_settings=CONTEXT)
@collecting_options
@database_options
@click.option(
    "--metrics-port",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="Answer /metrics, /livez and /readyz on this port of the machine itself.",
)
def command(
    *,
    as_json: bool,
    metrics_port: int | None,
    database_url: str | None,
    database_dir: str | None,
    **what: str | None,
) -> int:
    """Collect live data into the database, until told to stop.

    Books are verified on every step; whatever cannot be vouched for is listed as a gap. How it goes
    is a table on a terminal, else lines of the log.
    """
    settings = settings_with_database(collecting_flags(**what), database_url, database_dir)
    check_names(settings.stream)
    return _stream(settings, as_json=as_json, metrics_port=metrics_port)


def _stream(settings: Settings, *, as_json: bool, metrics_port: int | None) -> int:
    from perps_stats.app.logs import configure_logs  # noqa: PLC0415 --help must not wait for it
    from perps_stats.app.stream import stream  # noqa: PLC0415
    from perps_stats.cli.service import run_until_told  # noqa: PLC0415

    configure_logs(settings.log)
    status = new_status(as_json=as_json)

    async def service(until: asyncio.Event) -> None:
        status.is_ending = until.is_set
        await stream(
            settings,
            until=until,
            report=status,
            observe=status.observe,
            metrics_port=metrics_port,
        )

    try:
        return run_until_told(service)
    finally:
        status.summary()
