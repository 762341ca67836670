"""Maintenance: parts ahead, what is expired dropped and no longer claimed, on either engine."""

from datetime import UTC, datetime, timedelta

import pytest

from perps_stats.core.catalogue import DATA_SETS
from perps_stats.core.stored import Mark, Query
from perps_stats.database.maintenance import maintain
from perps_stats.database.repository import PostgresRepository
from perps_stats.database.rollups import is_timescale
from perps_stats.settings import RetentionSettings

from .samples import market, ticker, trade
from .timescale_jobs import run_jobs

DAY = timedelta(days=1)
NOW = datetime.now(UTC)  # TimescaleDB goes by the clock
YEAR_AGO = NOW - 365 * DAY
AGO = [NOW - days * DAY for days in range(10)]


async def expire(repository: PostgresRepository, retention: RetentionSettings) -> None:
    """The program's maintenance, and between two of them TimescaleDB's own."""
    await maintain(repository.link, retention, 7, now=NOW)
    if await is_timescale(repository.link):
        await run_jobs(repository.link, "policy_retention")
        await maintain(repository.link, retention, 7, now=NOW)


@pytest.fixture
async def held(repository: PostgresRepository) -> PostgresRepository:
    """A trade and a ticker of each of ten days, all vouched for, a year filled back."""
    ids = await repository.store_markets([market()], simulated=True)
    await repository.store_trades([trade(days, at=at) for days, at in enumerate(AGO)])
    await repository.store_tickers([ticker(at=at) for at in AGO])
    session = await repository.begin_session()
    streams = ("trades", "day")
    await repository.write({}, [Mark(ids["BTCUSDT"], one, AGO[-1], NOW) for one in streams])
    await repository.end_session(session)
    await repository.link.fetch(
        "insert into backfill_progress (market_id, data_set, covered)"
        " select $1, name, tstzmultirange(tstzrange($2, $3))"
        " from unnest(array['trades', 'klines']) name",
        ids["BTCUSDT"],
        YEAR_AGO,
        NOW,
    )
    return repository


async def claims(repository: PostgresRepository) -> dict[str, datetime]:
    """From when on each stream is vouched for, and each data set filled back."""
    rows = await repository.link.fetch(
        "select stream, first_ts from coverage"
        " union all select 'filled ' || data_set, lower(covered) from backfill_progress"
    )
    return {row[0]: row[1] for row in rows}


async def test_parts_are_made_ahead(repository: PostgresRepository) -> None:
    """Of a day: today's and two more; of a month: this one's and two more. TimescaleDB makes
    them when rows come.
    """
    await maintain(
        repository.link, RetentionSettings(), 7, now=datetime(2026, 3, 11, 23, tzinfo=UTC)
    )
    rows = await repository.link.fetch(
        "select fact, min(first_ts), max(end_ts) from partitions group by 1"
    )
    made = {row[0]: (f"{row[1]:%m-%d}", f"{row[2]:%m-%d}") for row in rows}
    if not await is_timescale(repository.link):
        assert made["trades"] == ("03-11", "03-14")
        assert made["klines"] == ("03-01", "06-01")
        assert set(made) == {one.table for one in DATA_SETS.values()} - {"gaps"}
    assert bool(made) != await is_timescale(repository.link)


async def test_nothing_expires_unasked(held: PostgresRepository) -> None:
    """By default every row and every claim is kept."""
    before = await claims(held)
    await expire(held, RetentionSettings())
    assert len(await held.get_trades(Query())) == 10
    assert await claims(held) == before
    assert before["filled trades"] == YEAR_AGO


async def test_what_is_expired_is_dropped_and_not_claimed(held: PostgresRepository) -> None:
    """By whole days: the day that holds the limit is kept. What the other data sets hold stays, and
    so do their claims.
    """
    await expire(held, RetentionSettings(trades=4))
    assert [one.timestamp for one in await held.get_trades(Query())] == AGO[4::-1]
    assert len(await held.get_tickers(Query())) == 10
    first = AGO[4].replace(hour=0, minute=0, second=0, microsecond=0)
    assert await claims(held) == {
        "trades": first,
        "day": AGO[-1],
        "filled trades": first,
        "filled klines": YEAR_AGO,
    }


async def test_hours_outlive_their_rows(held: PostgresRepository) -> None:
    """Tickers of four days live on in their hours; late rows from before change nothing. Hours
    of seven days: the one that holds the limit is kept.
    """
    await maintain(held.link, RetentionSettings(), 7, now=NOW + DAY)
    if await is_timescale(held.link):
        await run_jobs(held.link, "policy_refresh_continuous_aggregate")
    await expire(held, RetentionSettings(tickers=4))
    assert len(await held.get_tickers(Query())) == 5
    hours = "select ts, samples from tickers_1h order by ts"
    whole = [tuple(row) for row in await held.link.fetch(hours)]
    starts = [at.replace(minute=0, second=0, microsecond=0) for at in reversed(AGO)]
    assert whole == [(start, 1) for start in starts]
    await held.store_tickers([ticker(at=AGO[8] + timedelta(microseconds=1))])
    await expire(held, RetentionSettings(tickers=4))
    if await is_timescale(held.link):
        await run_jobs(held.link, "policy_refresh_continuous_aggregate")
    assert [tuple(row) for row in await held.link.fetch(hours)] == whole
    if not await is_timescale(held.link):
        await maintain(held.link, RetentionSettings(hourly=7), 7, now=NOW)
        assert [tuple(row) for row in await held.link.fetch(hours)] == whole[2:]
