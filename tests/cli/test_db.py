"""``db`` as a process: what it tells, and what it takes away only when told to."""

import json
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from tests.cli.program import Program
from tests.database.samples import market, ticker, trade

from perps_stats.database.repository import PostgresRepository

OLD = datetime.now(UTC) - timedelta(days=40)


@pytest.fixture
async def told(program: Program, repository: PostgresRepository, url: str) -> Program:
    """A program on a database with a trade and two tickers of forty days ago, which disagree."""
    program.environ["DATABASE_URL"] = url
    await repository.store_markets([market()], simulated=True)
    await repository.store_trades([trade(at=OLD)])
    await repository.store_tickers([ticker(at=OLD), ticker(at=OLD, last="2")])
    return program


async def test_stats_as_json(told: Program) -> None:
    """Each table with what is exact and what is not; the disk of another's server is unknown."""
    answer = json.loads(told("db", "stats", "--json").out)
    tickers = next(row for row in answer["data"] if row["table"] == "tickers")
    assert (tickers["rows"], tickers["rows_exact"], tickers["contradictions"]) == (1, True, 1)
    (disk,) = answer["meta"]["disk"]
    assert disk["bytes"] > tickers["bytes"]
    assert (disk["free_bytes"], disk["days_until_full"]) == (None, None)


async def test_stats_by_market(told: Program) -> None:
    """One row for each market that a table holds."""
    answer = json.loads(told("db", "stats", "--by-market", "--json").out)
    listed = [(row["table"], row["exchange"], row["symbol"], row["rows"]) for row in answer["data"]]
    assert listed == [("trades", "binance", "BTC", 1), ("tickers", "binance", "BTC", 1)]


async def test_contradictions_are_listed(told: Program) -> None:
    """With both rows."""
    (row,) = json.loads(told("db", "stats", "--contradictions", "--json").out)["data"]
    assert (row["data_set"], row["key"]) == ("tickers", "{}")
    assert (row["stored"], row["offered"]) == ('{"last_price": 1}', '{"last_price": 2}')


async def test_stats_on_a_terminal(told: Program) -> None:
    """What the database needs in all stands below."""
    screen = told.on_terminal("db", "stats").out
    assert "bytes in all, 0 more each day" in screen
    assert "estimate" not in screen


async def test_clean_tells_before_it_does(told: Program, repository: PostgresRepository) -> None:
    """Nothing goes without --yes; with --data nothing else goes."""
    words = ("db", "clean", "--older-than", "30d", "--data", "tickers")
    done = told(*words, "--json")
    assert json.loads(done.out)["data"] == [
        {
            "table": "tickers",
            "rows": 1,
            "parts": 1,
            "bytes": json.loads(done.out)["data"][0]["bytes"],
        }
    ]
    assert done.err == "perps-stats: 1 rows would be removed; say --yes to do it\n"
    count = "select (select count(*) from tickers), (select count(*) from trades)"
    assert tuple((await repository.link.fetch(count))[0]) == (1, 1)
    assert told(*words, "--yes").err == "perps-stats: 1 rows removed\n"
    assert tuple((await repository.link.fetch(count))[0]) == (0, 1)


async def test_vacuum_tells_as_it_goes(told: Program) -> None:
    """A line for each table, and all of them in the end."""
    done = told("db", "vacuum", "--csv")
    tables = [line.split(",")[0] for line in done.out.splitlines()[1:]]
    assert "tickers" in tables
    lines = [line.split(": ")[1] for line in done.err.splitlines()]
    assert lines == tables


async def test_the_schema_makes_an_empty_database_whole(told: Program, url: str) -> None:
    """What it prints is SQL that makes every table."""
    text = told("db", "schema").out
    connection = await asyncpg.connect(url)
    listing = "select table_name from information_schema.tables where table_schema = $1"
    whole = {row[0] for row in await connection.fetch(listing, "public")}
    await connection.execute("create schema other; set search_path = other")
    await connection.execute(text)
    made = {row[0] for row in await connection.fetch(listing, "other")}
    await connection.close()
    assert {"tickers", "contradictions", "backfill_progress"} <= made <= whole


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["clean", "--data", "tickers"], "clean: '' is not accepted; say what: --older-than 30d"),
        (["clean", "--truncate", "--data", "tickers"], "data: 'tickers' is not accepted; --trunc"),
        (["clean", "--older-than", "1d", "--data", "x"], "data set: 'x' is not accepted; use tra"),
        (["stats", "--by-market", "--contradictions"], "contradictions: '' is not accepted; give"),
    ],
)
def test_a_wrong_word_is_one_line(program: Program, words: list[str], said: str) -> None:
    """Before the database is asked."""
    done = program("db", *words)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"perps-stats: {said}")
