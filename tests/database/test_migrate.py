"""The schema, and what happens when its history and the program's differ."""

import pytest
from msgspec import structs

from perps_stats.core.catalogue import DATA_SETS, DataSet
from perps_stats.core.errors import DatabaseError
from perps_stats.core.types import Market
from perps_stats.database.link import Link
from perps_stats.database.migrate import (
    Migration,
    known_migrations,
    migrate,
    pending,
    require_current,
    schema,
)
from perps_stats.database.rows import column_types

COLUMNS = "select column_name, data_type from information_schema.columns where table_name = $1"
KEY = """
select a.attname from pg_index i
join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
where i.indrelid = $1::text::regclass and i.indisprimary
"""
NEW = Migration(9001, "9001_more.sql", "create table more (a int); insert into more values (1)")


@pytest.mark.parametrize("data_set", DATA_SETS.values(), ids=lambda one: one.name)
async def test_tables_are_as_the_catalogue_says(link: Link, data_set: DataSet) -> None:
    """The columns are those of the data set, with their types; the key is its key."""
    columns = {row[0]: row[1] for row in await link.fetch(COLUMNS, data_set.table)}
    assert columns == column_types(data_set)
    assert set(columns) == set(data_set.columns)
    key = {row[0] for row in await link.fetch(KEY, data_set.table)}
    assert key == {"market_id", "ts", *data_set.key[1:]}


async def test_markets_have_every_field(link: Link) -> None:
    """The table of markets holds all of ``Market`` beside its number."""
    columns = {row[0] for row in await link.fetch(COLUMNS, "markets")}
    assert columns == {"market_id", *(field.name for field in structs.fields(Market))}


async def test_facts_are_cut_by_time(link: Link) -> None:
    """Every fact table but the few gaps has parts by ts, made by the server or by us."""
    cut = {
        "postgresql": "select partrelid::regclass::text from pg_partitioned_table",
        "timescaledb": "select hypertable_name::text from timescaledb_information.dimensions"
        " where column_name = 'ts' and hypertable_schema = 'public'",
    }
    engine = (await link.fetch("select engine()"))[0][0]
    facts = {one.table for one in DATA_SETS.values()} - {"gaps"}
    assert {row[0] for row in await link.fetch(cut[engine])} == facts
    assert {row[0] for row in await link.fetch("select fact from partitioning")} == facts


async def test_a_fresh_database_is_migrated_once(empty: Link) -> None:
    """First everything is pending, then nothing; a second run does nothing."""
    assert await pending(empty) == list(known_migrations())
    with pytest.raises(DatabaseError, match=r"lacks 0001_markets.sql.*db migrate"):
        await require_current(empty)
    assert await migrate(empty) == list(known_migrations())
    assert await pending(empty) == []
    assert await migrate(empty) == []
    await require_current(empty)


async def test_a_dry_run_changes_nothing(empty: Link) -> None:
    """``pending`` is the plan, and only that."""
    await pending(empty)
    tables = await empty.fetch("select from pg_tables where schemaname = 'public'")
    assert tables == []


async def test_a_new_file_is_applied(link: Link) -> None:
    """Only what is new is applied, and remembered."""
    assert await migrate(link, [*known_migrations(), NEW]) == [NEW]
    assert (await link.fetch("select a from more"))[0][0] == 1
    assert await pending(link, [*known_migrations(), NEW]) == []


async def test_a_failing_file_leaves_nothing(link: Link) -> None:
    """It is rolled back whole, and the error names it."""
    bad = Migration(9001, "9001_bad.sql", "create table half (a int); select nonsense")
    with pytest.raises(DatabaseError, match=r"9001_bad.sql cannot be applied: column"):
        await migrate(link, [*known_migrations(), bad])
    assert (await link.fetch("select to_regclass('half') is null"))[0][0]


async def test_a_changed_file_is_named(link: Link) -> None:
    """History is not rewritten."""
    first, *rest = known_migrations()
    changed = structs.replace(first, sql=first.sql + "\n")
    with pytest.raises(DatabaseError, match=f"{first.name} was changed after it was applied"):
        await migrate(link, [changed, *rest])


async def test_a_missing_file_is_named(link: Link) -> None:
    """A file that was applied and is gone means a damaged installation."""
    first, second, *rest = known_migrations()
    with pytest.raises(DatabaseError, match=f"has {second.name}, which this program lacks"):
        await pending(link, [first, *rest])


async def test_a_newer_database_is_refused(link: Link) -> None:
    """An older program does not touch it, and exits with 5."""
    await migrate(link, [*known_migrations(), NEW])
    with pytest.raises(DatabaseError, match=r"newer than this program.*9001_more.*upgrade") as told:
        await migrate(link)
    assert told.value.exit_code == 5


def test_the_schema_is_one_text() -> None:
    """Every file in order."""
    text = schema()
    assert [text.index(one.sql) for one in known_migrations()] == sorted(
        text.index(one.sql) for one in known_migrations()
    )
