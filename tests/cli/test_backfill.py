"""``backfill`` as a process: the plan, the work, the second run, and what cannot be had."""

import json
import signal

import pytest
from tests.cli.program import SECONDS, Program, stop

SPAN = ("--from", "2026-11-01", "--to", "2026-11-03T00:30:00Z")


@pytest.fixture
def filling(program: Program, simulated: dict[str, str], url: str) -> Program:
    program.environ |= simulated | {
        "DATABASE_URL": url,
        "PERPS_STATS__NETWORK__READ_SECONDS": str(SECONDS),  # a page is not asked for again
    }
    return program


def rows(text: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(text)["data"]
    return found


def test_plan_work_and_nothing_left(filling: Program) -> None:
    """2,910 minutes are three pages of 999, settlements one; a second run asks for nothing."""
    planned = filling("backfill", "-s", "BTC", *SPAN, "--dry-run", "--json")
    assert planned.code == 0, planned.err
    assert [(row["data"], row["requests"], row["rows"]) for row in rows(planned.out)] == [
        ("klines", 3, 2910),
        ("funding_rates", 1, 7),
    ]
    assert "binance: 4 requests, at most 2,917 rows, 1 s at its limit" in planned.err
    assert rows(filling("db", "stats", "--json").out)[5]["rows"] == 0
    done = filling("fetch", "-s", "BTC", *SPAN, "--json")
    assert done.code == 0, done.err
    told = [(row["pages"], row["new"], row["reason"]) for row in rows(done.out)]
    assert told == [(3, 2910, None), (1, 7, None)]
    assert json.loads(done.out)["meta"]["simulated"] is True
    again = filling("backfill", "-s", "BTC", *SPAN, "--json")
    assert [(row["pages"], row["new"]) for row in rows(again.out)] == [(0, 0), (0, 0)]


def test_a_terminal_shows_a_bar_and_a_table(filling: Program) -> None:
    """Without the columns that have nothing to say."""
    shown = filling.on_terminal("backfill", "-s", "BTC", *SPAN, "--data", "klines")
    assert shown.code == 0, shown.out
    assert "100% 2,910 rows" in shown.out
    assert "missing_from" not in shown.out
    assert "simulated data: binance" in shown.out


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["-s", "BTC", "--from", "soon"], 2, "from: 'soon' is not accepted"),
        (["-s", "BTC", "--from", "2026-01-02", "--to", "2026-01-01"], 2, "begin before the end"),
        (["-s", "BTC", "--from", "2100-01-01", "--to", "2100-01-02"], 2, "history ends now"),
        (["-s", "BTC", "--data", "candles"], 2, "data: 'candles' is not accepted; use trades"),
        (["-s", "BTC", "--intervals", "7m"], 2, "interval: '7m' is not accepted"),
        (["-s", "BTC,,ETH"], 2, "symbols: 'BTC,,ETH' is not accepted"),
        (["-s", "NOPE"], 2, "binance: 'NOPE' is not a market it lists"),
        (["-s", "BTC", "-e", "bitmex"], 2, "exchange: 'bitmex' is not accepted"),
        ([], 2, "Missing option '--symbols'"),
    ],
)
def test_bad_input_is_one_line(filling: Program, words: list[str], code: int, said: str) -> None:
    """It names the field, the value and the remedy."""
    done = filling("backfill", *words)
    assert (done.code, done.out) == (code, "")
    assert said in done.err
    assert len(done.err.splitlines()) == 1


def test_an_exchange_that_is_away_is_told(filling: Program) -> None:
    """Exit code 4 where it is the only one."""
    filling.environ |= {
        "PERPS_STATS__EXCHANGES__BINANCE__REST_URL": "http://127.0.0.1:9",
        "PERPS_STATS__NETWORK__ATTEMPTS": "1",
    }
    done = filling("backfill", "-s", "BTC", *SPAN)
    assert (done.code, done.out) == (4, "")
    assert "does not answer" in done.err.splitlines()[-1]


def test_what_cannot_be_had_is_told_and_fetched_later(filling: Program) -> None:
    """One page is never readable: exit code 6 with its span and its reason; then it is there."""
    faults = [word for number in range(3, 7) for word in ("--fault", f"html:klines:{number}")]
    process = filling.start("sim", "-e", "binance", "-s", "BTC", *faults)
    assert process.stdout is not None
    name, _, url = process.stdout.readline().strip().partition("=")
    filling.environ[name] = url
    words = ("backfill", "-s", "BTC", *SPAN, "--data", "klines", "--json")
    try:
        done, again = filling(*words), filling(*words)
    finally:
        stop(process, signal.SIGTERM)
    assert done.code == 6, done.err
    [row] = rows(done.out)
    assert (row["missing_from"], row["missing_to"]) == (
        "2026-11-01T16:39:00.000000Z",
        "2026-11-02T09:18:00.000000Z",
    )
    assert "HTML instead of JSON" in str(row["reason"])
    assert "run it again to go on" in done.err
    assert (again.code, [row["new"] for row in rows(again.out)]) == (0, [999])
