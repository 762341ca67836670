"""``verify`` as a process: a table of checks, the first differences, an exit code."""

import json
import os
import signal
import time
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec import structs
from tests.cli.own_server import free_port
from tests.cli.program import SECONDS, Program, stop
from tests.cli.test_collecting import answered
from tests.database.samples import market
from tests.database.verify.stored import BOOK, COST, DEPTH

from perps_stats.cli.verify import told_every
from perps_stats.database.repository import PostgresRepository
from perps_stats.database.verify.running import Step

FAULTY_SECONDS = 45 if os.environ.get("PERPS_STATS_LONG") else 6
WANTED = {"liquidity", "slippage", "gaps", "marks"}
SPAN = ("--from", "2026-03-01", "--to", "2026-03-02")


@pytest.fixture
async def told(program: Program, repository: PostgresRepository, url: str) -> Program:
    """A stored book with what was derived from it, right."""
    program.environ["DATABASE_URL"] = url
    await repository.store_markets([market()], simulated=True)
    await repository.store_orderbooks([BOOK])
    await repository.store_liquidity_depth([DEPTH])
    await repository.store_slippage([COST, structs.replace(COST, trade_amount=Decimal(10_000))])
    return program


async def test_what_is_right_is_equal(told: Program) -> None:
    """Exit 0, a row for each check that had rows, and why some could not be compared."""
    done = told("verify", *SPAN, "--csv")
    assert (done.code, done.err) == (0, "perps-stats: simulated data: binance\n")
    assert done.out == (
        "check,exchange,compared,equal,different,not_comparable,reasons\n"
        "liquidity,binance,1,1,0,0,\n"
        "slippage,binance,1,1,0,1,1: the stored levels end before the amount;\n"
        "hours,binance,0,0,0,1,1: the hour is not stored yet;\n"
        "duplicates,binance,4,4,0,0,\n"
        "gaps,binance,4,4,0,0,\n"
    )


async def test_what_is_wrong_is_told_with_both_values(
    told: Program, repository: PostgresRepository
) -> None:
    """Exit 7: the field, what is stored, what was derived; chosen checks alone are run."""
    await repository.link.fetch("update liquidity_depth set ask_1bps = 99")
    done = told("verify", "--checks", "liquidity", "--json")
    assert (done.code, done.err.splitlines()[-1]) == (
        7,
        "perps-stats: 1 of 1 comparisons differ",
    )
    assert json.loads(done.out)["meta"]["differences"] == [
        {
            "check": "liquidity",
            "exchange": "binance",
            "symbol": "BTC",
            "timestamp": "2026-03-01T12:00:00.000000Z",
            "what": "liquidity",
            "field": "ask_1bps",
            "stored": "99",
            "derived": "100.01",
        }
    ]
    assert "liquidity: ask_1bps is 99, derived 100.01" in told.on_terminal("verify", *SPAN).out
    rows = told("verify", *SPAN, "--differences", "--csv").out.splitlines()
    assert rows[1].endswith(",liquidity,ask_1bps,99,100.01")
    assert told("verify", *SPAN, "--checks", "slippage", "--csv").code == 0


async def test_nothing_compared_is_said(told: Program) -> None:
    """It is no proof of anything."""
    done = told("verify", "--to", "2026-02-01", "--csv")
    assert (done.code, done.err) == (0, "perps-stats: nothing could be compared\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--checks", "liquidty"], "checks: 'liquidty' is not accepted; use liquidity"),
        (["-s", "DOGE"], "symbol: 'DOGE' is not accepted"),
        (["--from", "2026-03-02", "--to", "2026-03-01"], "from: '2026-03-02' is not accepted"),
    ],
)
async def test_a_wrong_word_is_one_line(told: Program, words: list[str], said: str) -> None:
    """With the field, the value and the remedy."""
    done = told("verify", *words)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"perps-stats: {said}")


def test_a_long_check_tells_how_far_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    """At most one line in five seconds, on stderr."""
    times = iter([0.0, 4.9, 5.0, 5.0, 9.9])
    tell = told_every(5.0, lambda: next(times))
    step = Step("klines", "binance:BTC", 3, 18)
    for rows in (1, 1000, 2000):
        tell(step, rows)
    assert capsys.readouterr().err == "perps-stats: 3 of 18: klines of binance:BTC, 1,000 rows\n"


def compared(program: Program, *words: str) -> Counter[str]:
    """How many rows each check has found to compare."""
    counted = Counter[str]()
    for row in json.loads(program("verify", *words, "--json").out)["data"]:
        counted[row["check"]] += row["compared"]
    return +counted


def gaps(program: Program, *words: str) -> int:
    return len(json.loads(program("gaps", *words, "--json").out)["data"])


def test_what_is_collected_through_faults_verifies(program: Program, directory: Path) -> None:
    """Whatever goes wrong on the way: nothing stored contradicts the rows it was made of."""
    faults = directory / "faults.txt"
    faults.write_text("chaos:11:30\n")
    data = "orderbook,trades,ticker,funding,klines,liquidations"
    place = ("--database-dir", str(directory / "db"))
    kept = ("--database-dir", str(directory / "db" / "demo"))
    program.environ |= {
        "PERPS_STATS__STREAM__EXCHANGES": "binance,kucoin,lighter,paradex,aster",
        "PERPS_STATS__STREAM__SAMPLE_SECONDS": "0.5",
        "PERPS_STATS__STREAM__STORE_SECONDS": "1",
        "PERPS_STATS__STREAM__BOOK_SECONDS": "1",
    }
    port = str(free_port())
    words = ("run", "--demo", "--faults", str(faults), "--data", data, "--port", port, *place)
    with (directory / "log").open("w", encoding="utf-8") as log:
        process = program.start(*words, log=log)
        try:
            answered(port, "/readyz", b'"ready"')
            time.sleep(FAULTY_SECONDS)
            last = time.monotonic() + SECONDS
            while not (compared(program, *kept).keys() >= WANTED and gaps(program, *kept)):
                assert time.monotonic() < last
        finally:
            ran = stop(process, signal.SIGTERM)
    assert ran.code == 143
    done = program("verify", *kept, "--json")
    different = [row for row in json.loads(done.out)["data"] if row["different"]]
    assert (done.code, different) == (0, [])
