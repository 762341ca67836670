"""``run`` and ``serve`` as processes."""

import json
import signal
import socket
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from tests.cli.own_server import free_port
from tests.cli.program import SECONDS, Program, stop

from perps_stats.sim.server import DIALECTS


def liquidity_of(port: int, exchanges: int) -> dict[str, object]:
    """The first answer that holds rows of so many exchanges."""
    last = time.monotonic() + SECONDS
    while time.monotonic() < last:
        try:
            url = f"http://127.0.0.1:{port}/api/v1/liquidity?symbol=BTC"
            with urlopen(url, timeout=SECONDS) as answer:
                body: dict[str, object] = json.load(answer)
        except (URLError, ConnectionError, TimeoutError):
            body = {"data": []}
        if isinstance(body["data"], list) and len(body["data"]) == exchanges:
            return body
        time.sleep(0.2)
    raise AssertionError("no liquidity was served")


def test_the_demo_serves_what_it_collects(program: Program, directory: Path) -> None:
    """Simulated exchanges, collected and answered; marked as such; Ctrl-C ends it cleanly."""
    port = free_port()
    program.environ["PERPS_STATS__DATABASE__DIR"] = str(directory / "db")
    process = program.start("run", "--demo", "--symbols", "BTC", "--port", str(port))
    try:
        body = liquidity_of(port, len(DIALECTS))
    finally:
        ended = stop(process, signal.SIGINT)
    rows = body["data"] if isinstance(body["data"], list) else []
    assert {row["exchange"] for row in rows} == set(DIALECTS)
    for row in rows:
        assert all(isinstance(row[band], str) for band in ("mid_price", "bid_1bps", "ask_100bps"))
    assert isinstance(body["meta"], dict)
    assert body["meta"]["simulated"] is True
    assert (ended.code, ended.out) == (130, "")
    assert "all data is simulated" in ended.err
    assert "Traceback" not in ended.err


def test_a_port_in_use_is_told_before_anything_starts(program: Program, tmp_path: Path) -> None:
    """One line that names the port; no database was created."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for words in (["serve"], ["run", "--demo"]):
            done = program(*words, "--port", port, "--database-dir", str(tmp_path / "db"))
            assert done.code == 3
            assert done.out == ""
            assert port in done.err
            assert done.err.count("\n") == 1
    assert not (tmp_path / "db").exists()


def test_other_machines_are_not_let_in_by_accident(program: Program, tmp_path: Path) -> None:
    """Exit code 3: a public address needs ``--insecure`` as long as there are no keys."""
    done = program("serve", "--host", "0.0.0.0", "--database-dir", str(tmp_path / "db"))  # noqa: S104
    assert (done.code, done.out) == (3, "")
    assert "--insecure" in done.err
    assert not (tmp_path / "db").exists()
