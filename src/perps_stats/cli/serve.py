"""``serve``: answer from the database by REST."""

import asyncio

import click

from perps_stats.cli.options import (
    CONTEXT,
    database_options,
    serving_options,
    settings_with_database,
)
from perps_stats.settings import Settings


@click.command(context_settings=CONTEXT)
@serving_options
@database_options
def command(
    *,
    host: str | None,
    port: str | None,
    insecure: bool,
    database_url: str | None,
    database_dir: str | None,
) -> int:
    """Answer from the database by REST, until told to stop."""
    flags = {"api.host": host, "api.port": port, "api.insecure": insecure or None}
    settings = settings_with_database(flags, database_url, database_dir)
    return _serve(settings)


def _serve(settings: Settings) -> int:
    from perps_stats.app.logs import configure_logs  # noqa: PLC0415 --help must not wait for it
    from perps_stats.app.serve import serve  # noqa: PLC0415
    from perps_stats.cli.service import run_until_told  # noqa: PLC0415

    configure_logs(settings.log)

    async def service(until: asyncio.Event) -> None:
        await serve(settings, until=until)

    return run_until_told(service)
