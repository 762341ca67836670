"""The command line. This table is all that `--help` needs: a command's module is imported when it
is called.
"""

from typing import NamedTuple

VERSION = "0.1.0"
DEBUG = "--debug"


class Command(NamedTuple):
    """``module`` holds a click command named ``command``."""

    module: str
    summary: str


COMMANDS = {
    "market": Command(
        "ask_market", "price, spread, volume, open interest and funding now, side by side"
    ),
    "ticker": Command("ask_ticker", "prices and 24-hour statistics of markets now"),
    "funding": Command("ask_funding", "what funding pays now, and which pair of venues pays most"),
    "liquidity": Command("ask_liquidity", "value resting within 1 to 100 bps of mid now"),
    "slippage": Command("ask_slippage", "what taking an amount from the book costs now"),
    "cost": Command("ask_cost", "what that costs with the fee: the best venue and the best split"),
    "exchanges": Command("list_exchanges", "the exchanges, and what each of them offers"),
    "symbols": Command("list_symbols", "the markets an exchange lists, and their names"),
    "backfill": Command("backfill", "fetch history into the database, each part of it once"),
    "fetch": Command("backfill", "the same"),
    "stream": Command("stream", "collect live data into the database"),
    "serve": Command("serve", "answer from the database by REST"),
    "run": Command("run", "collect and serve in one process (--demo: simulated exchanges)"),
    "chart": Command(
        "chart", "candles, funding and liquidity as pictures, from what the database holds"
    ),
    "coverage": Command(
        "coverage", "what the database holds of each series and stream, and every hole"
    ),
    "gaps": Command("gaps", "when streams could not be vouched for, and why"),
    "verify": Command("verify", "derive stored figures anew from their rows, and compare"),
    "doctor": Command(
        "doctor", "check exchanges, clock, database, disk and limits of this machine"
    ),
    "repair": Command("repair", "fetch again what streams missed, where it can still be had"),
    "keys": Command("keys", "keys to the API: create, list, rotate, revoke, delete"),
    "db": Command("db", "the database: init, migrate, stats, clean, export, import"),
    "sim": Command("sim", "run simulated exchanges on loopback"),
    "metrics": Command("metrics", "what a running service tells Prometheus, and alert rules"),
    "grafana": Command("grafana", "dashboards and provisioning for those who run Grafana"),
    "config": Command("config", "show every setting and where it comes from"),
}
