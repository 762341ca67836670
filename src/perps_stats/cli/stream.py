"""``stream``: collect live data into the database."""

import asyncio

import click

from perps_stats.cli.collecting import collecting_flags, collecting_options
from perps_stats.cli.options import CONTEXT, settings_with
from perps_stats.cli.service import Status, run_until_told


@click.command(context_settings=CONTEXT)
@collecting_options
def command(
    exchanges: str | None, symbols: str | None, data: str | None, max_duration: str | None
) -> int:
    """Collect live data into the database, until told to stop.

    Books are verified on every step; whatever cannot be vouched for is listed as a gap.
    """
    from perps_stats.app.logs import configure_logs  # noqa: PLC0415 --help must not wait for it
    from perps_stats.app.stream import stream  # noqa: PLC0415

    settings = settings_with(collecting_flags(exchanges, symbols, data, max_duration))
    configure_logs(settings.log)
    status = Status()

    async def service(until: asyncio.Event) -> None:
        await stream(settings, until=until, report=status)

    try:
        return run_until_told(service)
    finally:
        status.summary()
