"""``kill -9`` under load: what was acknowledged is there, and what was not lies in a gap.

Five kills; 200 with ``PERPS_STATS_LONG=1``. At every third the database is stuck, so that what is
acknowledged lies in the spool.
"""

import asyncio
import os
import random
import signal
import sys
import time
from bisect import bisect_right
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.cli.own_server import own_server
from tests.cli.program import stop
from tests.engines import reachable_directory

from .lively import SYMBOLS, Lively, lively, until, until_more

LONG = "PERPS_STATS_LONG" in os.environ
KILLS = 200 if LONG else 5
SEED = 20261127
MOST_MS = 250
"""Of data at risk, in 99 of 100 kills."""
LATELY = timedelta(minutes=2)
"""Longer than it takes to kill one: what the table holds of it."""
SESSIONS = "select count(*) from sessions"
NEWEST = "select market_id, id from trades where ts > $1"
MARKS = """
    select (select count(*) from sessions s where s.session_id < c.session_id) as number,
        (extract(epoch from last_ts) * 1000)::bigint as mark
    from coverage c join markets using (market_id) where native = $1 and stream = 'trades'
"""
UNLISTED = """
    select session_id, market_id, stream from coverage c join sessions s using (session_id)
    where s.ended_at is null and not exists (
        select from gaps g where g.market_id = c.market_id and g.stream = c.stream
            and g.ts <= c.last_ts and coalesce(g.end_time >= c.last_ts, true)
    )
"""


@pytest.mark.timeout(3600 if LONG else 120)
async def test_killed_at_any_moment(tmp_path: Path) -> None:
    """No row that could be seen is lost, none is there twice; each trade is stored or in a gap."""
    moments = random.Random(SEED)  # noqa: S311 reproducible
    directory = reachable_directory()
    killed: list[int] = []
    with own_server(directory) as server:
        async with lively(tmp_path, server) as scene:
            for number in range(KILLS):
                stuck = number % 3 == 2
                killed.append(await kill(scene, number, moments.uniform(0, 1.5), stuck=stuck))
            await collect_to_the_end(scene)
            for audit in (await scene.audit()).values():
                audit.assert_true()
            assert await scene.ask(UNLISTED) == []
            assert (await scene.ask(SESSIONS))[0][0] == KILLS + 1
            lost = await losses(scene, killed)
    sys.stdout.write(f"{KILLS} kills; ms at risk: {told(lost)}\n")
    if LONG:
        assert lost[KILLS * 99 // 100 - 1] <= MOST_MS


async def kill(scene: Lively, number: int, after: float, *, stuck: bool) -> int:
    """When, in ms of the exchange's clock. What was visible before is visible after."""
    process = scene.start()
    await until_more(scene, process, await scene.count())
    await until_session(scene, number)  # what was seen may be what the one before had left
    await until_more(scene, process, await scene.count())
    async with sticking(scene) if stuck else going():
        if stuck:
            await until(lambda: scene.spooled)
        await asyncio.sleep(after)
        lately = datetime.now(UTC) - LATELY
        before = set(await scene.ask(NEWEST, lately))
        now = time.time_ns() // 1_000_000
        process.kill()
        await asyncio.to_thread(process.communicate)
    assert process.returncode == -signal.SIGKILL
    assert before
    assert before <= set(await scene.ask(NEWEST, lately))
    return now


async def until_session(scene: Lively, before: int) -> None:
    """A session has begun after so many."""
    async with asyncio.timeout(60):
        while (await scene.ask(SESSIONS))[0][0] <= before:
            await asyncio.sleep(0.05)


@asynccontextmanager
async def going() -> AsyncGenerator[None]:
    yield


@asynccontextmanager
async def sticking(scene: Lively) -> AsyncGenerator[None]:
    """Nobody can write a trade meanwhile."""
    connection = await scene.connect()
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute("lock table trades in exclusive mode")
    try:
        yield
    finally:
        await transaction.rollback()
        await connection.close()


async def collect_to_the_end(scene: Lively) -> None:
    """Until it has heard of everything, and is told to stop."""
    process = scene.start()
    try:
        await until_more(scene, process, await scene.count() + 100)
    finally:
        ended = await asyncio.to_thread(stop, process, signal.SIGTERM)
    assert ended.code == 128 + signal.SIGTERM, ended.err


async def losses(scene: Lively, killed: Sequence[int]) -> list[int]:
    """For each kill how old the oldest trade was that had happened and was not acknowledged, in ms;
    the least first.
    """
    worst = [0] * len(killed)
    for native in (f"{symbol}USDT" for symbol in SYMBOLS):
        marks = {row["number"]: row["mark"] for row in await scene.ask(MARKS, native)}
        times = [one[1] for one in scene.told_since(native, min(marks.values()))]
        for number, end in enumerate(killed):
            first = bisect_right(times, marks.get(number, end))
            if first < len(times) and times[first] <= end:
                worst[number] = max(worst[number], end - times[first])
    return sorted(worst)


def told(lost: Sequence[int]) -> str:
    return f"median {lost[len(lost) // 2]}, p99 {lost[len(lost) * 99 // 100 - 1]}, most {lost[-1]}"
