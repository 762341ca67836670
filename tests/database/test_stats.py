"""What the database holds and costs: exact where it is small, estimated and told so where not."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from perps_stats.core.catalogue import DATA_SETS
from perps_stats.core.stored import Query
from perps_stats.database import facts, holdings, stats
from perps_stats.database.held import DatabaseStats, Holding
from perps_stats.database.link import Link
from perps_stats.database.repository import PostgresRepository
from perps_stats.database.statements import statement

from .samples import NOON, candle, gap, market, ticker, trade

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
NOW = NOON + 9 * DAY


@pytest.fixture
async def held(repository: PostgresRepository) -> PostgresRepository:
    """Tickers of BTC each hour of ten days up to now, of ETH of the last two; one contradicted."""
    await repository.store_markets([market(), market(base="ETH")], simulated=True)
    await repository.store_tickers([ticker(at=NOON + n * HOUR) for n in range(9 * 24 + 1)])
    await repository.store_tickers([ticker("ETH", at=NOW - n * HOUR) for n in range(49)])
    await repository.store_tickers([ticker(last="2")])
    await repository.store_gap(gap())
    return repository


async def ask(held: PostgresRepository, now: datetime = NOW) -> DatabaseStats:
    return await stats.stats(held.link, now=now, by_market=True)


async def test_small_tables_are_counted(held: PostgresRepository) -> None:
    """Rows exactly, bytes, parts, and from when to when; of an empty table nothing is known."""
    told = await ask(held)
    tables = {one.table: one for one in told.tables}
    assert set(tables) == {one.table for one in DATA_SETS.values()}
    tickers = tables["tickers"]
    assert (tickers.rows, tickers.rows_exact, tickers.parts) == (217 + 49, True, 10)
    assert (tickers.first_ts, tickers.last_ts) == (NOON, NOW)
    assert tickers.bytes_per_row == tickers.bytes / (217 + 49)
    assert tickers.contradictions == 1
    assert told.bytes > sum(one.bytes for one in told.tables)
    empty = tables["trades"]
    assert (empty.rows, empty.rows_exact, empty.contradictions) == (0, True, 0)
    nothing = (empty.bytes_per_row, empty.bytes_per_day, empty.rows_per_day, empty.first_ts)
    assert nothing == (None, None, None, None)


async def test_growth_is_that_of_the_last_week(held: PostgresRepository) -> None:
    """The bytes of the parts of these days, by the time that their rows span."""
    parts = await held.link.fetch(
        "select pg_total_relation_size(to_regclass(part)) from partitions"
        " where fact = 'tickers' and end_ts > $1",
        NOW - 7 * DAY,
    )
    told = await ask(held)
    tickers = next(one for one in told.tables if one.table == "tickers")
    # from the midnight of the day that holds noon seven days ago to noon: seven and a half days
    assert tickers.bytes_per_day == sum(row[0] for row in parts) / 7.5
    assert tickers.bytes_per_row is not None
    assert tickers.bytes_per_day is not None
    assert tickers.rows_per_day == pytest.approx(tickers.bytes_per_day / tickers.bytes_per_row)
    assert told.bytes_per_day == tickers.bytes_per_day


async def test_growth_of_less_than_a_day_is_not_known(repository: PostgresRepository) -> None:
    """It would be a guess; of what got no row for a week it is nought."""
    await repository.store_markets([market()], simulated=True)
    await repository.store_trades([trade(n, at=NOW + n * HOUR) for n in range(23)])
    await repository.store_tickers([ticker(at=NOON), ticker(at=NOON + DAY)])
    told = await ask(repository, NOW + DAY)
    growth = {one.table: one.bytes_per_day for one in told.tables if one.rows}
    assert growth == {"trades": None, "tickers": 0.0}


async def test_what_is_held_of_each_market(held: PostgresRepository) -> None:
    """Its rows, its share of the bytes, and what a day adds of the last week."""
    told = await ask(held)
    tickers = next(one for one in told.tables if one.table == "tickers")
    assert tickers.bytes_per_row is not None
    btc, eth = [one for one in told.holdings if one.table == "tickers"]
    assert btc == Holding(
        table="tickers",
        exchange="binance",
        symbol="BTC",
        rows=217,
        rows_exact=True,
        bytes=round(217 * tickers.bytes_per_row),
        bytes_per_row=tickers.bytes_per_row,
        rows_per_day=(7 * 24 + 1) / 7,
        bytes_per_day=(7 * 24 + 1) / 7 * tickers.bytes_per_row,
        first_ts=NOON,
        last_ts=NOW,
        contradictions=1,
    )
    assert (eth.symbol, eth.rows, eth.rows_per_day, eth.contradictions) == ("ETH", 49, 49 / 2, 0)
    assert (await stats.stats(held.link, now=NOW)).holdings == []


async def test_candles_of_all_intervals_are_one_holding(held: PostgresRepository) -> None:
    """From the first of any to the last of any."""
    await held.store_klines([candle(NOON + DAY, "1m"), candle(NOON, "1h"), candle(NOON, "1d")])
    told = await ask(held)
    (klines,) = [one for one in told.holdings if one.table == "klines"]
    assert (klines.symbol, klines.rows) == ("BTC", 3)
    assert (klines.first_ts, klines.last_ts) == (NOON, NOON + DAY)


async def test_large_tables_are_estimated(
    held: PostgresRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the planner's figures, and markets by a part that stands for its neighbours."""
    await held.link.fetch("analyze tickers")
    monkeypatch.setattr(facts, "COUNTED_BYTES", 0)
    monkeypatch.setattr(holdings, "SAMPLED_BYTES", 0)
    monkeypatch.setattr(holdings, "WHOLE", 0)
    told = await ask(held)
    tickers = next(one for one in told.tables if one.table == "tickers")
    assert (tickers.rows, tickers.rows_exact) == (217 + 49, False)
    found = [one for one in told.holdings if one.table == "tickers"]
    # the part in the middle holds BTC alone
    assert [(one.symbol, one.rows, one.rows_exact) for one in found] == [
        ("BTC", 217 + 49, False),
        ("ETH", 1, False),
    ]


async def test_several_parts_tell_more(
    held: PostgresRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If every part may be read the markets are as they are, and what comes is as the newest."""
    await held.link.fetch("analyze tickers")
    monkeypatch.setattr(facts, "COUNTED_BYTES", 0)
    told = await ask(held)
    btc, eth = [one for one in told.holdings if one.table == "tickers"]
    assert (btc.rows, eth.rows) == (217, 49)
    assert (btc.rows_exact, eth.rows_exact) == (False, False)
    assert btc.rows_per_day == eth.rows_per_day
    tickers = next(one for one in told.tables if one.table == "tickers")
    assert btc.rows_per_day == pytest.approx((tickers.rows_per_day or 0) / 2)


@pytest.mark.needs_real_server
async def test_a_part_that_changed_is_counted_anew(
    held: PostgresRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest, while a table is too large to be counted whole."""
    await held.link.fetch("analyze tickers")
    await held.store_tickers([ticker(at=NOW + n * HOUR) for n in range(1, 12)])
    while not (newest := (await held.link.fetch(statement("parts"), "tickers"))[0])["changed"]:
        await held.link.fetch("select pg_stat_clear_snapshot(), pg_stat_force_next_flush()")
    monkeypatch.setattr(facts, "COUNTED_BYTES", newest["bytes"])
    told = await ask(held)
    tickers = next(one for one in told.tables if one.table == "tickers")
    assert (tickers.rows, tickers.rows_exact) == (217 + 49 + 11, False)


def test_parts_that_nobody_looked_at_are_as_dense_as_others() -> None:
    """Their rows are in proportion to their bytes."""
    assert facts.filled([10, None, 20], [1000, 3000, 500]) == [10, 60, 20]


async def test_the_disk_of_our_own_server_is_known(
    held: PostgresRepository, url: str, directory: Path
) -> None:
    """How long it lasts follows from its growth; of a server elsewhere it is not known."""
    assert ((await ask(held)).free_bytes, (await ask(held)).days_until_full) == (None, None)
    link = Link(url, directory=directory)
    await link.open()
    told = await stats.stats(link, now=NOW)
    await link.close()
    assert told.free_bytes is not None
    assert told.days_until_full == told.free_bytes / told.bytes_per_day


async def test_stored_tables_speak_the_catalogue(held: PostgresRepository) -> None:
    """The same by the names of the data sets."""
    stored = {one.data_set: one for one in await held.get_stats()}
    assert set(stored) == set(DATA_SETS)
    assert (stored["tickers"].rows, stored["tickers"].exact) == (217 + 49, True)
    assert (stored["gaps"].rows, stored["gaps"].first) == (1, NOON)
    assert len(await held.get_gaps(Query())) == 1
