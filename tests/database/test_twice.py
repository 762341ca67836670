"""Writing twice is harmless: in any order, from two processes at once, for every data set."""

import asyncio
import subprocess
import sys
from collections.abc import Generator
from datetime import timedelta
from pathlib import Path
from typing import TypeAlias

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct, structs

from perps_stats.core.catalogue import DATA_SETS, DataSet
from perps_stats.core.stored import Query, Row, Written
from perps_stats.database import pages
from perps_stats.database.repository import PostgresRepository, open_repository
from perps_stats.database.rows import to_row

from .samples import NOON, RECORDS, market

Batch: TypeAlias = dict[str, list[Row]]
SECONDS = 8
OTHER = Path(__file__).with_name("again.py")


class Process:
    """Another writer, as ``again.py`` is one."""

    def __init__(self, url: str) -> None:
        self._popen = subprocess.Popen(
            [sys.executable, str(OTHER), url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._hear() == "open"

    def write(self, batches: list[Batch]) -> Written:
        assert self._popen.stdin is not None
        self._popen.stdin.write(msgspec.json.encode(batches).decode() + "\n")
        self._popen.stdin.flush()
        return msgspec.json.decode(self._hear(), type=Written)

    def close(self) -> None:
        self._popen.communicate(timeout=60)

    def _hear(self) -> str:
        assert self._popen.stdout is not None
        return self._popen.stdout.readline().strip()


@pytest.fixture
def impatient_url(url: str) -> str:
    """Deadlocks are found at once."""
    return f"{url}&deadlock_timeout=10ms"


@pytest.fixture
def other(impatient_url: str) -> Generator[Process]:
    process = Process(impatient_url)
    yield process
    process.close()


def records(data_set: DataSet) -> list[Struct]:
    """Of each kind that the samples have, one in each of some seconds."""
    samples = next(some for one, some in RECORDS if one is data_set)
    kinds = {tuple(getattr(one, field) for field in data_set.key[1:]): one for one in samples}
    return [
        structs.replace(one, **{data_set.time: NOON + timedelta(seconds=second)})
        for second in range(SECONDS)
        for one in kinds.values()
    ]


def batches(market_id: int) -> list[Batch]:
    """Each holds rows of every data set, half of which are in the next one too."""
    rows = {
        name: [to_row(one, record, market_id) for record in records(one)]
        for name, one in DATA_SETS.items()
    }
    parts = range(0, SECONDS, 2)
    return [
        {
            name: some[part * len(some) // SECONDS :][: len(some) * 4 // SECONDS]
            for name, some in rows.items()
        }
        for part in parts
    ]


def turned(batch: Batch) -> Batch:
    return {name: rows[::-1] for name, rows in batch.items()}


def orders() -> st.SearchStrategy[list[tuple[int, bool]]]:
    """Every batch forwards and backwards, in any order."""
    return st.permutations([(n, back) for n in range(SECONDS // 2) for back in (False, True)])


def ordered(order: list[tuple[int, bool]], market_id: int) -> list[Batch]:
    made = batches(market_id)
    return [turned(made[n]) if back else made[n] for n, back in order]


async def write_all(repository: PostgresRepository, todo: list[Batch]) -> Written:
    total = Written()
    for batch in todo:
        total += await repository.write(batch, ())
    return total


async def stored(repository: PostgresRepository, data_set: DataSet) -> list[Struct]:
    return await pages.page(repository.link, data_set, Query(limit=1000))


@pytest.mark.needs_real_server
@settings(
    max_examples=10,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(ours=orders(), theirs=orders())
async def test_two_processes_at_once_keep_each_row_once(
    impatient_url: str,
    tmp_path: Path,
    other: Process,
    ours: list[tuple[int, bool]],
    theirs: list[tuple[int, bool]],
) -> None:
    """Whatever the order of the batches, and of the rows in them: nothing lost, doubled or told."""
    async with open_repository(impatient_url, tmp_path) as repository:
        await repository.truncate()
        number = (await repository.store_markets([market()], simulated=False))["BTCUSDT"]
        done = await asyncio.gather(
            write_all(repository, ordered(ours, number)),
            asyncio.to_thread(other.write, ordered(theirs, number)),
        )
        count = 0
        for one in DATA_SETS.values():
            expected = records(one)
            found = await stored(repository, one)
            assert len(found) == len(expected)
            assert all(record in found for record in expected)
            count += len(expected)
        assert sum(written.new for written in done) == count
        assert sum(written.contradicting for written in done) == 0
