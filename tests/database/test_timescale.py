"""What TimescaleDB does by itself, asserted from its own catalogue."""

from datetime import UTC, datetime, timedelta

import pytest

from perps_stats.core.stored import Query, Written
from perps_stats.database.link import Link
from perps_stats.database.maintenance import maintain
from perps_stats.database.repository import PostgresRepository
from perps_stats.settings import RetentionSettings

from .samples import NOON, market, trade
from .timescale_jobs import run_jobs

pytestmark = pytest.mark.needs_timescale
DAYS = {
    "tickers",
    "trades",
    "orderbooks",
    "liquidity_depth",
    "liquidity_averages",
    "slippage",
}
MONTHS = {"funding_rates", "open_interest", "klines", "liquidations"}
ROLLUPS = {"tickers_1h", "liquidity_1h", "klines_1h"}
POLICIES = """
select job_id, hypertable_name::text, proc_name::text,
    coalesce(config ->> 'drop_after', config ->> 'compress_after', config ->> 'start_offset')
from timescaledb_information.jobs where hypertable_name is not null
"""
SIZES = """
select before_compression_total_bytes, after_compression_total_bytes
from chunk_columnstore_stats('trades') where compression_status = 'Compressed'
"""
SECOND = timedelta(seconds=1)


async def policies(link: Link) -> dict[tuple[str, str], str | None]:
    return {(row[1], row[2]): row[3] for row in await link.fetch(POLICIES)}


async def test_facts_are_hypertables(link: Link) -> None:
    """Cut by ts, with the key as their only index but that of settled rates."""
    rows = await link.fetch(
        "select hypertable_name::text, time_interval from timescaledb_information.dimensions"
        " where column_name = 'ts' and hypertable_schema = 'public'"
    )
    day = timedelta(days=1)
    expected = {**dict.fromkeys(DAYS, day), **dict.fromkeys(MONTHS, 30 * day)}
    assert {row[0]: row[1] for row in rows} == expected
    rows = await link.fetch(
        "select indexname from pg_indexes where tablename = any($1)", list(expected)
    )
    keys = {f"{table}_pkey" for table in expected}
    assert {row[0] for row in rows} == {*keys, "settled_funding_rates"}


async def test_rollups_are_continuous_aggregates(link: Link) -> None:
    """In real time: what is not stored yet is computed."""
    rows = await link.fetch(
        "select view_name::text, materialized_only"
        " from timescaledb_information.continuous_aggregates"
    )
    assert {row[0]: row[1] for row in rows} == dict.fromkeys(ROLLUPS, False)


async def test_policies_are_as_the_settings_say(link: Link) -> None:
    """Columns after so many days, rollups each hour; retention only of what is told."""
    now = datetime.now(UTC)
    await maintain(link, RetentionSettings(), 7, now=now)
    columns = {(table, "policy_compression"): "7 days" for table in DAYS | MONTHS}
    hours = {(name, "policy_refresh_continuous_aggregate"): None for name in ROLLUPS}
    assert await policies(link) == {**columns, **hours}
    await maintain(link, RetentionSettings(tickers=30, hourly=90), 3, now=now)
    refresh = ("tickers_1h", "policy_refresh_continuous_aggregate")
    assert await policies(link) == {
        **dict.fromkeys(columns, "3 days"),
        **hours,
        refresh: "30 days",
        ("tickers", "policy_retention"): "30 days",
        **{(name, "policy_retention"): "90 days" for name in ROLLUPS},
    }
    await maintain(link, RetentionSettings(), 7, now=now)
    assert await policies(link) == {**columns, **hours}


async def test_policies_that_agree_are_left_alone(link: Link) -> None:
    """A job that is removed and added again would forget when it ran."""
    for _ in range(2):
        await maintain(link, RetentionSettings(trades=5), 7, now=datetime.now(UTC))
    ids = [row[0] for row in await link.fetch(POLICIES)]
    await maintain(link, RetentionSettings(trades=5), 7, now=datetime.now(UTC))
    assert [row[0] for row in await link.fetch(POLICIES)] == ids
    assert len(ids) == len(DAYS | MONTHS) + len(ROLLUPS) + 1


async def test_old_rows_become_columns_and_stay_what_they_are(
    repository: PostgresRepository,
) -> None:
    """A tenth of the room at most; a row that is written again is none, a new one is one; the parts
    tell the size, and all of it can be cleaned.
    """
    await repository.store_markets([market()], simulated=True)
    trades = [trade(number, at=NOON + number * SECOND) for number in range(20_000)]
    await repository.store_trades(trades)
    before = await repository.get_trades(Query(limit=20_000))
    await maintain(repository.link, RetentionSettings(), 7, now=datetime.now(UTC))
    await run_jobs(repository.link, "policy_compression")
    ((rows, columns),) = await repository.link.fetch(SIZES)
    assert columns * 10 < rows
    parts = await repository.link.fetch("select bytes, columnar from partitions")
    assert [(row[0] < rows / 2, row[1]) for row in parts] == [(True, True)]
    assert await repository.get_trades(Query(limit=20_000)) == before
    again = [*trades[:50], trade(90_000, at=NOON + SECOND)]
    assert (await repository.store_trades(again)) == Written(new=1, known=50)
    assert len(await repository.get_trades(Query(limit=30_000))) == 20_001
    (removed,) = [one for one in await repository.clean(NOON + timedelta(days=2)) if one.rows]
    assert (removed.table, removed.rows, removed.parts) == ("trades", 20_001, 1)
