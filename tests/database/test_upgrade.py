"""A database made by any earlier program becomes what a new one is, with its rows."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from perps_stats.database.link import Link
from perps_stats.database.migrate import known_migrations, migrate, schema

LAST = len(known_migrations())
MARKET = """
insert into exchanges values ('binance', true);
insert into markets (exchange, symbol, native, contract, base, quote, settle, multiplier, status)
values ('binance', 'BTC', 'BTCUSDT', 'BTC-USDT-PERP', 'BTC', 'USDT', 'USDT', 1, 'trading')
"""
FACTS = """
select create_partitions(fact, array['2024-02-29', '2024-03-01']::date[]) from partitioning;
insert into trades (ts, market_id, id, side, price, quantity)
select ts, 1, ts::text, 'buy', 61659.70, 0.0010
from generate_series('2024-02-29 00:00+00'::timestamptz, '2024-03-01 23:00+00', '1 hour') ts;
insert into klines (
    ts, close_time, market_id, closed, "interval", open, high, low, close, volume, trades
)
select ts, ts + interval '1 minute', 1, true, '1m', 1.0, 2, 0.5, 1.50, 10, null
from generate_series('2024-02-29 23:00+00'::timestamptz, '2024-03-01 00:59+00', '1 minute') ts;
insert into funding_rates (ts, market_id, kind, funding_rate) values
    ('2024-02-29 08:00+00', 1, 'settled', 0.000100), ('2024-02-29 08:00+00', 1, 'predicted', 0);
insert into orderbooks values
    ('2024-03-01 12:00+00', null, 7, 1, true, '{2.50,2.40}', '{1,1E-9}', '{}', '{}')
"""
ROWS = {
    "trades": "select count(*), min(ts), max(ts), max(price)::text, min(quantity)::text"
    " from trades",
    "klines": "select count(*), min(ts), max(ts), min(close)::text, max(trades)::text from klines",
    "funding_rates": "select * from funding_rates order by kind",
    "orderbooks": "select * from orderbooks",
}


CATALOGUE = {
    "columns": """
        select table_name, column_name, ordinal_position, data_type, is_nullable, column_default,
            collation_name, is_identity, generation_expression
        from information_schema.columns where table_schema = 'public'
    """,
    "comments": """
        select d.objoid::regclass::text, d.objsubid, d.description
        from pg_description d join pg_class c on c.oid = d.objoid
        where d.classoid = 'pg_class'::regclass and c.relnamespace = 'public'::regnamespace
    """,
    "constraints": """
        select conrelid::regclass::text, conname, pg_get_constraintdef(oid)
        from pg_constraint where connamespace = 'public'::regnamespace and conrelid <> 0
    """,
    "indexes": "select indexname, indexdef from pg_indexes where schemaname = 'public'",
    "relations": """
        select relname, relkind, reloptions, relreplident
        from pg_class where relnamespace = 'public'::regnamespace
    """,
    "views": "select viewname, definition from pg_views where schemaname = 'public'",
    "functions": """
        select p.oid::regprocedure::text, md5(pg_get_functiondef(p.oid)) from pg_proc p
        where pronamespace = 'public'::regnamespace and prokind in ('f', 'p') and not exists (
            select from pg_depend where objid = p.oid and deptype = 'e'
        )
    """,
    "triggers": """
        select pg_get_triggerdef(t.oid) from pg_trigger t join pg_class c on c.oid = t.tgrelid
        where c.relnamespace = 'public'::regnamespace and not tgisinternal
    """,
}
ABOUT_PARTS = {"columns", "comments", "constraints", "indexes", "relations"}
A_PART = r"^[a-z_]+_\d{8}(_|$)"
TIMESCALE = {
    "hypertables": "select hypertable_name, column_name, time_interval"
    " from timescaledb_information.dimensions where hypertable_schema = 'public'",
    "columnstore": "select hypertable::text, segmentby, orderby"
    " from timescaledb_information.hypertable_columnstore_settings",
}


async def catalogue(link: Link) -> dict[str, list[str]]:
    """All that the schema is made of, beside the parts that rows have brought."""
    queries = dict(CATALOGUE)
    if await rows(link, "select engine()") == [("timescaledb",)]:
        queries |= TIMESCALE
    return {
        name: sorted(
            str(row)
            for row in await rows(link, query)
            if name not in ABOUT_PARTS or not re.match(A_PART, str(row[0]))
        )
        for name, query in queries.items()
    }


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """The 30th day after the end of January 2024 is the first of March."""
    return datetime(2024, 2, 1, hour, minute, tzinfo=UTC) + timedelta(days=day - 1)


async def rows(link: Link, query: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await link.fetch(query)]


async def run(link: Link, script: str) -> None:
    async with link.borrow() as connection:
        await connection.execute(script)


@pytest.mark.parametrize("done", range(1, LAST))
async def test_an_upgrade_keeps_every_row(empty: Link, link: Link, done: int) -> None:
    """Whichever migration was the last, all that was stored is there after the others, and the
    schema is that of a new database.
    """
    assert len(await migrate(empty, known_migrations()[:done])) == done
    await run(empty, MARKET)
    held = list(ROWS) if done >= 3 else []
    if held:
        await run(empty, FACTS)
    before = {table: await rows(empty, ROWS[table]) for table in held}
    assert len(await migrate(empty)) == LAST - done
    assert await rows(empty, "select market_id, native from markets") == [(1, "BTCUSDT")]
    assert {table: await rows(empty, ROWS[table]) for table in held} == before
    assert await catalogue(empty) == await catalogue(link)
    if held:
        assert before["trades"] == [(48, at(29, 0), at(30, 23), "61659.70", "0.0010")]
        assert before["klines"] == [(120, at(29, 23), at(30, 0, 59), "1.50", None)]
        assert [row[5:7] for row in before["funding_rates"]] == [
            ("predicted", Decimal(0)),
            ("settled", Decimal("0.000100")),
        ]


async def test_the_schema_as_one_text_is_the_same(empty: Link, link: Link) -> None:
    """What `db schema` prints makes the tables, keys, views and functions that migrating makes."""
    await run(empty, schema())
    text = await catalogue(empty)
    migrated = await catalogue(link)
    memory = {
        name: [row for row in found if "schema_migrations" in row]
        for name, found in migrated.items()
    }
    assert {name: sorted([*found, *memory[name]]) for name, found in text.items()} == migrated
    assert sum(map(len, memory.values())) > 4


@pytest.mark.needs_real_server
async def test_two_migrate_at_once(empty: Link) -> None:
    """One waits for the other, and finds nothing left to do."""
    applied = await asyncio.gather(*(migrate(empty) for _ in range(4)))
    assert sorted(map(len, applied)) == [0, 0, 0, LAST]
    assert await rows(empty, "select count(*) from schema_migrations") == [(LAST,)]
