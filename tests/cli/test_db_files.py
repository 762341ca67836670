"""``db export`` and ``db import`` as processes: from one database to another, or nothing at all."""

import json
import signal
import time
from pathlib import Path

import pytest
from tests.cli.program import Program, stop
from tests.database.files.transfer import names_in, texts
from tests.database.samples import gap, market, trade

from perps_stats.core.catalogue import TRADES
from perps_stats.database.repository import PostgresRepository


@pytest.fixture
async def filled(program: Program, repository: PostgresRepository, url: str) -> Program:
    """A program on a database with three trades of two markets."""
    await repository.store_markets([market(), market(base="ETH")], simulated=True)
    await repository.store_trades([trade(1), trade(2), trade(3, "ETH")])
    await repository.store_gap(gap())
    program.environ["DATABASE_URL"] = url
    return program


@pytest.mark.parametrize("form", ["csv", "csv.gz", "parquet"])
async def test_a_data_set_goes_from_database_to_database(
    filled: Program, repository: PostgresRepository, form: str
) -> None:
    """With one file, and for csv the one beside it; the second time nothing is new."""
    stored = await texts(repository, TRADES)
    done = filled("db", "export", "--data", "trades", "-o", f"a.{form}")
    assert (done.code, done.out) == (0, "")
    assert "simulated data: binance" in done.err
    assert f"a.{form}: 3 rows of 2 markets, " in done.err
    await repository.truncate()
    for counts in ("3\t3\t0", "3\t0\t3"):
        done = filled("db", "import", f"a.{form}")
        assert (done.code, done.out.splitlines()) == (
            0,
            [
                "file\tdata_set\trows\tnew\tknown\tcontradicting\tmissing",
                f"a.{form}\ttrades\t{counts}\t0\t0",
            ],
        )
    assert await texts(repository, TRADES) == stored


async def test_markets_are_chosen_by_any_of_their_names(filled: Program) -> None:
    """Those of an exchange, or by symbol, with a near name for one that is wrong."""
    export = ("db", "export", "--data", "trades", "--force", "-o", "a.csv")
    assert "1 rows of 1 markets" in filled(*export, "-s", "ETHUSDT").err
    assert "2 rows of 1 markets" in filled(*export, "-s", "binance:BTC", "-e", "binance").err
    wrong = filled(*export, "-s", "ETX")
    assert wrong.code == 2
    assert "symbol: 'ETX' is not accepted; did you mean ETH" in wrong.err
    assert filled(*export, "-e", "binanse").code == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--data", "trade", "-o", "a.csv"), "data set: 'trade' is not accepted; use trades"),
        (("--data", "trades", "-o", "a.txt"), "end the name in .parquet, .csv, .csv.gz, .xlsx"),
        (("--data", "trades", "-o", "there.csv"), "it exists: use another name, or --force"),
        (("--data", "trades", "-o", "a.csv", "--intervals", "1m"), "only klines have them"),
        (("--data", "klines", "-o", "a.csv", "--intervals", "7x"), "interval: '7x'"),
        (("--data", "klines", "-o", "a.csv", "--from", "x"), "from: 'x' is not accepted"),
        (
            ("--data", "klines", "-o", "a.csv", "--from", "2026-01-02", "--to", "2026-01-02"),
            "begin before the end",
        ),
    ],
)
def test_a_wrong_word_is_told_before_the_database_is_opened(
    program: Program, words: tuple[str, ...], said: str
) -> None:
    """One line, exit code 2."""
    (program.directory / "there.csv").touch()
    program.environ["DATABASE_URL"] = "postgresql://nobody@127.0.0.1:1/none"
    done = program("db", "export", *words)
    assert (done.code, said in done.err, len(done.err.splitlines())) == (2, True, 1), done.err
    assert names_in(program.directory) == ["there.csv"]


def test_a_library_that_is_missing_is_named(program: Program) -> None:
    """Exit code 3, and what to install; csv needs none."""
    hidden = program.directory / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text(
        "import importlib.util\n"
        "find = importlib.util.find_spec\n"
        "hidden = {'pyarrow', 'xlsxwriter'}\n"
        "importlib.util.find_spec = lambda name: None if name in hidden else find(name)\n"
    )
    program.environ["PYTHONPATH"] = str(hidden)
    for words in (
        ("db", "export", "--data", "trades", "-o", "a.parquet"),
        ("db", "import", "a.parquet"),
        ("exchanges", "-o", "a.xlsx"),
    ):
        done = program(*words)
        assert (done.code, done.err.count("pip install 'perps-stats[files]'")) == (3, 1), done.err
    assert program("exchanges", "-o", "a.csv").code == 0


async def test_a_file_that_lost_rows_is_a_partial_result(filled: Program) -> None:
    """Exit code 6: what is left is stored."""
    filled("db", "export", "--data", "trades", "-o", "a.csv")
    path = filled.directory / "a.csv"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    done = filled("db", "import", "--json", "a.csv")
    assert (done.code, json.loads(done.out)["data"][0]["missing"]) == (6, 1)
    assert "a.csv: 3 rows were written to it, 2 are in it" in done.err


async def test_what_went_before_a_bad_file_is_told(filled: Program) -> None:
    """The files are taken one after the other."""
    filled("db", "export", "--data", "trades", "-o", "a.csv")
    done = filled("db", "import", "--json", "a.csv", "b.csv")
    assert (done.code, json.loads(done.out)["data"][0]["known"]) == (2, 3)
    assert "b.csv" in done.err


ENDLESS = """
    insert into trades (ts, market_id, id, side, price, quantity)
    select '2026-03-01 12:00Z', market_id, n::text, 'buy', n, n
    from markets, generate_series(10, 100000) n where symbol = 'BTC';
    alter table trades rename to all_trades;
    create function is_told() returns boolean language plpgsql volatile as $$ begin
        perform pg_sleep(1000) where current_query() like 'COPY%';
        return true;
    end $$;
    create view trades as
    select * from all_trades
    where market_id = (select market_id from markets where symbol = 'BTC') or is_told();
"""


@pytest.fixture
async def endless(filled: Program, repository: PostgresRepository) -> Program:
    """With more rows of BTC than are written at once; those of ETH are not told to the end."""
    async with repository.link.borrow() as connection:
        await connection.execute(ENDLESS, timeout=100)
    return filled


@pytest.mark.needs_real_server
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_nothing(endless: Program, number: signal.Signals) -> None:
    """Not half a file."""
    process = endless.start("db", "export", "--data", "trades", "-o", "a.csv.gz")
    while process.poll() is None and not is_being_written(endless.directory):
        time.sleep(0.01)
    ended = stop(process, number)
    assert ended.code == 128 + number, ended.err
    assert names_in(endless.directory) == []


def is_being_written(directory: Path) -> bool:
    """Under a name of its own."""
    return any(path.stat().st_size for path in directory.glob("*.part"))
