"""``run``: collect and serve in one process; with ``--demo`` from simulated exchanges."""

import asyncio
from pathlib import Path

import click

from perps_stats.cli.collecting import (
    check_names,
    collecting_flags,
    collecting_options,
    new_status,
)
from perps_stats.cli.options import (
    CONTEXT,
    database_options,
    serving_options,
    settings_with_database,
)
from perps_stats.core.errors import BadInput
from perps_stats.settings import Settings

DEMO_SYMBOLS = "BTC,ETH,SOL"
DEMO_DATA = "orderbook,trades,ticker,funding,klines,liquidations,open_interest"
"""All there is: who looks at a demo wants to see it."""


@click.command(context_settings=CONTEXT)
@collecting_options
@serving_options
@database_options
@click.option(
    "--demo",
    is_flag=True,
    help="From simulated exchanges, in a database of their own.  "
    f"[symbols: {DEMO_SYMBOLS}; data: all]",
)
@click.option("--faults", metavar="FILE", help="With --demo: what goes wrong; see sim --help.")
def command(
    *,
    demo: bool,
    faults: str | None,
    as_json: bool,
    host: str | None,
    port: str | None,
    insecure: bool,
    database_url: str | None,
    database_dir: str | None,
    **what: str | None,
) -> int:
    """Collect and serve in one process, until told to stop."""
    if demo:
        what["symbols"] = what["symbols"] or DEMO_SYMBOLS
        what["data"] = what["data"] or DEMO_DATA
    flags = {
        **collecting_flags(**what),
        "api.host": host,
        "api.port": port,
        "api.insecure": insecure or None,
    }
    settings = settings_with_database(flags, database_url, database_dir)
    check_names(settings.stream)
    if faults is not None and not demo:
        raise BadInput("faults", faults, "only simulated exchanges have them: give --demo as well")
    return _run(settings, demo=demo, faults=faults, as_json=as_json)


def _run(settings: Settings, *, demo: bool, faults: str | None, as_json: bool) -> int:
    from perps_stats.app.logs import configure_logs  # noqa: PLC0415 --help must not wait for it
    from perps_stats.app.run import run  # noqa: PLC0415
    from perps_stats.cli.service import run_until_told  # noqa: PLC0415
    from perps_stats.sim.script import read_faults  # noqa: PLC0415

    trouble = read_faults(Path(faults)) if faults else ()
    configure_logs(settings.log)
    status = new_status(as_json=as_json)

    async def service(until: asyncio.Event) -> None:
        status.is_ending = until.is_set
        await run(
            settings,
            demo=demo,
            faults=trouble,
            until=until,
            report=status,
            observe=status.observe,
        )

    try:
        return run_until_told(service)
    finally:
        status.summary()
