"""``run`` while what it needs is away: it says so, and it ends when it is told to."""

import asyncio
import json
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest
from tests.cli.own_server import OwnServer, free_port, own_server
from tests.cli.processes import frozen
from tests.cli.program import SECONDS, Program, stop
from tests.engines import reachable_directory

Body = Mapping[str, object]


@pytest.fixture(scope="module")
def own() -> Generator[OwnServer]:
    with own_server(reachable_directory()) as server:
        asyncio.run(server.execute("create database stopped"))
        yield server


class Service:
    """``run`` of the program on a port of its own."""

    def __init__(self, program: Program, *, is_patient: bool = True) -> None:
        self.port = free_port()
        words = ("run", "-s", "BTC", "--port", str(self.port))
        self.process = program.start(*words, is_patient=is_patient)

    def ask(self, path: str) -> tuple[int, bytes]:
        """Status and body; 0 where nobody answers."""
        try:
            with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=SECONDS) as answer:
                return answer.status, answer.read()
        except HTTPError as error:
            return error.code, error.read()
        except (URLError, ConnectionError, TimeoutError):
            return 0, b""

    def ready(self) -> tuple[int, Body]:
        status, body = self.ask("/readyz")
        return status, json.loads(body or b"{}")

    def metric(self, *series: str) -> float | None:
        """The sum of those that are there; ``None`` where none is."""
        lines = self.ask("/metrics")[1].decode().splitlines()
        told = dict(line.rsplit(" ", 1) for line in lines)
        found = [float(told[each]) for each in series if each in told]
        return sum(found) if found else None

    def wait(self, until: Callable[[], bool]) -> None:
        last = time.monotonic() + SECONDS
        while not until():
            assert self.process.poll() is None, self.process.communicate()
            assert time.monotonic() < last, (self.ready(), self.ask("/metrics"))
            time.sleep(0.1)

    def is_ready(self) -> bool:
        return self.ready()[0] == 200


@contextmanager
def running(program: Program, *, is_patient: bool = True) -> Generator[Service]:
    service = Service(program, is_patient=is_patient)
    try:
        yield service
    finally:
        if service.process.poll() is None:
            service.process.kill()
        service.process.communicate()


@pytest.fixture
def supplied(program: Program, simulated: dict[str, str], own: OwnServer) -> Program:
    """With a simulated exchange and a database of the user's."""
    program.environ |= {**simulated, "DATABASE_URL": own.url("stopped")}
    return program


@pytest.fixture
def collecting(supplied: Program) -> Generator[Service]:
    """Ready."""
    with running(supplied) as service:
        service.wait(service.is_ready)
        yield service


def test_a_frozen_database_is_told_and_survived(collecting: Service, own: OwnServer) -> None:
    """Reads answer 503; collecting goes on into the spool; both heal by themselves."""
    with frozen(own.pid):
        status, body = collecting.ready()
        assert (status, body["title"], body["database"]) == (503, "Database away", "away")
        assert body["collecting"] == {"binance": True}
        assert collecting.ask("/livez")[0] == 200
        assert collecting.metric("perps_stats_database_up") == 0
        collecting.wait(lambda: (collecting.metric("perps_stats_spool_records") or 0) > 0)
        assert "wait in the spool" in str(collecting.ready()[1]["reasons"])
    collecting.wait(collecting.is_ready)
    collecting.wait(lambda: collecting.metric("perps_stats_spool_records") == 0)
    collecting.wait(lambda: collecting.ask("/api/v1/trades?symbol=BTC&limit=1")[0] == 200)
    ended = stop(collecting.process, signal.SIGTERM)
    assert ended.code == 143, ended.err
    assert "Traceback" not in ended.err


def test_a_frozen_database_does_not_hold_up_the_end(supplied: Program, own: OwnServer) -> None:
    """It ends while the database still stands, with one line that says what that means."""
    with running(supplied, is_patient=False) as service:
        service.wait(service.is_ready)
        with frozen(own.pid):
            ended = stop(service.process, signal.SIGTERM)
    assert ended.code in {1, 5}, ended.err
    assert ended.err.splitlines()[-1].startswith("perps-stats: ")
    assert "Traceback" not in ended.err


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_second_signal_ends_it_at_once(
    collecting: Service, own: OwnServer, number: signal.Signals, code: int
) -> None:
    """Whatever is still to be done: nothing more is said."""
    with frozen(own.pid):
        collecting.process.send_signal(signal.SIGTERM)
        told = _read_until(collecting.process, "stopping")
        ended = stop(collecting.process, number)
    assert told
    assert ended.code == code, ended.err
    assert "perps-stats: " not in ended.err


def test_a_database_that_is_not_there_yet_is_waited_for(
    program: Program, simulated: dict[str, str]
) -> None:
    """The port answers from the beginning: alive, not ready, and why; a signal ends the waiting."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"postgresql://me@127.0.0.1:{mute.getsockname()[1]}/db"
        program.environ |= {**simulated, "DATABASE_URL": url}
        with running(program) as service:
            service.wait(lambda: service.ask("/livez")[0] == 200)
            status, body = service.ready()
            assert (status, body["title"], body["database"]) == (503, "Starting", "starting")
            assert body["reasons"] == ["the database is being opened"]
            assert service.ask("/api/v1/trades")[0] == 503
            assert service.metric("perps_stats_database_up") == 0
            ended = stop(service.process, signal.SIGTERM)
    assert (ended.code, ended.out) == (143, "")
    assert "Traceback" not in ended.err


def test_an_exchange_that_goes_away_is_told(
    program: Program, own: OwnServer, tmp_path: Path
) -> None:
    """What was stored can be read: still ready. Connections, suspect books and open gaps are told
    by the metrics; when it is back all is as before, and the gaps are closed.
    """
    port = free_port()
    words = ("sim", "--exchanges", "binance", "--symbols", "BTC", "--port", str(port))
    exchange = Program(tmp_path)
    program.environ |= {
        "DATABASE_URL": own.url("stopped"),
        "PERPS_STATS__EXCHANGES__BINANCE__REST_URL": f"http://127.0.0.1:{port}",
        "PERPS_STATS__EXCHANGES__BINANCE__WS_URL": f"ws://127.0.0.1:{port}",
    }
    of = '{exchange="binance"}'
    suspect = 'perps_stats_books{exchange="binance",state="suspect"}'
    gaps = [  # of one that falls silent before it goes, the silence is what is noticed
        f'perps_stats_open_gaps{{cause="{cause}",channel="orderbook",exchange="binance"}}'
        for cause in ("disconnect", "silence")
    ]
    first = exchange.start(*words)
    with running(program) as service:
        try:
            service.wait(service.is_ready)
            service.wait(lambda: service.metric(suspect) == 0)
        finally:
            stop(first, signal.SIGTERM)
        service.wait(lambda: service.metric(f"perps_stats_connections{of}") == 0)
        service.wait(lambda: service.metric(*gaps) == 1)
        assert service.metric(suspect) == 1
        service.wait(service.is_ready)
        second = exchange.start(*words)
        try:
            service.wait(lambda: service.metric(suspect) == 0)
            service.wait(lambda: service.metric(*gaps) == 0)
            assert (service.metric(f"perps_stats_resyncs_total{of}") or 0) >= 1
            ended = stop(service.process, signal.SIGTERM)
        finally:
            stop(second, signal.SIGTERM)
    assert ended.code == 143, ended.err


def _read_until(process: "subprocess.Popen[str]", word: str) -> bool:
    assert process.stderr is not None
    return any(word in line for line in process.stderr)
