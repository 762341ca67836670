"""``doctor`` as a process: a line for each thing, a remedy where it helps, an exit code."""

import json
from pathlib import Path

import pytest
from tests.cli.own_server import free_port
from tests.cli.program import Program


@pytest.fixture
def alone(program: Program, simulated: dict[str, str]) -> Program:
    """One simulated exchange, and no database yet."""
    program.environ |= simulated
    program.environ["PERPS_STATS__DATABASE__DIR"] = str(program.directory / "none")
    return program


def test_all_is_well(alone: Program) -> None:
    """Exit 0; what could not be looked at says why, and how it could."""
    done = alone("doctor", "--json")
    assert (done.code, done.err) == (0, "")
    rows = {row["check"]: row for row in json.loads(done.out)["data"]}
    assert {row["status"] for row in rows.values()} == {"ok", "not checked"}
    assert rows["rest"]["found"].endswith(", simulated")
    assert rows["database"]["remedy"] == "`perps-stats db init` makes one"
    assert not (alone.directory / "none").exists()


def test_a_table_counts_what_it_found(alone: Program) -> None:
    """At its end, for a reader."""
    assert "8 ok, 1 not checked" in alone.on_terminal("doctor", "-e", "binance").out


def test_nobody_answers(program: Program, tmp_path: Path) -> None:
    """One line for each, within the given time; 4, and 5 where it is the database."""
    address = f"127.0.0.1:{free_port()}"
    program.environ |= {
        "PERPS_STATS__EXCHANGES__BINANCE__REST_URL": f"http://{address}",
        "PERPS_STATS__DATABASE__DIR": str(tmp_path / "none"),
    }
    done = program("doctor", "--timeout", "5", "--csv")
    rows = [row.split(",") for row in done.out.splitlines()]
    failed = [row[:3] for row in rows if row[2] == "failed"]
    assert (done.code, failed) == (4, [["binance", "connection", "failed"]])
    done = program("doctor", "--timeout", "5", DATABASE_URL=f"postgresql://x@{address}/y")
    assert done.code == 5


def test_an_unknown_exchange_is_bad_input(program: Program) -> None:
    """With near names."""
    done = program("doctor", "-e", "binanse")
    assert (done.code, done.out) == (2, "")
    assert done.err == "perps-stats: exchange: 'binanse' is not accepted; use binance\n"
