"""``sim``: simulated exchanges as a process."""

import signal
import socket
from http.client import HTTPConnection
from pathlib import Path

import pytest
from tests.cli.program import Program, stop


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_what_to_set_and_ends_by_signal(program: Program, number: signal.Signals) -> None:
    """Two variables for an exchange, nothing else on stdout; 130 or 143 at the end."""
    process = program.start("sim", "--exchanges", "binance", "--seed", "1")
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(2)]
    done = stop(process, number)
    prefix = "PERPS_STATS__EXCHANGES__BINANCE__"
    assert lines[0].startswith(f"{prefix}REST_URL=http://127.0.0.1:")
    assert lines[1].startswith(f"{prefix}WS_URL=ws://127.0.0.1:")
    assert (done.code, done.out) == (128 + number, "")


def test_a_port_in_use_is_told(program: Program) -> None:
    """Exit code 2, one line that names the port."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = program("sim", "--port", str(port))
    assert (done.code, done.out) == (2, "")
    assert f"port: {port} is not accepted" in done.err
    assert done.err.count("\n") == 1


def test_a_tape_that_is_not_there_is_told(program: Program, tmp_path: Path) -> None:
    """Exit code 2, one line that names the file."""
    done = program("sim", "--tape", str(tmp_path / "none.jsonl"))
    assert (done.code, done.out) == (2, "")
    assert "none.jsonl" in done.err
    assert done.err.count("\n") == 1


def test_what_goes_wrong_comes_from_a_file_and_made_up_coins_are_listed(
    program: Program, tmp_path: Path
) -> None:
    """Every question about the time is answered with HTTP 500, what is listed is not."""
    script = tmp_path / "faults"
    script.write_text("# the clock is down\nhttp500:time:*\n")
    words = ("--exchanges", "binance", "--symbols", "BTC", "--coins", "3", "--faults", str(script))
    process = program.start("sim", *words)
    assert process.stdout is not None
    connection = HTTPConnection(process.stdout.readline().strip().partition("=http://")[2])
    told = []
    for path in ("time", "time", "exchangeInfo"):
        connection.request("GET", f"/fapi/v1/{path}")
        answer = connection.getresponse()
        told.append((answer.status, b'"C003USDT"' in answer.read()))
    connection.close()
    stop(process, signal.SIGTERM)
    assert told == [(500, False), (500, False), (200, True)]
