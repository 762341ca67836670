"""``stream`` as a process, and ``db`` about what it left."""

import json
import signal
from pathlib import Path

from tests.cli.program import Program, stop

ENDED = (130, 143)


def test_stream_fills_the_database_and_db_tells_of_it(
    program: Program, simulated: dict[str, str], directory: Path
) -> None:
    """A run with an end, then one that is ended by a signal; the rows are there, then removed."""
    program.environ |= simulated | {"PERPS_STATS__DATABASE__DIR": str(directory / "db")}
    assert program("db", "init").out.startswith("applied: 0001_")
    assert program("db", "migrate", "--dry-run").out == "up to date\n"
    done = program("stream", "-s", "BTC", "--max-duration", "4s")
    assert (done.code, done.out) == (0, ""), done.err
    assert "frames, " in done.err
    assert "Traceback" not in done.err
    assert _rows(program)["trades"] > 0
    process = program.start("stream", "-s", "BTC")
    assert process.stderr is not None
    process.stderr.readline()
    ended = stop(process, signal.SIGTERM)
    assert ended.code == 143, ended.err
    assert "Traceback" not in ended.err
    kept = _rows(program)
    told = program("db", "clean", "--truncate", "--json")
    assert told.code == 0
    assert "would be removed; say --yes" in told.err
    assert _rows(program) == kept
    assert program("db", "clean", "--truncate", "--yes").code == 0
    assert not any(_rows(program).values())


def test_a_database_that_cannot_be_reached_is_one_line(program: Program) -> None:
    """Exit code 5, and the address without its password."""
    url = "postgresql://me:s3cret@127.0.0.1:9/db"
    for words in (["db", "stats"], ["stream"]):
        done = program(*words, "--database-url", url)
        assert (done.code, done.out) == (5, "")
        assert done.err.count("\n") == 1
        assert "127.0.0.1:9" in done.err
        assert "s3cret" not in done.err


def _rows(program: Program) -> dict[str, int]:
    listed = json.loads(program("db", "stats", "--json").out)["data"]
    return {table["table"]: table["rows"] for table in listed}
