"""Sessions: what lives, what ended, what died."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from perps_stats.core.errors import DatabaseError
from perps_stats.core.stored import Mark, Query
from perps_stats.core.types import GapCause
from perps_stats.database.repository import PostgresRepository, open_repository

from .samples import NOON, gap, market

SECOND = timedelta(seconds=1)


@pytest.fixture
async def other(url: str, tmp_path: Path) -> AsyncGenerator[PostgresRepository]:
    """Another process, as it were, on the same database."""
    async with open_repository(url, tmp_path) as opened:
        yield opened


async def begin(repository: PostgresRepository) -> int:
    """A session with a mark; returns the market's number."""
    ids = await repository.store_markets([market()], simulated=False)
    await repository.begin_session()
    await repository.write({}, [Mark(ids["BTCUSDT"], "trades", NOON, NOON + SECOND)])
    return ids["BTCUSDT"]


async def die(repository: PostgresRepository, other: PostgresRepository) -> None:
    """Without an end; the server has noticed it."""
    session = repository._sessions.current
    await repository.close()
    while session in {one for one, _ in await live(other)}:
        await asyncio.sleep(0.05)


async def drop_connections(repository: PostgresRepository) -> None:
    """As a server that restarts does; they are gone then."""
    async with repository.link.borrow() as connection:
        rows = await connection.fetch(
            "select pid, pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
        text, pids = "select from pg_stat_activity where pid = any($1)", [row[0] for row in rows]
        while await connection.fetch(text, pids):
            await asyncio.sleep(0.01)


@pytest.mark.needs_real_server
async def test_a_live_session_is_no_crash(
    repository: PostgresRepository, other: PostgresRepository
) -> None:
    """Neither in its own process nor in another."""
    await begin(repository)
    assert await other.list_crashes() == 0
    assert await repository.list_crashes() == 0


async def test_a_clean_end_is_no_crash(
    repository: PostgresRepository, other: PostgresRepository
) -> None:
    """A session that was ended leaves no gap."""
    await begin(repository)
    assert repository._sessions.current is not None
    await repository.end_session(repository._sessions.current)
    assert await other.list_crashes() == 0


async def test_a_session_without_an_end_is_a_crash(
    repository: PostgresRepository, other: PostgresRepository
) -> None:
    """A gap from its last mark, open, and listed once."""
    await begin(repository)
    await die(repository, other)
    assert await other.list_crashes() == 1
    assert await other.list_crashes() == 0
    (gap,) = await other.get_gaps(Query())
    assert (gap.cause, gap.stream, gap.start_time) == (GapCause.CRASH, "trades", NOON + SECOND)
    assert (gap.exchange, gap.symbol, gap.end_time) == ("binance", "BTC", None)


async def test_a_gap_that_ended_where_the_crash_began_goes_on(
    repository: PostgresRepository, other: PostgresRepository
) -> None:
    """It is open again, and counts as repaired no more: two cannot begin at one time."""
    await begin(repository)
    ended = replace(gap(at=NOON + SECOND), end_time=NOON + SECOND, repaired_at=NOON)
    await repository.store_gap(ended)
    await die(repository, other)
    assert await other.list_crashes() == 1
    (one,) = await other.get_gaps(Query())
    assert (one.start_time, one.end_time, one.repaired_at) == (NOON + SECOND, None, None)


@pytest.mark.needs_real_server
async def test_two_who_look_find_a_crash_once(
    repository: PostgresRepository, other: PostgresRepository, url: str, tmp_path: Path
) -> None:
    """Though they look at the same moment."""
    await begin(repository)
    await die(repository, other)
    async with open_repository(url, tmp_path) as third:
        assert sum(await asyncio.gather(other.list_crashes(), third.list_crashes())) == 1


@pytest.mark.needs_real_server
async def test_what_another_session_saw_is_no_gap(
    repository: PostgresRepository, other: PostgresRepository
) -> None:
    """Two collect the same stream and one dies: nothing was missed."""
    number = await begin(repository)
    await other.begin_session()
    await other.write({}, [Mark(number, "trades", NOON, NOON + 9 * SECOND)])
    await die(repository, other)
    assert await other.list_crashes() == 0


@pytest.mark.needs_real_server
async def test_a_session_survives_its_connection(
    repository: PostgresRepository, other: PostgresRepository
) -> None:
    """When the server was away the lock is taken again, and the session is no crash."""
    await begin(repository)
    ((session, holder),) = await live(other)
    await drop_connections(other)
    assert session == repository._sessions.current
    while [(one, by != holder) for one, by in await live(other)] != [(session, True)]:
        await asyncio.sleep(0.05)
    assert await other.list_crashes() == 0


@pytest.mark.needs_real_server
async def test_a_crash_told_too_early_is_withdrawn(
    repository: PostgresRepository, other: PostgresRepository
) -> None:
    """A session that writes again lives; when it dies in truth, that is told."""
    number = await begin(repository)
    assert repository._sessions._holder is not None
    repository._sessions._holder.cancel()  # it is too slow to take its lock again
    await drop_connections(other)
    while await live(other):
        await asyncio.sleep(0.05)
    assert await other.list_crashes() == 1
    await repository.write({}, [Mark(number, "trades", NOON, NOON + 2 * SECOND)])
    await die(repository, other)
    assert await other.list_crashes() == 1
    assert len(await other.get_gaps(Query())) == 2


async def live(repository: PostgresRepository) -> list[tuple[int, int]]:
    """The sessions whose lock is held, and by which process of the server."""
    text = "select objid::int, pid from pg_locks where locktype = 'advisory' and objsubid = 2"
    mine = " and database = (select oid from pg_database where datname = current_database())"
    return [(row[0], row[1]) for row in await repository.link.fetch(text + mine)]


async def test_one_session_at_a_time(repository: PostgresRepository) -> None:
    """A second begin, or the end of a session that is not open here, is a mistake."""
    first = await repository.begin_session()
    with pytest.raises(DatabaseError, match=f"session {first} is still open"):
        await repository.begin_session()
    with pytest.raises(DatabaseError, match="session 99 is not open here"):
        await repository.end_session(99)
    await repository.end_session(first)
    assert await repository.begin_session() > first
