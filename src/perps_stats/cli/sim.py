"""``sim``: simulated exchanges on loopback."""

import asyncio
import sys
from pathlib import Path
from typing import Literal

import click

from perps_stats.cli.options import CONTEXT, required_names
from perps_stats.cli.service import run_until_told
from perps_stats.core.errors import BadInput


@click.command(context_settings=CONTEXT)
@click.option("--exchanges", "--exchange", "-e", default="binance", show_default=True)
@click.option("--symbols", "-s", default="BTC,ETH,SOL", show_default=True)
@click.option("--seed", type=int, default=7, show_default=True, help="The market's randomness.")
@click.option("--port", "-p", type=int, default=0, help="Port; 0 takes any free one.")
@click.option("--tape", type=click.Path(path_type=Path), help="Play a recording instead.")
@click.option("--speed", default="1", show_default=True, help="Of the tape: N times, or max.")
@click.option("--fault", "faults", multiple=True, help="drop:500, silence:100:15 …; repeatable.")
def command(exchanges: str, symbols: str, seed: int, port: int, **recording: object) -> int:
    """Run simulated exchanges on loopback, and print how to point the program at them."""
    from perps_stats.sim import SimSettings, Simulator  # noqa: PLC0415 --help must not wait

    faults, tape = recording["faults"], recording["tape"]
    settings = SimSettings(
        exchanges=tuple(required_names(exchanges, "exchanges")),
        symbols=tuple(required_names(symbols, "symbols")),
        seed=seed,
        port=port,
        tape=tape if isinstance(tape, Path) else None,
        speed=_speed(str(recording["speed"])),
        faults=tuple(map(str, faults)) if isinstance(faults, tuple) else (),
    )

    async def service(until: asyncio.Event) -> None:
        async with Simulator(settings) as simulator:
            for name, venue in simulator.venues.items():
                prefix = f"PERPS_STATS__EXCHANGES__{name.upper()}__"
                sys.stdout.write(f"{prefix}REST_URL={venue.rest_url}\n")
                sys.stdout.write(f"{prefix}WS_URL={venue.ws_url}\n")
            sys.stdout.flush()
            await until.wait()

    return run_until_told(service)


def _speed(text: str) -> float | Literal["max"]:
    if text == "max":
        return "max"
    try:
        return float(text)
    except ValueError:
        raise BadInput("speed", text, "use a number above 0, or max") from None
