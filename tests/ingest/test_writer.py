"""The writer: acknowledged in time whatever the database does, and every row of it stored."""

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace

from perps_stats.core.errors import ConfigError, DatabaseError
from perps_stats.core.types import Gap, GapCause
from perps_stats.database.repository import PostgresRepository
from perps_stats.ingest.writer import FULL_ROWS

from .writing import ALL, NOON, SECOND, at_work, running, until


async def test_a_row_that_the_database_refuses_is_told_and_the_others_kept(
    repository: PostgresRepository, tmp_path: Path
) -> None:
    """A price that is no number, in the middle of a batch; the marks come with the others."""
    async with at_work(repository, tmp_path) as work:
        session = await work.begin()
        work.trade(37)
        work.trade(1, "x")
        work.trade(62)
        await work.end()
        assert await work.stored() == [*range(37), *range(38, 100)]
        assert work.writer.counts["refused"] == 1
        stored = await work.database.get_session(session)
        assert stored is not None
        assert [mark.last_ts for mark in stored.marks] == [NOON + 99 * SECOND]


async def test_a_slow_database_is_not_waited_for(
    repository: PostgresRepository, tmp_path: Path
) -> None:
    """All is acknowledged while it takes nothing; when it does, it is stored in order, once."""
    async with at_work(repository, tmp_path) as work:
        work.database.willing.clear()
        async with running(work):
            await work.spool(5, rows=10)
            assert work.writer.waiting == 0
            assert await work.stored() == []
            work.database.willing.set()
        assert await work.stored() == list(range(50))
        assert work.writer.spool.records == work.writer.spool.bytes == 0
        assert work.writer.counts["new"] == 50


async def test_a_database_that_is_away_is_tried_again(
    repository: PostgresRepository, tmp_path: Path
) -> None:
    """Meanwhile the reason is known."""
    async with at_work(repository, tmp_path) as work:
        work.database.failures = 2
        async with running(work):
            work.trade()
            await until(lambda: work.writer.last_error == "it is restarting")
            await until(lambda: work.writer.last_error is None)
        assert (work.writer.counts["new"], work.writer.waiting) == (1, 0)


async def test_the_spool_is_stored_in_big_transactions(
    repository: PostgresRepository, tmp_path: Path
) -> None:
    """Twenty records become one: it keeps up with far more than arrives."""
    async with at_work(repository, tmp_path) as work:
        work.database.willing.clear()
        async with running(work):
            await work.spool(21)
            work.database.willing.set()
        assert max(work.database.sizes) >= 20
        assert await work.stored() == list(range(21))


async def test_what_is_spooled_is_stored_by_the_next(
    repository: PostgresRepository, tmp_path: Path
) -> None:
    """Under the session that collected it: the gap of its crash begins at the last record."""
    async with at_work(repository, tmp_path) as work:
        work.database.failures = 1000
        session = await work.begin()
        work.trade(3)
        with pytest.raises(DatabaseError, match="restarting; 1 records wait in the spool"):
            await work.end()
        await work.database._sessions.leave()
    async with at_work(repository, tmp_path) as work:
        await work.writer.replay(asyncio.Event())
        assert await work.stored() == [0, 1, 2]
        stored = await work.database.get_session(session)
        assert stored is not None
        assert [mark.last_ts for mark in stored.marks] == [NOON + 2 * SECOND]
        assert await repository.list_crashes() == 1
        (gap,) = await repository.get_gaps(ALL)
        assert (gap.cause, gap.start_time) == (GapCause.CRASH, NOON + 2 * SECOND)


async def test_rows_of_another_database_are_not_mixed(
    repository: PostgresRepository, tmp_path: Path
) -> None:
    """Numbers of markets mean something else there; the spool stays as it is."""
    async with at_work(repository, tmp_path) as work:
        work.database.failures = 1000
        session = await work.begin()
        work.trade()
        with pytest.raises(DatabaseError):
            await work.end()
    await repository.link.fetch(
        "update sessions set started_at = started_at + interval '1 s' where session_id = $1",
        session,
    )
    async with at_work(repository, tmp_path) as work:
        with pytest.raises(ConfigError, match="another database"):
            await work.writer.replay(asyncio.Event())
        assert work.writer.spool.records == 1


async def test_a_refused_row_does_not_block_the_spool(
    repository: PostgresRepository, tmp_path: Path
) -> None:
    """It is told, and the others of the spool are stored."""
    async with at_work(repository, tmp_path) as work:
        work.database.willing.clear()
        async with running(work):
            await work.spool(2)
            work.trade(1, "x")
            await until(lambda: work.writer.spool.records == 3)
            await work.spool(2)
            work.database.willing.set()
        assert await work.stored() == [0, 1, 3, 4]
        assert work.writer.counts["refused"] == 1


async def test_a_gap_is_there_before_the_mark_that_passes_it(
    repository: PostgresRepository, tmp_path: Path
) -> None:
    """Both come in one transaction: as long as that fails there is neither."""
    async with at_work(repository, tmp_path) as work:
        work.database.failures = 1000
        async with running(work):
            work.trade(2)
            work.writer.keep_gap(a_gap())
            await until(lambda: work.writer.last_error is not None)
            assert await repository.get_gaps(ALL) == []
            assert await work.stored() == []
            work.database.failures = 0
        (gap,) = await repository.get_gaps(ALL)
        assert (gap.start_time, gap.end_time) == (NOON, NOON + SECOND)


def a_gap() -> Gap:
    return Gap(
        exchange="binance",
        symbol="BTC",
        stream="trades",
        start_time=NOON,
        end_time=NOON + SECOND,
        cause=GapCause.DISCONNECT,
        detected_at=NOON,
    )


async def test_a_gap_of_a_market_nobody_knows_blocks_nothing(
    repository: PostgresRepository, tmp_path: Path
) -> None:
    """It is told as refused."""
    async with at_work(repository, tmp_path) as work:
        await work.begin()
        work.trade()
        work.writer.keep_gap(replace(a_gap(), symbol="NONE"))
        await work.end()
        assert await work.stored() == [0]
        assert work.writer.counts["refused"] == 1


async def test_too_much_waiting_stops_the_reading(
    repository: PostgresRepository, tmp_path: Path
) -> None:
    """And it begins again when there is room."""
    async with at_work(repository, tmp_path) as work:
        told: list[str] = []
        work.writer.on_full = lambda: told.append("full")
        work.writer.on_room = lambda: told.append("room")
        await work.begin()
        work.trade(FULL_ROWS + 5)
        assert told == ["full"]
        await work.end()
        assert told == ["full", "room"]
        assert work.writer.counts["new"] == FULL_ROWS + 5


async def test_a_full_spool_stops_the_reading(
    repository: PostgresRepository, tmp_path: Path
) -> None:
    """Rows then wait in memory; with the database back all are stored, and reading goes on."""
    async with at_work(repository, tmp_path, max_bytes=2000) as work:
        told: list[str] = []
        work.writer.on_full = lambda: told.append("full")
        work.writer.on_room = lambda: told.append("room")
        work.database.willing.clear()
        async with running(work):
            while not told:
                work.trade()
                await asyncio.sleep(0.01)
            assert work.writer.waiting > 0
            assert 0 < work.writer.spool.bytes <= 2000
            work.database.willing.set()
            await until(lambda: told == ["full", "room"])
        assert await work.stored() == list(range(len(await work.stored())))
        assert work.writer.counts["dropped"] == 0


async def test_what_is_dropped_is_a_gap(repository: PostgresRepository, tmp_path: Path) -> None:
    """By the policy that drops: each trade is stored, or lies in an overflow gap that counts it.

    What was under way when it was dropped may be stored all the same.
    """
    async with at_work(
        repository, tmp_path, max_bytes=4000, drops_oldest=True, segment_bytes=1000
    ) as work:
        async with running(work):
            work.trade()
            await until(lambda: work.writer.counts["rows"] == 1)
            work.database.willing.clear()
            while work.writer.counts["dropped"] < 6:
                await work.spool(1)
            work.database.willing.set()
        stored, gaps = await work.stored(), await repository.get_gaps(ALL)
        assert {gap.cause for gap in gaps} == {GapCause.OVERFLOW}
        lost = set(range(work.traded)) - set(stored)
        assert all(any(within(number, gap) for gap in gaps) for number in lost)
        told = sum(int((gap.detail or "").split()[0]) for gap in gaps)
        assert 3 <= len(lost) <= work.writer.counts["dropped"] == told


async def test_a_damaged_record_is_a_gap(repository: PostgresRepository, tmp_path: Path) -> None:
    """From where the record before it ends to where the next one begins: one trade."""
    async with at_work(repository, tmp_path) as work:
        work.database.willing.clear()
        async with running(work):
            await work.spool(5)
            segment = work.writer.spool._segments[0]
            with (tmp_path / f"{segment.number:012d}.spool").open("r+b") as file:
                file.seek(segment.places[2].end - 20)
                file.write(b"\0")
            work.database.willing.set()
        assert await work.stored() == [0, 1, 3, 4]
        (gap,) = await repository.get_gaps(ALL)
        assert (gap.cause, gap.stream) == (GapCause.CRASH, "trades")
        assert (gap.start_time, gap.end_time) == (NOON + SECOND, NOON + 2 * SECOND)


def within(number: int, gap: Gap) -> bool:
    end = gap.end_time
    return end is not None and gap.start_time < NOON + number * SECOND <= end
