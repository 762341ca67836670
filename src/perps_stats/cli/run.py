"""``run``: collect and serve in one process; with ``--demo`` from simulated exchanges."""

import asyncio

import click

from perps_stats.cli.collecting import collecting_flags, collecting_options
from perps_stats.cli.options import CONTEXT, settings_with
from perps_stats.cli.service import Status, run_until_told


@click.command(context_settings=CONTEXT)
@collecting_options
@click.option("--host", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", "-p", help="Port to listen on.  [default: 8080]")
@click.option("--demo", is_flag=True, help="Simulated exchanges, in a database of their own.")
def command(*, demo: bool, host: str | None, port: str | None, **what: str | None) -> int:
    """Collect and serve in one process, until told to stop."""
    from perps_stats.app.logs import configure_logs  # noqa: PLC0415 --help must not wait for it
    from perps_stats.app.run import run  # noqa: PLC0415

    if demo and what["symbols"] is None:
        what["symbols"] = "BTC,ETH,SOL"
    flags = {**collecting_flags(**what), "api.host": host, "api.port": port}
    settings = settings_with(flags)
    configure_logs(settings.log)
    status = Status()

    async def service(until: asyncio.Event) -> None:
        await run(settings, demo=demo, until=until, report=status)

    try:
        return run_until_told(service)
    finally:
        status.summary()
