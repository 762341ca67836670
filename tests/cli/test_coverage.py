"""``coverage`` as a process: every series, and every hole."""

import json

import pytest
from tests.cli.program import Program
from tests.database.samples import NOON, candle, market, ticker
from tests.database.test_coverage import MINUTE, rate

from perps_stats.database.repository import PostgresRepository

SPAN = ("--from", "2026-03-01T12:00:00Z", "--to", "2026-03-01T12:10:00Z")


@pytest.fixture
async def told(program: Program, repository: PostgresRepository, url: str) -> Program:
    """A program on a database with candles of two markets, with a hole, and a ticker."""
    program.environ["DATABASE_URL"] = url
    await repository.store_markets([market(), market(base="ETH")], simulated=True)
    await repository.store_klines([candle(NOON + n * MINUTE) for n in range(10) if n not in {4, 5}])
    await repository.store_klines([candle(NOON, symbol="ETH", interval="1h")])
    await repository.store_tickers([ticker(at=NOON + MINUTE)])
    await repository.store_funding_rates([rate(0)])
    return program


async def test_a_row_for_each_series(told: Program) -> None:
    """With its rows, what is missing, and how many holes; unknown is null."""
    done = told("coverage", *SPAN, "--json")
    assert done.code == 0
    answer = json.loads(done.out)
    assert answer["meta"]["simulated"] is True
    listed = [
        tuple(row[name] for name in ("symbol", "data_set", "interval", "kind", "rows", "missing"))
        for row in answer["data"]
    ]
    assert listed == [
        ("BTC", "tickers", None, None, 1, None),
        ("BTC", "funding_rates", None, "settled", 1, 0),
        ("BTC", "klines", "1m", None, 8, 2),
        ("ETH", "klines", "1h", None, 1, 0),
    ]
    assert [row["holes"] for row in answer["data"]] == [None, 0, 1, 0]
    assert answer["data"][2]["last"] == "2026-03-01T12:09:00.000000Z"


async def test_a_row_for_each_hole(told: Program) -> None:
    """Half-open, and whether the exchange was asked for it."""
    done = told("coverage", *SPAN, "--holes", "--csv", "-s", "binance:BTC", "--data", "klines")
    assert done.out == (
        "exchange,symbol,data_set,interval,kind,start,end,answered\n"
        "binance,BTC,klines,1m,,2026-03-01T12:04:00.000000Z,2026-03-01T12:06:00.000000Z,false\n"
    )


async def test_a_table_says_that_there_are_holes(told: Program) -> None:
    """And how to see them; columns that say nothing are left out."""
    screen = told.on_terminal("coverage", *SPAN, "-e", "binance", "--data", "klines").out
    assert "1 holes: --holes lists each" in screen
    assert "simulated data: binance" in screen
    assert "kind" not in screen


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--data", "kline"], "data: 'kline' is not accepted; use klines"),
        (["--intervals", "1x"], "intervals: '1x' is not accepted; use 1m"),
        (["--from", "soon"], "from: 'soon' is not accepted"),
        (["--from", "2026-03-02", "--to", "2026-03-01"], "from: '2026-03-02' is not accepted; it"),
        (["--symbols", "DOGE"], "symbol: 'DOGE' is not accepted"),
        (["--exchanges", "binanse"], "exchange: 'binanse' is not accepted; known exchanges: bin"),
    ],
)
async def test_a_wrong_name_is_one_line(told: Program, words: list[str], said: str) -> None:
    """With the field, the value and the remedy."""
    done = told("coverage", *words)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"perps-stats: {said}")
    assert done.err.count("\n") == 1
