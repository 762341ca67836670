"""``sim``: simulated exchanges on loopback."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from perps_stats.cli.options import CONTEXT, names_of, settings_with
from perps_stats.core.errors import BadInput

if TYPE_CHECKING:
    from perps_stats.sim import SimSettings

FAULTS = (
    "KIND[:WHERE]:WHEN[:SECONDS]; WHEN is a count, @12.5s after the start, or * for every time. "
    "Of a stream (STREAM@SYMBOL): drop:trades@BTC:3, duplicate, reorder, delay:9:2, jump, rewind, "
    "cross, storm:9:2, oldbook, disconnect:1000, rst, halfopen, silence:500:15, badjson, truncate, "
    "oversized. Of an exchange: restart:@30s:2, skew:@0s:-1.5. Of a request (PATH; ws is a "
    "handshake): 429:depth:2:30, 418, 403, 503:ws:1, html, truncated, wrongtype, negativeprice, "
    "crossed, empty:klines:2, shuffled, doubled, wrongrow, cutoff, huge, http500, slow:*:0.5, "
    "stale, hang, reset. By chance: random[:PATH]:SEED:PERCENT, chaos:SEED:PER_MINUTE. Repeatable."
)


@click.command(context_settings=CONTEXT)
@click.option(
    "--exchanges",
    "--exchange",
    "-e",
    metavar="NAMES",
    help="Exchanges to simulate, each on a port of its own.  [default: all; of a tape, its own]",
)
@click.option(
    "--symbols",
    "--symbol",
    "-s",
    metavar="NAMES",
    default="BTC,ETH,SOL",
    show_default=True,
    help="Coins of the model.",
)
@click.option(
    "--coins",
    type=int,
    default=0,
    show_default=True,
    help="So many made-up coins beside: C001, C002, …",
)
@click.option(
    "--rate",
    type=float,
    default=1.0,
    show_default=True,
    help="How lively: so many times as many changes and trades a second.",
)
@click.option("--seed", type=int, default=7, show_default=True, help="The model's randomness.")
@click.option(
    "--port",
    "-p",
    type=click.IntRange(0, 65535),
    default=0,
    show_default=True,
    help="Port of the first exchange; 0 takes any free one.",
)
@click.option("--tape", metavar="FILE", help="Play a recording instead of the model.")
@click.option("--speed", metavar="N|max", help="Of the tape, times its own.  [default: 1]")
@click.option(
    "--generosity",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Take so many times as many REST requests as the real exchanges.",
)
@click.option("--fault", "faults", multiple=True, metavar="FAULT", help=FAULTS)
@click.option("--faults", "script", metavar="FILE", help="Faults, one a line; # is a comment.")
def command(
    *,
    exchanges: str | None,
    symbols: str,
    coins: int,
    rate: float,
    seed: int,
    port: int,
    tape: str | None,
    speed: str | None,
    generosity: int,
    faults: tuple[str, ...],
    script: str | None,
) -> int:
    """Run simulated exchanges on loopback until told to stop.

    Prints the environment variables that point perps-stats at them.
    """
    from perps_stats.sim import SimSettings  # noqa: PLC0415 --help must not wait for it
    from perps_stats.sim.script import read_faults  # noqa: PLC0415

    settings = SimSettings(
        exchanges=None if exchanges is None else tuple(names_of(exchanges, "exchanges")),
        symbols=tuple(names_of(symbols, "symbols")),
        coins=coins,
        rate=rate,
        seed=seed,
        port=port,
        tape=None if tape is None else Path(tape),
        speed=1.0 if speed is None else _speed(speed),
        generosity=generosity,
        faults=(*faults, *(read_faults(Path(script)) if script else ())),
    )
    return _simulate(settings)


def _simulate(settings: "SimSettings") -> int:
    """Tells the addresses at first, and at the end what was asked and which faults were played."""
    import structlog  # noqa: PLC0415 --help must not wait for it

    from perps_stats.app.logs import configure_logs  # noqa: PLC0415
    from perps_stats.cli.service import run_until_told  # noqa: PLC0415
    from perps_stats.sim import Simulator  # noqa: PLC0415

    configure_logs(settings_with({}).log)
    log = structlog.get_logger()

    async def service(until: asyncio.Event) -> None:
        async with Simulator(settings) as simulator:
            for name, venue in simulator.venues.items():
                prefix = f"PERPS_STATS__EXCHANGES__{name.upper()}__"
                sys.stdout.write(f"{prefix}REST_URL={venue.rest_url}\n")
                sys.stdout.write(f"{prefix}WS_URL={venue.ws_url}\n")
            sys.stdout.flush()
            await until.wait()
            for name, venue in simulator.venues.items():
                done = venue.counters
                requests, faults = dict(done.requests), dict(done.faults)
                log.info("simulated", venue=name, requests=requests, faults=faults)

    return run_until_told(service)


def _speed(text: str) -> float | Literal["max"]:
    if text == "max":
        return "max"
    try:
        return float(text)
    except ValueError:
        raise BadInput("speed", text, "use a number above 0, or max") from None
