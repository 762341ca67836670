"""``stream``: collect live data into the database."""

import asyncio

import click

from perps_stats.cli.collecting import Status, check_names, collecting_flags, collecting_options
from perps_stats.cli.options import CONTEXT, database_options, settings_with_database
from perps_stats.settings import Settings


@click.command(context_settings=CONTEXT)
@collecting_options
@database_options
def command(database_url: str | None, database_dir: str | None, **what: str | None) -> int:
    """Collect live data into the database, until told to stop.

    Books are verified on every step; whatever cannot be vouched for is listed as a gap.
    """
    settings = settings_with_database(collecting_flags(**what), database_url, database_dir)
    check_names(settings.stream)
    return _stream(settings)


def _stream(settings: Settings) -> int:
    from perps_stats.app.logs import configure_logs  # noqa: PLC0415 --help must not wait for it
    from perps_stats.app.stream import stream  # noqa: PLC0415
    from perps_stats.cli.service import run_until_told  # noqa: PLC0415

    configure_logs(settings.log)
    status = Status()

    async def service(until: asyncio.Event) -> None:
        await stream(settings, until=until, report=status)

    try:
        return run_until_told(service)
    finally:
        status.summary()
