"""``serve``: answer from the database by REST."""

import asyncio

import click

from perps_stats.cli.options import CONTEXT, settings_with
from perps_stats.cli.service import run_until_told


@click.command(context_settings=CONTEXT)
@click.option("--host", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", "-p", help="Port to listen on.  [default: 8080]")
def command(host: str | None, port: str | None) -> int:
    """Answer from the database by REST, until told to stop."""
    from perps_stats.app.logs import configure_logs  # noqa: PLC0415 --help must not wait for it
    from perps_stats.app.serve import serve  # noqa: PLC0415

    settings = settings_with({"api.host": host, "api.port": port})
    configure_logs(settings.log)

    async def service(until: asyncio.Event) -> None:
        await serve(settings, until=until)

    return run_until_told(service)
