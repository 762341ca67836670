"""kill -9 of collector and database server: nothing acknowledged is lost, the hole is told."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import Process
from contextlib import suppress
from pathlib import Path

from perps_stats.core.stored import GapFilter, Query
from perps_stats.core.types import GapCause, Trade
from perps_stats.database.failures import DatabaseAway
from perps_stats.database.repository import PostgresRepository, open_repository
from perps_stats.sim import SimSettings, Simulator

from .lively import spooled_in, until

ALL = Query(limit=100_000)


async def collector(simulator: Simulator, directory: Path) -> Process:
    venue = simulator.venues["binance"]
    given = {
        "PERPS_STATS__EXCHANGES__BINANCE__REST_URL": venue.rest_url,
        "PERPS_STATS__EXCHANGES__BINANCE__WS_URL": venue.ws_url,
        "PERPS_STATS__DATABASE__DIR": str(directory),
    }
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "perps_stats", "stream", "--symbols", "BTC", "-e", "binance"),
        env={**os.environ, **given},
        cwd=directory,
        stderr=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
    )


async def trades_above(repository: PostgresRepository, count: int) -> set[str]:
    """The ids of the trades another process has committed, once there are more than ``count``.

    While the server starts again nothing is read.
    """
    async with asyncio.timeout(60):
        while True:
            rows: list[Trade] = []
            with suppress(DatabaseAway):
                rows = await repository.get_trades(ALL)
            if len(rows) > count:
                assert len(rows) == len({row.id for row in rows})
                return {row.id for row in rows}
            await asyncio.sleep(0.2)


def kill_server(directory: Path) -> None:
    pid = int((directory / "data" / "postmaster.pid").read_text().split("\n", 1)[0])
    os.kill(pid, signal.SIGKILL)


async def test_kill_of_the_collector_and_of_the_server(directory: Path) -> None:
    """A reader in another process sees every row that was committed, after both were killed."""
    async with Simulator(SimSettings(symbols=("BTC",))) as simulator:
        first = await collector(simulator, directory)
        async with open_repository(None, directory) as reader:
            before = await trades_above(reader, 5)
            first.kill()
            await first.wait()
            kill_server(directory)
            after = await trades_above(reader, len(before) - 1)
            assert before <= after
            second = await collector(simulator, directory)
            assert after < await trades_above(reader, len(after))
            async with asyncio.timeout(60):
                while not (gaps := await reader.get_gaps(ALL, GapFilter(still_open=False))):
                    await asyncio.sleep(0.2)
            assert {gap.cause for gap in gaps} == {GapCause.CRASH}
            await until(lambda: not spooled_in(directory / "spool"))
            second.terminate()
            assert await second.wait() == 128 + signal.SIGTERM
        streams = {gap.stream for gap in gaps}
        assert streams <= {"orderbook", "trades", "best", "day", "mark", "funding"}


async def test_kill_of_the_server_alone(directory: Path) -> None:
    """The collector goes on by itself when the server is back, and no row is written twice."""
    async with Simulator(SimSettings(symbols=("BTC",))) as simulator:
        process = await collector(simulator, directory)
        async with open_repository(None, directory) as reader:
            before = await trades_above(reader, 5)
            kill_server(directory)
            assert before < await trades_above(reader, len(before) + 5)
            await until(lambda: not spooled_in(directory / "spool"))
            process.send_signal(signal.SIGINT)
            assert await process.wait() == 128 + signal.SIGINT
            assert await reader.get_gaps(ALL) == []
