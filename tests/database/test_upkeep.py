"""What is held, and what cleaning takes away."""

from datetime import timedelta
from pathlib import Path

import pytest
from msgspec import structs

from perps_stats.core.catalogue import DATA_SETS
from perps_stats.core.errors import DatabaseError
from perps_stats.core.traits import Mark, Query, Written
from perps_stats.database import upkeep
from perps_stats.database.repository import PostgresRepository, open_repository
from perps_stats.database.upkeep import Holding, Removed

from .samples import NOON, gap, market, trade

DAY = timedelta(days=1)


@pytest.fixture
async def held(repository: PostgresRepository) -> PostgresRepository:
    """A trade of two markets at noon of each of four days, and two gaps."""
    await repository.store_markets([market(), market(base="ETH")], simulated=True)
    await repository.store_trades(
        [
            trade(day, symbol, NOON + day * DAY)
            for day in range(4)
            for symbol in ("BTC", "ETH")
            if (day, symbol) != (3, "ETH")
        ]
    )
    await repository.store_gap(structs.replace(gap("over"), end_time=NOON))
    await repository.store_gap(gap("open"))
    return repository


async def test_stats_count_what_is_held(held: PostgresRepository) -> None:
    """Rows exactly, bytes, and from when to when, by table and by market."""
    stats = await held.stats()
    tables = {one.table: one for one in stats.tables}
    assert set(tables) == {one.table for one in DATA_SETS.values()}
    trades = tables["trades"]
    assert (trades.rows, trades.parts) == (7, 4)
    assert (trades.first_ts, trades.last_ts) == (NOON, NOON + 3 * DAY)
    assert trades.bytes_per_row == trades.bytes / 7
    assert stats.bytes > sum(one.bytes for one in stats.tables)
    empty = tables["tickers"]
    assert (empty.rows, empty.bytes_per_row, empty.first_ts) == (0, None, None)
    assert [one for one in stats.holdings if one.table == "trades"] == [
        Holding(
            table="trades",
            exchange="binance",
            symbol=symbol,
            rows=rows,
            first_ts=NOON,
            last_ts=NOON + (rows - 1) * DAY,
        )
        for symbol, rows in (("BTC", 4), ("ETH", 3))
    ]


async def test_stored_tables_speak_the_catalogue(held: PostgresRepository) -> None:
    """The same by the names of the data sets."""
    stored = {one.data_set: one for one in await held.get_stats()}
    assert set(stored) == set(DATA_SETS)
    assert (stored["trades"].rows, stored["trades"].exact) == (7, True)
    assert (stored["gaps"].rows, stored["gaps"].first) == (2, NOON)


async def test_clean_drops_what_is_older(held: PostgresRepository) -> None:
    """Whole days as parts, the rest by row; a dry run tells the same and takes nothing."""
    cut = NOON + 2 * DAY + timedelta(seconds=1)
    told = await held.clean(cut, dry=True)
    assert len(await held.get_trades(Query())) == 7
    done = await held.clean(cut)
    assert done == told
    trades = next(one for one in done if one.table == "trades")
    assert (trades.rows, trades.parts) == (6, 2)
    assert [one.timestamp for one in await held.get_trades(Query())] == [NOON + 3 * DAY]
    assert [one.stream for one in await held.get_gaps(Query())] == ["open"]
    assert Removed(table="gaps", rows=1) in done
    assert all(one.rows == 0 for one in await held.clean(cut))


async def test_writing_goes_on_after_a_clean(held: PostgresRepository) -> None:
    """A late row of a dropped day is kept like any other."""
    await held.clean(NOON + 30 * DAY)
    assert await held.store_trades([trade(1)]) == Written(new=1)


async def test_coverage_claims_only_what_is_left(held: PostgresRepository) -> None:
    """Marks are cut with the rows; those of a session that may have crashed stay."""
    session = await held.begin_session()
    number = (await held.store_markets([market()], simulated=True))["BTCUSDT"]
    marks = [Mark(number, "trades", NOON, NOON + 3 * DAY), Mark(number, "best", NOON, NOON + DAY)]
    await held.write({}, marks)
    cut = NOON + 2 * DAY
    await held.clean(cut)
    text = "select stream, first_ts, last_ts from coverage order by 1"
    kept = [tuple(row) for row in await held.link.fetch(text)]
    assert kept == [("best", NOON, NOON + DAY), ("trades", cut, NOON + 3 * DAY)]
    await held.end_session(session)
    await held.clean(cut)
    kept = [tuple(row) for row in await held.link.fetch(text)]
    assert kept == [("trades", cut, NOON + 3 * DAY)]


async def test_truncate_leaves_the_schema(held: PostgresRepository) -> None:
    """Markets and their origin go too, so that live data may follow simulated."""
    told = await held.truncate(dry=True)
    assert {one.table: one.rows for one in told if one.rows} == {
        "trades": 7,
        "gaps": 2,
        "markets": 2,
        "exchanges": 1,
    }
    assert len(await held.get_trades(Query())) == 7
    assert {one.table: one.rows for one in await held.truncate()} == {
        one.table: one.rows for one in told
    }
    assert await held.get_markets() == []
    ids = await held.store_markets([market()], simulated=False)
    assert min(ids.values()) > 2
    assert await held.store_trades([trade()]) == Written(new=1)


async def test_truncate_waits_for_no_collector(
    held: PostgresRepository, url: str, tmp_path: Path
) -> None:
    """While somebody collects nothing is taken from under him."""
    async with open_repository(url, tmp_path) as other:
        session = await other.begin_session()
        with pytest.raises(DatabaseError, match=f"session {session} is collecting"):
            await held.truncate()
    assert len(await held.get_trades(Query())) == 7


@pytest.mark.needs_real_server
async def test_a_part_in_use_is_waited_for(
    held: PostgresRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long read delays the drop; if it is too long the drop gives up, and works later."""
    monkeypatch.setattr(upkeep, "DROP_TRIES", 1)
    async with held.link.borrow() as reader:
        reading = reader.transaction()
        await reading.start()
        await reader.fetch("select from trades")
        with pytest.raises(DatabaseError, match="lock timeout"):
            await held.clean(NOON + 30 * DAY)
        await reading.rollback()
    assert sum(one.rows for one in await held.clean(NOON + 30 * DAY)) == 8
