"""What cleaning takes away, and what it leaves."""

from datetime import timedelta
from pathlib import Path

import pytest
from msgspec import structs

from perps_stats.core.errors import BadInput, DatabaseError
from perps_stats.core.spans import Span
from perps_stats.core.stored import Filled, Mark, Query, Written
from perps_stats.database import upkeep
from perps_stats.database.repository import PostgresRepository, open_repository
from perps_stats.database.upkeep import Removed

from .samples import NOON, gap, market, ticker, trade

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


async def test_clean_of_some_data_sets(held: PostgresRepository) -> None:
    """The others stay, and so does what was heard of a stream while one of its tables is kept."""
    number = (await held.store_markets([market()], simulated=True))["BTCUSDT"]
    await held.store_tickers([ticker(at=NOON), ticker(at=NOON + DAY)])
    session = await held.begin_session()
    streams = ("trades", "best", "orderbook")
    await held.write({}, [Mark(number, stream, NOON, NOON) for stream in streams])
    await held.end_session(session)
    done = await held.clean(NOON + 2 * DAY, ["tickers", "orderbooks"])
    assert [(one.table, one.rows) for one in done if one.rows] == [("tickers", 2)]
    assert len(await held.get_trades(Query())) == 7
    assert await held.get_tickers(Query()) == []
    kept = await held.link.fetch("select stream from coverage order by 1")
    assert [row[0] for row in kept] == ["orderbook", "trades"]
    with pytest.raises(BadInput, match=r"tradez.*trades"):
        await held.clean(NOON, ["tradez"])


async def test_what_is_cleaned_no_longer_counts_as_filled(held: PostgresRepository) -> None:
    """Of the data sets that were cleaned: the answered span begins at the cut."""
    number = (await held.store_markets([market()], simulated=True))["BTCUSDT"]
    span = Span(NOON, NOON + 4 * DAY)
    both = [Filled(number, name, "", span) for name in ("trades", "funding_rates")]
    await held.write({}, filled=both)
    await held.clean(NOON + DAY, ["trades"])
    covered = {one.data_set: one.covered for one in await held.get_progress([number])}
    assert covered == {"trades": [Span(NOON + DAY, NOON + 4 * DAY)], "funding_rates": [span]}


async def test_contradictions_go_with_what_they_contradict(held: PostgresRepository) -> None:
    """By data set and time."""
    for at in (NOON, NOON + 2 * DAY):
        await held.store_tickers([ticker(at=at), ticker(at=at, last="2")])
    await held.clean(NOON + DAY, ["trades"])
    assert len(await held.get_contradictions()) == 2
    await held.clean(NOON + DAY)
    assert [one.ts for one in await held.get_contradictions()] == [NOON + 2 * DAY]


async def test_vacuum_tells_of_each_table(held: PostgresRepository) -> None:
    """Each of the program's; what was deleted at the end of one is given back."""
    await held.store_trades([trade(number) for number in range(5000)])
    await held.link.fetch("delete from trades")
    done = {one.table: one async for one in held.vacuum()}
    assert {"trades", "gaps", "contradictions", "backfill_progress", "rollups"} <= set(done)
    assert done["trades"].bytes_after < done["trades"].bytes_before


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
