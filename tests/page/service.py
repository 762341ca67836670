"""The real program on simulated exchanges that a test may trouble."""

import asyncio
import json
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias, TypeVar
from urllib.error import URLError
from urllib.request import urlopen

from tests.cli.own_server import free_port
from tests.cli.program import Program, command

from perps_stats.sim import SimSettings, Simulator
from perps_stats.sim.faults import parse_fault
from perps_stats.sim.pending import Faults

T = TypeVar("T")
Row: TypeAlias = dict[str, object]
VENUES = ("binance", "kucoin", "paradex")
SYMBOLS = ("BTC", "ETH")
OFTEN = {
    f"PERPS_STATS__STREAM__{name}_SECONDS": "1" for name in ("STORE", "BOOK", "TICKER", "FUNDING")
}
SECONDS = 100
"""For whatever another process does: a test has 120."""


class Venues:
    """In a thread of their own: the browser's driver has this one."""

    def __init__(self, simulator: Simulator, loop: asyncio.AbstractEventLoop) -> None:
        self._simulator = simulator
        self._loop = loop

    @property
    def environ(self) -> dict[str, str]:
        return {
            f"PERPS_STATS__EXCHANGES__{name.upper()}__{kind}_URL": url
            for name, venue in self._simulator.venues.items()
            for kind, url in (("REST", venue.rest_url), ("WS", venue.ws_url))
        }

    @contextmanager
    def cut(self, name: str) -> Generator[None]:
        """Its connections; as long as it is cut, whoever comes again is turned away."""
        venue = self._simulator.venues[name]
        faults: Faults = venue._dialect._faults  # type: ignore[attr-defined]  # each has them

        def inject() -> None:
            venue.suffer(parse_fault("503:ws:*:1"))
            venue.inject("restart", seconds=0)

        self._loop.call_soon_threadsafe(inject)
        try:
            yield
        finally:
            self._loop.call_soon_threadsafe(faults._requests.clear)


@contextmanager
def simulated() -> Generator[Venues]:
    ready, loop = threading.Event(), asyncio.new_event_loop()
    over = asyncio.Event()
    found: list[Simulator] = []

    async def live() -> None:
        async with Simulator(SimSettings(exchanges=VENUES, symbols=SYMBOLS)) as simulator:
            found.append(simulator)
            ready.set()
            await over.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(live(),))
    thread.start()
    ready.wait()
    try:
        yield Venues(found[0], loop)
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()


class Service:
    """``run`` on one port, which may be stopped and started again."""

    def __init__(self, directory: Path, environ: dict[str, str]) -> None:
        self.address = f"http://127.0.0.1:{free_port()}"
        self._program = Program(directory, {**environ, **OFTEN, **_where(directory)})
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """What it says goes to a file: nobody reads a pipe here."""
        port = self.address.rpartition(":")[2]
        with (self._program.directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command(["run", "--symbols", ",".join(SYMBOLS), "--port", port]),
                cwd=self._program.directory,
                env=self._program.environ,
                stdout=log,
                stderr=log,
            )

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(SECONDS)
            self._process = None

    def rows(self, path: str) -> list[Row]:
        return rows_of(self.address, path)

    def await_rows(self, path: str, count: int) -> list[Row]:
        return eventually(lambda: self.rows(path), lambda rows: len(rows) >= count)


def _where(directory: Path) -> dict[str, str]:
    return {
        "PERPS_STATS__DATABASE__DIR": str(directory / "db"),
        "PERPS_STATS__STREAM__EXCHANGES": ",".join(VENUES),
    }


def rows_of(address: str, path: str) -> list[Row]:
    with urlopen(f"{address}/api/v1/{path}", timeout=SECONDS) as answer:  # noqa: S310 our own
        body: dict[str, list[Row]] = json.load(answer)
    return body["data"]


def eventually(ask: Callable[[], T], is_right: Callable[[T], bool]) -> T:
    """The first answer that is right."""
    last = time.monotonic() + SECONDS
    while True:
        try:
            found = ask()
            if is_right(found):
                return found
            trouble = f"last: {str(found)[:500]}"
        except (URLError, ConnectionError, TimeoutError) as error:
            trouble = repr(error)
        assert time.monotonic() < last, f"not within {SECONDS} s; {trouble}"
        time.sleep(0.1)
