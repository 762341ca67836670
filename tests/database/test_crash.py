"""Acknowledged means durable: processes are killed while they write, and nothing is missing."""

import asyncio
import os
import signal
from datetime import timedelta
from pathlib import Path

from perps_stats.core.stored import Query
from perps_stats.core.times import from_us
from perps_stats.core.types import GapCause
from perps_stats.database.repository import PostgresRepository, open_repository

from .client import BATCH, START_US
from .clients import client, runs, server_pid

COUNT = "select count(*), count(distinct id), max(id::int) from trades"


async def check_stored(repository: PostgresRepository, acked: int) -> None:
    """Every acknowledged row, each once; more may have been committed, in whole batches."""
    rows, distinct, last = (await repository.link.fetch(COUNT))[0]
    assert rows == distinct == last + 1
    assert rows >= acked
    assert rows % BATCH == 0


async def list_crashes(repository: PostgresRepository) -> int:
    """The server may take a moment to notice that its client is gone."""
    async with asyncio.timeout(60):
        while not (found := await repository.list_crashes()):
            await asyncio.sleep(0.02)
    return found


async def test_a_killed_collector_loses_nothing(directory: Path) -> None:
    """Its acknowledged rows are there, its crash becomes a gap at its last mark."""
    with client(directory, "write") as writer:
        writer.hear_acked(1000)
        said = writer.kill()
    acked = max(
        int(line.removeprefix("acked ")) for line in [*said, "acked 1000"] if "acked" in line
    )
    async with open_repository(None, directory) as repository:
        await check_stored(repository, acked)
        assert await list_crashes(repository) == 1
        (gap,) = await repository.get_gaps(Query())
        rows = (await repository.link.fetch(COUNT))[0][0]
        assert gap.cause is GapCause.CRASH
        assert gap.start_time == from_us(START_US) + timedelta(milliseconds=rows - 1)


async def test_a_killed_server_loses_nothing(directory: Path) -> None:
    """Killed twice under a writer, it comes back by itself; every acknowledged row is there."""
    async with open_repository(None, directory) as repository:
        with client(directory, "write") as writer:
            acked = writer.hear_acked(500)
            for _ in range(2):
                os.kill(server_pid(directory), signal.SIGKILL)
                acked = writer.hear_acked(acked + 1000)
                assert await repository.get_markets()
            assert not [line for line in writer.end() if line.startswith("error")]
        await check_stored(repository, acked)
        assert await repository.list_crashes() == 0


async def test_collector_and_server_killed_at_once(directory: Path) -> None:
    """The next to open finds what was acknowledged, and lists the crash."""
    with client(directory, "write") as writer:
        acked = writer.hear_acked(1000)
        os.kill(server_pid(directory), signal.SIGKILL)
        writer.kill()
    async with open_repository(None, directory) as repository:
        await check_stored(repository, acked)
        assert await list_crashes(repository) == 1
        pid = server_pid(directory)
    assert not runs(pid)


def test_three_race_to_start(directory: Path) -> None:
    """All are served by one server, which the last to leave stops, though one was killed."""
    with (
        client(directory, "hold") as first,
        client(directory, "hold") as second,
        client(directory, "hold") as third,
    ):
        assert [one.hear() for one in (first, second, third)] == ["open"] * 3
        pid = server_pid(directory)
        assert first.end() == ["closed", ""]
        assert runs(pid)
        second.kill()
        assert runs(pid)
        assert third.end() == ["closed", ""]
    assert not runs(pid)
    assert not (directory / "data" / "postmaster.pid").exists()


async def test_ctrl_c_does_not_reach_the_server(directory: Path) -> None:
    """The terminal's interrupt goes to the group of the client that started it, and no further."""
    with client(directory, "hold") as starter:
        assert starter.hear() == "open"
        async with open_repository(None, directory) as repository:
            os.killpg(starter.process.pid, signal.SIGINT)
            starter.end()
            assert len(await repository.get_markets()) == 1
