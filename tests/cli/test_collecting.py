"""``stream`` as a process, and ``db`` about what it left."""

import json
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest
from tests.cli.own_server import free_port
from tests.cli.program import SECONDS, Program, ended, stop

from perps_stats.database.link import Link

Told = Mapping[str, Sequence[Mapping[str, str | int | float | None]]]


@pytest.mark.needs_real_server
async def test_stream_fills_the_database_and_db_tells_of_it(
    program: Program, simulated: dict[str, str], empty: Link
) -> None:
    """A run with an end, then one that is ended by a signal; the rows are there, then removed."""
    program.environ |= simulated | {"DATABASE_URL": empty.url}
    assert program("db", "init").out.startswith("applied: 0001_")
    assert program("db", "migrate", "--dry-run").out == "up to date\n"
    done = ended(program.start("stream", "-s", "BTC", "--max-duration", "1s"))
    assert (done.code, done.out) == (0, ""), done.err
    assert "frames, " in done.err
    assert "Traceback" not in done.err
    process = program.start("stream", "-s", "BTC")
    try:
        wait(lambda: _rows(program)["trades"] > 0)
    finally:
        done = stop(process, signal.SIGTERM)
    assert done.code == 143, done.err
    assert "Traceback" not in done.err
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


def test_json_lines_tell_how_it_goes(
    program: Program, simulated: dict[str, str], directory: Path
) -> None:
    """On stdout nothing but a line each second, until what was asked for is heard."""
    program.environ |= simulated | {"PERPS_STATS__DATABASE__DIR": str(directory / "db")}
    process = program.start("stream", "-s", "BTC", "--json")
    assert process.stdout is not None
    try:
        lines = 1
        while not is_all_heard(json.loads(process.stdout.readline())):
            lines += 1
    finally:
        done = stop(process, signal.SIGTERM)
    assert done.code == 143, done.err
    assert lines >= 2
    assert all(json.loads(line)["exchanges"] for line in done.out.splitlines())


def is_all_heard(told: Told) -> bool:
    """Since some time: a rate needs two looks."""
    (exchange,) = told["exchanges"]
    assert exchange["exchange"] == "binance"
    assert exchange["books"] in {0, 1}
    return (
        exchange["state"] == "connected"
        and (exchange["books_verified"], exchange["open_gaps"]) == (1, 0)
        and exchange["messages_per_second"] not in {None, 0}
    )


def test_a_table_on_a_terminal(
    program: Program, simulated: dict[str, str], directory: Path
) -> None:
    """It stays below what is logged; what was collected is summed up below it."""
    program.environ |= simulated | {"PERPS_STATS__DATABASE__DIR": str(directory / "db")}
    shown = program.on_terminal("stream", "-s", "BTC", until="connected")
    assert shown.code == 130, shown.out
    assert "messages/s" in shown.out
    assert "connected" in shown.out
    assert "frames, " in shown.out.splitlines()[-1]
    assert "Traceback" not in shown.out


def test_a_collector_alone_tells_its_metrics(
    program: Program, simulated: dict[str, str], directory: Path
) -> None:
    """On a port of loopback, with the probes, and nothing else; a port in use is told at once."""
    program.environ |= simulated | {"PERPS_STATS__DATABASE__DIR": str(directory / "db")}
    port = str(free_port())
    process = program.start("stream", "-s", "BTC", "--metrics-port", port)
    try:
        told = answered(port, "/metrics", b"perps_stats_messages_total{")
        assert b"perps_stats_database_up 1" in told
        assert b'"ready"' in answered(port, "/readyz", b"binance")
        done = program("stream", "-s", "BTC", "--metrics-port", port)
        assert (done.code, port in done.err) == (3, True)
        with pytest.raises(HTTPError, match="404"):
            urlopen(f"http://127.0.0.1:{port}/api/v1/trades", timeout=SECONDS)
    finally:
        done = stop(process, signal.SIGTERM)
    assert done.code == 143, done.err


def answered(port: str, path: str, part: bytes) -> bytes:
    """The first answer that has this part."""
    last = time.monotonic() + SECONDS
    while time.monotonic() < last:
        with suppress(URLError, ConnectionError, TimeoutError):
            with urlopen(f"http://127.0.0.1:{port}{path}", timeout=SECONDS) as answer:
                body: bytes = answer.read()
            if part in body:
                return body
        time.sleep(0.2)
    raise AssertionError(f"{path} never said {part!r}")


def wait(until: Callable[[], bool]) -> None:
    last = time.monotonic() + SECONDS
    while not until():
        assert time.monotonic() < last
        time.sleep(0.2)


def _rows(program: Program) -> dict[str, int]:
    listed = json.loads(program("db", "stats", "--json").out)["data"]
    return {table["table"]: table["rows"] for table in listed}
