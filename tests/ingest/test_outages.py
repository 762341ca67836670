"""A database that fails while the program collects: every trade is stored, none twice, no gap.

With ``PERPS_STATS_LONG=1`` it is stopped for five minutes. The exchange, which is of this process,
goes on while the server is started and stopped.
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.cli.own_server import OwnServer, own_server
from tests.cli.program import stop
from tests.engines import reachable_directory

from .lively import Lively, lively, rss, until, until_more
from .small_disk import small_disk

LONG = "PERPS_STATS_LONG" in os.environ
SPOOLED = 150_000
"""Bytes: some seconds' worth."""
MORE_BYTES = 64 << 20
needs_proc = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")


@pytest.fixture(scope="module")
def made() -> Generator[OwnServer]:
    directory = reachable_directory()
    with own_server(directory) as server:
        yield server


@pytest.fixture
async def scene(made: OwnServer, tmp_path: Path) -> AsyncGenerator[Lively]:
    if not made.runs:
        made.start()
    async with lively(tmp_path, made) as opened:
        yield opened


@asynccontextmanager
async def collecting(scene: Lively) -> "AsyncGenerator[subprocess.Popen[str]]":
    """It has stored something; in the end it is told to stop, has stored all and is silent."""
    process = scene.start()
    try:
        await until_more(scene, process, 500)
        yield process
        assert process.poll() is None
        await until(lambda: not scene.spooled)
        await until_more(scene, process, await scene.count())
    finally:
        ended = await asyncio.to_thread(stop, process, signal.SIGTERM)
    assert ended.code == 128 + signal.SIGTERM, ended.err
    assert "Traceback" not in ended.err


async def assert_nothing_missing(scene: Lively) -> None:
    for audit in (await scene.audit()).values():
        audit.assert_true()
        assert audit.gaps == []
        assert set(audit.stored) == set(audit.true)
        assert len(audit.stored) > 20


async def spool_more(scene: Lively) -> None:
    """Wait until much of what is received is in the spool."""
    enough = scene.spooled + SPOOLED
    await until(lambda: scene.spooled > enough)


async def test_stopped(scene: Lively) -> None:
    """As an administrator does, and started again."""
    async with collecting(scene):
        await asyncio.to_thread(scene.server.stop)
        await spool_more(scene)
        await asyncio.to_thread(scene.server.start)
    await assert_nothing_missing(scene)


async def test_killed(scene: Lively) -> None:
    """It recovers from its log when it starts."""
    async with collecting(scene):
        scene.server.kill()
        await spool_more(scene)
        async with asyncio.timeout(60):
            while not await asyncio.to_thread(started, scene.server):
                await asyncio.sleep(0.02)
    await assert_nothing_missing(scene)


def started(server: OwnServer) -> bool:
    """The processes of the killed one may take a moment to notice."""
    try:
        server.start()
    except AssertionError:
        return False
    return True


async def test_restarted(scene: Lively) -> None:
    """At once, twice."""
    async with collecting(scene):
        for _ in range(2):
            await asyncio.to_thread(scene.server.stop)
            await asyncio.to_thread(scene.server.start)
    await assert_nothing_missing(scene)


async def test_read_only(scene: Lively) -> None:
    """It became a standby: it answers, and refuses each write. That is no row's fault."""
    async with collecting(scene):
        await asyncio.to_thread(scene.server.follow, leader=False)
        await spool_more(scene)
        await asyncio.to_thread(scene.server.follow, leader=True)
    await assert_nothing_missing(scene)


async def test_out_of_connections(scene: Lively) -> None:
    """Others have them all, and ours were cut."""
    async with collecting(scene):
        await scene.ask(f"alter database {scene.database} connection limit 0")
        await scene.ask(
            "select pg_terminate_backend(pid) from pg_stat_activity where usename = $1",
            scene.database,
        )
        await spool_more(scene)
        await scene.ask(f"alter database {scene.database} connection limit -1")
    await assert_nothing_missing(scene)


SLOW = """
    create function slow() returns trigger language plpgsql as
        'begin perform pg_sleep({seconds}); return null; end';
    create trigger slow after insert or update on coverage execute function slow();
"""


async def test_slow(scene: Lively) -> None:
    """Each commit takes seconds: it is not waited for, and what comes meanwhile is merged."""
    seconds = 5 if LONG else 1.5
    async with collecting(scene) as process:
        connection = await scene.connect()
        await connection.execute(SLOW.format(seconds=seconds))
        await spool_more(scene)
        seen = await scene.count()
        await until_more(scene, process, seen)
        await connection.execute("drop trigger slow on coverage")
        await connection.close()
    await assert_nothing_missing(scene)


@needs_proc
@pytest.mark.timeout(600 if LONG else 120)
async def test_memory_is_bounded(scene: Lively) -> None:
    """What waits is on disk: the process grows by 64 MB at most, waiting and storing."""
    async with collecting(scene) as process:
        before = rss(process.pid)
        most = before

        def measured() -> bool:
            nonlocal most
            most = max(most, rss(process.pid))
            return True

        await asyncio.to_thread(scene.server.stop)
        if LONG:
            for _ in range(3000):
                await asyncio.sleep(0.1)
                measured()
        else:
            enough = 2 * SPOOLED
            await until(lambda: measured() and scene.spooled > enough)
        waited = scene.spooled
        await asyncio.to_thread(scene.server.start)
        await until(lambda: measured() and not scene.spooled)
    grown = (most - before) / (1 << 20)
    sys.stdout.write(f"{waited} bytes waited; {before >> 20} MB before, {grown:.1f} MB more\n")
    assert most - before <= MORE_BYTES
    await assert_nothing_missing(scene)


POLICIES = {"pause": "the spool takes nothing", "drop_oldest": "spool dropped its oldest"}
"""And what is said when the spool has no room."""


@pytest.mark.parametrize("policy", POLICIES)
async def test_a_full_disk(scene: Lively, policy: str) -> None:
    """By either policy each trade is stored or in a gap; what was dropped is an overflow."""
    spool = scene.program.directory / "spool"
    spool.mkdir()
    scene.program.environ["PERPS_STATS__STREAM__SPOOL_WHEN_FULL"] = policy
    with small_disk(spool, "256k"):
        async with collecting(scene) as process:
            await asyncio.to_thread(scene.server.stop)
            await hear(process, POLICIES[policy])
            await asyncio.to_thread(scene.server.start)
    for audit in (await scene.audit()).values():
        audit.assert_true()
    dropped = await scene.ask("select count(*) from gaps where cause = 'overflow'")
    assert (dropped[0][0] > 0) == (policy == "drop_oldest")


async def hear(process: "subprocess.Popen[str]", words: str) -> None:
    """Wait until it says so."""
    assert process.stderr is not None
    while words not in (line := await asyncio.to_thread(process.stderr.readline)):
        assert line, "it ended"
