"""``chart`` as a program, on a real database."""

import json
from pathlib import Path

import pytest
from tests.cli.charts.made import depth, funding, gap, kline, market
from tests.cli.program import Program

from perps_stats.database.repository import PostgresRepository

SPAN = ("--from", "2026-03-02", "--to", "2026-03-04")


@pytest.fixture(name="filled")
async def a_filled_database(repository: PostgresRepository, url: str, program: Program) -> Program:
    """Two days of two exchanges, of which one is simulated; candles have a hole."""
    await repository.store_markets([market()], simulated=True)
    await repository.store_markets([market("kucoin")], simulated=False)
    candles = [kline(at, exchange=name) for name in ("binance", "kucoin") for at in range(24)]
    await repository.store_klines([each for each in candles if each.open_time.hour != 20])
    await repository.store_funding_rates([funding(hours) for hours in range(0, 24, 8)])
    await repository.store_liquidity_depth([depth(at, reach="5") for at in range(30)])
    await repository.store_gap(gap(3, 5))
    program.environ["DATABASE_URL"] = url
    return program


async def test_a_chart_in_text_when_it_is_piped(filled: Program) -> None:
    """No colour, and everything that a reader must know."""
    done = filled("chart", "liquidity", "-s", "BTC", "-e", "binance", *SPAN, COLUMNS="60")
    assert (done.code, done.err) == (0, "")
    assert "\x1b" not in done.out
    for said in ("SIMULATED DATA: binance", "capital letters: at least", "begin and end of a gap"):
        assert said in done.out


@pytest.mark.parametrize("columns", [10, 60, 120])
async def test_a_chart_on_a_terminal(filled: Program, columns: int) -> None:
    """Not wider than the terminal, unless that has fewer than 40 columns."""
    words = ("chart", "klines", "-s", "BTC", "-e", "binance", *SPAN)
    done = filled.on_terminal(*words, columns=columns)
    frames = [line for line in done.out.splitlines() if line.endswith("│")]
    assert done.code == 0
    assert frames
    assert max(map(len, frames)) <= max(columns, 40)
    assert "BTC: candles of 1h" in done.out


@pytest.mark.parametrize(
    ("chart", "name", "begins"),
    [
        ("klines", "a.png", b"\x89PNG\r\n\x1a\n"),
        ("funding", "a.svg", b"<svg "),
        ("liquidity", "a.html", b"<!DOCTYPE html>"),
    ],
)
async def test_pictures_in_files(filled: Program, chart: str, name: str, begins: bytes) -> None:
    """By the ending of the name; nothing is printed."""
    done = filled("chart", chart, "-s", "BTC", *SPAN, "-o", name)
    assert (done.code, done.out, done.err) == (0, "", "")
    assert (filled.directory / name).read_bytes().startswith(begins)


async def test_the_numbers_behind(filled: Program) -> None:
    """As JSON, CSV, or in a file; stderr says that some are simulated."""
    words = ("chart", "klines", "-s", "BTC", *SPAN)
    done = filled(*words, "--json")
    body = json.loads(done.out)
    assert (done.code, done.err) == (0, "perps-stats: simulated data: binance\n")
    assert (len(body["data"]), body["meta"]["simulated"]) == (46, True)
    assert body["meta"]["units"]["open"] == "quote/base"
    assert filled(*words, "--csv").out.count("\n") == 47
    assert filled(*words, "-o", "a.csv").code == 0
    assert (filled.directory / "a.csv").read_text().startswith("exchange,symbol,interval,")


async def test_funding_by_the_year(filled: Program) -> None:
    """The axis says so."""
    done = filled("chart", "funding", "-s", "BTC", *SPAN, "--per", "year")
    assert "BTC: settled funding, % per year" in done.out


async def test_a_part_of_what_was_asked_for_by_name(filled: Program) -> None:
    """Is drawn, and the exit code says that it is one."""
    done = filled("chart", "funding", "-s", "BTC", "-e", "binance,kucoin", *SPAN)
    assert done.code == 6
    assert "BTC: nothing is held of kucoin" in done.out


async def test_nothing_to_draw_is_one_line(filled: Program) -> None:
    """That says what to do next."""
    done = filled("chart", "klines", "-s", "DOGE", *SPAN)
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    command = "backfill --data klines --intervals 1h --from 2026-03-02T00:00Z -s DOGE"
    assert f"`perps-stats {command}`" in done.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("liquidity", "-s", "BTC", "--band", "7"), "band: '7' is not accepted; use one of 1 bps"),
        (("klines", "-s", "BTC", "--interval", "7m"), "interval: '7m' is not accepted; use one of"),
        (("klines", "-s", "BTC", "-o", "a.gif"), "output: 'a.gif' is not accepted; end the name"),
        (("klines", "-s", "BTC", "--json", "-o", "a.png"), "use one of --json, --csv, -o"),
        (("klines", "-s", "BTC", "--from", "soon"), "from: 'soon' is not accepted"),
        (
            ("klines", "-s", "BTC", "--from", "-1h", "--to", "2026-01-31"),
            "it must be before",
        ),
        (("klines", "-s", "BTC,,"), "symbols: 'BTC,,' is not accepted"),
        (("klines", "-s", "BTC", "--width", "9"), "--width"),
        (("funding", "-s", "BTC", "--per", "day"), "--per"),
        (("klines",), "--symbols"),
    ],
)
def test_bad_input_is_refused_before_a_database_is_opened(
    program: Program, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    """Exit code 2 and one line."""
    done = program("chart", *words, "--database-dir", str(tmp_path / "db"))
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert said in done.err
    assert not (tmp_path / "db").exists()
