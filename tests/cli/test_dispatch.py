"""Every failure is one line and a documented exit code."""

import signal
import socket
import sys
from types import ModuleType

import click
import pytest
from tests.cli.program import Program, stop

from perps_stats.cli import COMMANDS, Command, dispatch
from perps_stats.core.errors import (
    BadInput,
    ConfigError,
    DatabaseError,
    PerpsError,
    Refused,
    UnknownMarket,
    Unreachable,
)


@pytest.mark.parametrize(
    ("error", "line", "code"),
    [
        (BadInput("depth", 0, "use 1 or more"), "depth: 0 is not accepted; use 1 or more", 2),
        (UnknownMarket("FOO", ["FOX"]), "'FOO' is not a market it lists; did you mean FOX?", 2),
        (ConfigError("api.port is wrong"), "api.port is wrong", 3),
        (Unreachable("no answer"), "no answer", 4),
        (Refused("-1121", "Invalid symbol."), "refused: Invalid symbol. (code -1121)", 4),
        (DatabaseError("it is away"), "it is away", 5),
        (PerpsError("no space left"), "no space left", 1),
        (KeyboardInterrupt(), "", 130),
        (click.Abort(), "", 130),
        (SystemExit(143), "", 143),
        (click.exceptions.Exit(0), "", 0),
        (ExceptionGroup("two", [ValueError("x"), Unreachable("no answer")]), "no answer", 4),
        (
            ExceptionGroup("nested", [ExceptionGroup("in", [DatabaseError("it is away")])]),
            "it is away",
            5,
        ),
    ],
)
def test_an_error_is_explained(error: BaseException, line: str, code: int) -> None:
    """What we know has its words and its code; of several, what we know counts."""
    assert dispatch.explain(error) == (line, code)


def test_a_defect_asks_to_be_reported() -> None:
    """What nobody foresaw is one line that says what to do."""
    line, code = dispatch.explain(ZeroDivisionError("division by zero"))
    assert code == 1
    assert line.startswith("ZeroDivisionError: division by zero; this is a defect of perps-stats")
    assert "--debug" in line


@pytest.fixture(name="broken")
def a_broken_command(monkeypatch: pytest.MonkeyPatch) -> str:
    """A command with a defect."""

    @click.command()
    def command() -> None:
        raise ZeroDivisionError("first line\nsecond line")

    module = ModuleType("perps_stats.cli.broken")
    setattr(module, "command", command)  # noqa: B010 - a module of our making has no such field yet
    monkeypatch.setitem(sys.modules, "perps_stats.cli.broken", module)
    monkeypatch.setitem(COMMANDS, "broken", Command("broken", "divides by zero"))
    monkeypatch.setattr("signal.signal", lambda *_: None)
    return "broken"


def test_a_traceback_is_shown_on_request_only(
    broken: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without ``--debug`` one line, with it the error itself."""
    assert dispatch.dispatch([broken], debug=False) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("perps-stats: ZeroDivisionError: first line second line; ")
    assert captured.err.count("\n") == 1
    with pytest.raises(ZeroDivisionError):
        dispatch.dispatch([broken], debug=True)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["makret"], "command: 'makret' is not accepted; use market"),
        (
            ["market", "--jsn"],
            "No such option '--jsn'. (Did you mean one of: '--csv', '--json'?); see",
        ),
        (["liquidity"], "Missing option '--symbols' / '--symbol' / '-s'; see `perps-stats liqu"),
        (["liquidity", "-s", "BTC", "--depth", "0"], "Invalid value for '--depth': 0 is not in"),
        (["liquidity", "-s", "BTC", "--depth", "x"], "Invalid value for '--depth': 'x' is not a"),
        (["market", "-s", "BTC,,ETH"], "symbols: 'BTC,,ETH' is not accepted; separate names by"),
        (["market", "-e", "binanse"], "exchange: 'binanse' is not accepted; use binance"),
        (["market", "-e", ""], "exchanges: '' is not accepted; separate names"),
        (["market", "--json", "--csv"], "output: '--json --csv' is not accepted; use one of"),
        (
            ["market", "-o", "x"],
            "output: 'x' is not accepted; end the name in .json, .csv, .tsv, .xlsx, .parquet",
        ),
        (["market", "surplus"], "Got unexpected extra argument (surplus); see `perps-stats mark"),
        (["slippage", "-s", "BTC", "--size", "1e"], "size: '1e' is not accepted; use an amount"),
        (
            ["slippage", "-s", "BTC", "--size", "-5"],
            "size: '-5' is not accepted; use an amount",
        ),
        (["slippage", "-s", "BTC", "--size", "NaN"], "size: 'NaN' is not accepted; use an amount"),
        (["slippage", "-s", "BTC", "--size", "1", "--fee", "5"], "fee: '5' is not accepted; use a"),
        (["slippage", "-s", "BTC", "--size", "1", "--side", "x"], "Invalid value for '--side'"),
        (["stream", "--max-duration", "soon"], "max-duration: 'soon' is not accepted; use a"),
        (["stream", "--data", "books"], "data: 'books' is not accepted; use orderbook"),
        (["serve", "--port", "99999"], "api.port: '99999' is not accepted; use a port"),
        (["serve", "--database-url", "x", "--database-dir", "y"], "database-dir: 'y' is not acc"),
        (["db"], "a command is missing; use clean, "),
        (["db", "drop"], "No such command 'drop'; use clean, "),
        (["db", "clean"], "clean: '' is not accepted; say what: --older-than 30d, or --truncate"),
        (["db", "clean", "--older-than", "1"], "older-than: '1' is not accepted; use a number and"),
        (["sim", "--speed", "fast"], "speed: 'fast' is not accepted; use a number above 0, or max"),
        (["sim", "--fault", "flood:1"], "fault"),
        (["sim", "--faults", "nowhere"], "faults: 'nowhere' is not accepted; give a text file"),
        (["sim", "--rate", "0"], "rate: 0.0 is not accepted; use a number from 0.02 to 50"),
        (["sim", "--coins", "1000"], "coins: 1000 is not accepted; use a whole number up to 999"),
        (["run", "--faults", "x"], "faults: 'x' is not accepted; only simulated exchanges have"),
        (["run", "--demo", "--faults", "x"], "faults: 'x' is not accepted; give a text file"),
        (["sim", "--port", "70000"], "Invalid value for '--port' / '-p'"),
        (["config"], "a command is missing; use show; see `perps-stats config --help`"),
    ],
)
def test_a_wrong_call_is_one_line(
    tmp_path_factory: pytest.TempPathFactory, words: list[str], line: str
) -> None:
    """Exit code 2, nothing on stdout, one line on stderr that says what to do instead."""
    directory = tmp_path_factory.mktemp("run")
    done = Program(directory)(*words, PERPS_STATS__DATABASE__DIR=str(directory / "never"))
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"perps-stats: {line}")
    assert done.err.count("\n") == 1
    assert list(directory.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_question_quietly(program: Program, number: signal.Signals) -> None:
    """While it waits for an exchange that says nothing: 130 or 143, and no word."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        program.environ["PERPS_STATS__EXCHANGES__BINANCE__REST_URL"] = address
        process = program.start("market", "-s", "BTC")
        connection, _ = silent.accept()
        ended = stop(process, number)
        connection.close()
    assert ended == (128 + number, "", "")
