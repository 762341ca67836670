"""Hundreds of markets in a database that may be stopped, and ``serve`` on it: nobody collects."""

import asyncio
import subprocess
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from tests.api.rows import market
from tests.cli.own_server import OwnServer, free_port
from tests.cli.program import Program, command
from tests.page.service import SECONDS, eventually, rows_of

from perps_stats.core.catalogue import GAPS
from perps_stats.core.types import Gap, GapCause, Ticker
from perps_stats.database.repository import open_repository

EXCHANGES = ("binance", "kucoin")
SYMBOLS = tuple(f"S{number:03}" for number in range(120))
MARKETS = len(EXCHANGES) * len(SYMBOLS)


def volume(exchange: str, symbol: str) -> int:
    """Of a day: all differ, and not in the order of names."""
    place = SYMBOLS.index(symbol) * len(EXCHANGES) + EXCHANGES.index(exchange)
    return 1000 + place * 97 % 241


def fill(server: OwnServer, database: str, directory: Path) -> None:
    """The markets, and a ticker and a gap of each."""

    async def filled() -> None:
        await server.execute(f"create database {database}")
        async with open_repository(server.url(database), directory) as repository:
            for exchange in EXCHANGES:
                listed = [market(exchange, each) for each in SYMBOLS]
                await repository.store_markets(listed, simulated=True)
            names = [(exchange, symbol) for exchange in EXCHANGES for symbol in SYMBOLS]
            await repository.store_tickers([ticker(*name) for name in names])
            await repository.store(GAPS, [gap(*name) for name in names])

    with ThreadPoolExecutor(1) as thread:  # the browser's driver has the loop of this one
        thread.submit(asyncio.run, filled()).result()


def ticker(exchange: str, symbol: str) -> Ticker:
    return Ticker(
        exchange=exchange,
        symbol=symbol,
        last_price=Decimal("12.5"),
        turnover_24h=Decimal(volume(exchange, symbol)),
        timestamp=datetime.now(UTC),
    )


def gap(exchange: str, symbol: str) -> Gap:
    now = datetime.now(UTC)
    return Gap(
        exchange=exchange,
        symbol=symbol,
        stream="orderbook",
        start_time=now,
        end_time=now,
        cause=GapCause.DISCONNECT,
        detected_at=now,
    )


class Served(NamedTuple):
    address: str
    program: Program

    def make_key(self, *words: str) -> str:
        return self.program("keys", "create", *words).out.strip()


@contextmanager
def served(directory: Path, server: OwnServer, database: str) -> Generator[Served]:
    port = str(free_port())
    program = Program(directory, {"DATABASE_URL": server.url(database)})
    with (directory / "log").open("ab") as log:
        process = subprocess.Popen(
            command(["serve", "--port", port]),
            cwd=directory,
            env=program.environ,
            stdout=log,
            stderr=log,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        eventually(lambda: rows_of(address, "markets"), bool)
        yield Served(address, program)
    finally:
        process.terminate()
        process.wait(SECONDS)
