"""A month of 500 markets: what it takes to ask, to export, and to tell how much there is.

5,000,000 rows of tickers, as many of liquidity, as they are collected: all markets by turns. And
2,030,400 candles of a minute as they are filled back, market by market, of 47 of them.
"""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from filling import fill, markets
from rounds import spread

from perps_stats.core.catalogue import KLINES, LIQUIDITY, TICKERS
from perps_stats.core.stored import Query
from perps_stats.database.files.export import Wanted, export
from perps_stats.database.files.forms import CSV, PARQUET
from perps_stats.database.repository import PostgresRepository, open_repository

MARKETS, ROWS, DAYS = 500, 5_000_000, 30
MINUTES = DAYS * 1440
EXPORTED = 47 * MINUTES
FILES = 3
"""Rounds of what takes seconds."""
PROGRAM = str(Path(sys.executable).parent / "perps-stats")


@asynccontextmanager
async def month(directory: Path) -> AsyncGenerator[PostgresRepository]:
    """A database in ``directory``, filled and known to the planner."""
    end = datetime.now(UTC).replace(second=0, microsecond=0)
    async with open_repository(None, directory) as repository:
        named = markets(MARKETS)
        ids = list((await repository.store_markets(named, simulated=True)).values())
        await asyncio.gather(
            fill(repository, TICKERS, ids, rows=ROWS, days=DAYS, end=end),
            fill(repository, LIQUIDITY, ids, rows=ROWS, days=DAYS, end=end),
        )
        for one in ids[: EXPORTED // MINUTES]:
            await fill(repository, KLINES, [one], rows=MINUTES, days=DAYS, end=end)
        await repository.link.fetch("analyze")
        await repository.link.fetch("checkpoint")  # what was filled is not written while we measure
        yield repository


async def timed(rounds: int, ask: Callable[[], Awaitable[int]], expected: int) -> list[float]:
    """Milliseconds of each; one more round before, unmeasured."""
    found: list[float] = []
    for _ in range(rounds + 1):
        began = time.perf_counter()
        count = await ask()
        found.append((time.perf_counter() - began) * 1000)
        assert count == expected, f"{count} rows, not {expected}"
    return found[1:]


async def last_values(repository: PostgresRepository, rounds: int) -> list[float]:
    async def ask() -> int:
        return len(await repository.get_latest_tickers(Query()))

    return await timed(rounds, ask, MARKETS)


async def hours_of_a_month(repository: PostgresRepository, rounds: int) -> list[float]:
    """Made of the candles of a minute, of one market."""
    end = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    start = end - timedelta(days=DAYS - 1)
    query = Query(exchange="aster", symbol="C0", start=start, end=end, limit=5000)

    async def ask() -> int:
        return len(await repository.get_merged_klines(query, "1h"))

    return await timed(rounds, ask, (DAYS - 1) * 24)


async def exported(repository: PostgresRepository, path: Path, rounds: int) -> list[float]:
    """Rows per second."""

    async def ask() -> int:
        wanted, form = Wanted(data_set=KLINES), "".join(path.suffixes)
        about = await export(
            repository.link, wanted, path, form, version="bench", tell=lambda _, __: None
        )
        path.unlink()
        return about.rows

    found = await timed(rounds, ask, EXPORTED)
    return [EXPORTED / each * 1000 for each in found]


async def copied(repository: PostgresRepository, path: Path, rounds: int) -> list[float]:
    """The server's own COPY of the same rows in the same order, to a file."""

    async def ask() -> int:
        async with repository.link.borrow() as connection:
            status = await connection.copy_from_query(
                "select * from klines order by market_id, ts", output=path, format="csv"
            )
        return int(status.split()[1])

    found = await timed(rounds, ask, EXPORTED)
    return [EXPORTED / each * 1000 for each in found]


async def told(directory: Path, rounds: int, *flags: str) -> list[float]:
    """Milliseconds of the whole command ``db stats``."""
    command = [PROGRAM, "db", "stats", "--database-dir", str(directory), *flags]

    async def ask() -> int:
        done = await asyncio.to_thread(
            subprocess.run,
            command,
            check=True,
            capture_output=True,
        )
        return int(b"tickers" in done.stdout)

    return await timed(rounds, ask, 1)


async def ask_all(rounds: int) -> None:
    with TemporaryDirectory(dir="/tmp") as home:
        directory = Path(home)
        directory.chmod(0o755)
        async with month(directory / "database") as repository:
            print(f"\na month of {MARKETS} markets, {ROWS:,} rows of tickers and of liquidity (ms)")
            print(f"{'':18} {'min':>9} {'median':>9} {'max':>9}")
            print(f"{'last tickers':18} {spread(await last_values(repository, 5 * rounds))}")
            print(f"{'1h of 1m':18} {spread(await hours_of_a_month(repository, 5 * rounds))}")
            print(f"{'db stats':18} {spread(await told(directory / 'database', rounds))}")
            by_market = await told(directory / "database", rounds, "--by-market")
            print(f"{'the same by market':18} {spread(by_market)}")
            print(f"\n{EXPORTED:,} candles to a file (k rows/s)")
            print(f"{'':18} {'min':>9} {'median':>9} {'max':>9} {'x COPY':>7}")
            raw = await copied(repository, directory / "copy.csv", FILES)
            print(f"{'server to csv':18} {spread(raw, 1000)} {1:7.2f}")
            for form in (CSV, PARQUET):
                rates = await exported(repository, directory / f"klines{form}", FILES)
                ratio = median(rates) / median(raw)
                print(f"{'export ' + form:18} {spread(rates, 1000)} {ratio:7.2f}")
