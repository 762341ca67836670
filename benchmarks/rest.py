"""What an answer costs who gives it: candles from memory and from the database, last values.

The program itself (`perps-stats serve`, with its guard), nginx with the same bytes in a file, typed
FastAPI with the same records in memory, and our own answers made of Decimals, one after the other
in each round. wrk asks; CPU is that of the server's process, read from Linux.
"""

import asyncio
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple
from urllib.error import HTTPError
from urllib.request import urlopen

from filling import fill, markets
from rounds import HERE, spread

from perps_stats.core.catalogue import KLINES, TICKERS
from perps_stats.database.repository import open_repository

PEER = str(HERE.parent / ".venv" / "peer" / "bin" / "python")
PROGRAM = str(Path(sys.executable).parent / "perps-stats")
MARKETS, CANDLES, ASKED = 500, 50_000, 1000
SECONDS = 2
TICK = os.sysconf("SC_CLK_TCK")
NEWEST = f"/api/v1/klines?symbol=aster:C0&limit={ASKED}"
NGINX = """
daemon off; master_process off; worker_processes 1; pid {home}/nginx.pid; error_log stderr error;
events {{ worker_connections 256; }}
http {{
    access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000;
    default_type application/json; client_body_temp_path {home}/body;
    proxy_temp_path {home}/proxy; fastcgi_temp_path {home}/fastcgi;
    uwsgi_temp_path {home}/uwsgi; scgi_temp_path {home}/scgi;
    server {{ listen 127.0.0.1:{port}; root {home}; }}
}}
"""


class Load(NamedTuple):
    """Requests a second, microseconds of the server's CPU each, and half within so many ms."""

    rate: float
    cpu: float
    half_ms: float


class Server(NamedTuple):
    name: str
    pid: int
    url: str
    connections: int = 16

    def load(self) -> Load:
        before, command = cpu(self.pid), f"wrk -t1 -c{self.connections} -d{SECONDS}s --latency"
        done = subprocess.run(  # noqa: S603 our own words
            [*command.split(), self.url], check=True, capture_output=True, text=True
        ).stdout
        assert "Non-2xx" not in done, done
        count = int(first(r"(\d+) requests in", done))
        value, unit = re.findall(r"50%\s+([\d.]+)(us|ms|s)", done)[0]
        half = float(value) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[unit]
        rate = float(first(r"Requests/sec:\s+([\d.]+)", done))
        return Load(rate, (cpu(self.pid) - before) / count * 1e6, half)


class Measured(NamedTuple):
    memory: list[Server]
    stored: list[Server]
    last: Server
    loads: dict[Server, list[Load]]


def first(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match, text
    return match[1]


def cpu(pid: int) -> float:
    """Seconds of a process, in user and kernel."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def running(command: Sequence[str], port: int) -> Generator[int]:
    """The number of its process, from when it answers."""
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:  # noqa: S603 our own words
        try:
            while process.poll() is None and not is_open(port):
                time.sleep(0.05)
            yield process.pid
        finally:
            process.terminate()


def is_open(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def fetched(url: str) -> bytes:
    """Once it is there: before it has its database it says that it is starting."""
    while True:
        try:
            with urlopen(url) as answer:  # noqa: S310 our own
                return bytes(answer.read())
        except HTTPError:
            time.sleep(0.1)


async def filled(home: Path) -> None:
    end = datetime.now(UTC).replace(second=0, microsecond=0)
    async with open_repository(None, home) as repository:
        ids = list((await repository.store_markets(markets(MARKETS), simulated=True)).values())
        await fill(repository, KLINES, ids[:1], rows=CANDLES, days=CANDLES / 1440, end=end)
        await fill(repository, TICKERS, ids, rows=20 * MARKETS, days=0.1, end=end)
        await repository.link.fetch("analyze")


def measure(rounds: int) -> Measured:
    """Each in turn, one round before unmeasured."""
    with TemporaryDirectory(dir="/tmp") as directory, ExitStack() as stack:
        home = Path(directory)
        home.chmod(0o755)
        asyncio.run(filled(home / "database"))
        memory, stored, last = contestants(home, stack)
        loads: dict[Server, list[Load]] = {each: [] for each in (*memory, *stored, last)}
        for number in range(rounds + 1):
            for each, found in loads.items():
                load = each.load()
                if number:
                    found.append(load)
        return Measured(memory, stored, last, loads)


def contestants(home: Path, stack: ExitStack) -> tuple[list[Server], list[Server], Server]:
    """Of candles from memory, of candles from the database, of last values."""

    def start(name: str, path: str, *command: str) -> Server:
        port = free_port()
        (home / "nginx.conf").write_text(NGINX.format(home=home, port=port))
        pid = stack.enter_context(running([each.format(port=port) for each in command], port))
        return Server(name, pid, f"http://127.0.0.1:{port}{path}")

    database, file = str(home / "database"), home / "candles.json"
    ours = start("ours", NEWEST, PROGRAM, "serve", "--port", "{port}", "--database-dir", database)
    file.write_bytes(fetched(ours.url))
    memory = [ours]
    if shutil.which("nginx"):
        memory.append(start("nginx, a file", f"/{file.name}", "nginx", "-c", f"{home}/nginx.conf"))
    else:
        print("\nnginx is missing (apt-get install nginx-light), and is not measured")
    if Path(PEER).exists():
        memory.append(
            start("typed FastAPI", "/", PEER, script("rest_typed.py"), str(file), "{port}")
        )
    else:
        print("\nFastAPI is missing (make bench installs it), and is not measured")
    ended = f"{NEWEST}&end={datetime.now(UTC):%Y-%m-%dT%H:%M}Z"  # a span that ends is not kept
    slow = start("Decimals", ended, sys.executable, script("rest_decimals.py"), database, "{port}")
    stored = [ours._replace(url=ours.url + ended.removeprefix(NEWEST)), slow]
    tickers = ours.url.replace(NEWEST, f"/api/v1/tickers?limit={MARKETS}")
    return memory, stored, Server("last tickers", ours.pid, tickers, connections=1)


def script(name: str) -> str:
    return str(HERE / name)


def show(servers: Sequence[Server], loads: dict[Server, list[Load]], ours: Server) -> None:
    """CPU a request, how many times that of ours, and how many requests were answered."""
    mine = median(load.cpu for load in loads[ours])
    for each in servers:
        cpus = [load.cpu for load in loads[each]]
        rate = median(load.rate for load in loads[each])
        print(f"{each.name:18} {spread(cpus)} {median(cpus) / mine:7.2f} {rate:11,.0f}")


def answers(rounds: int) -> None:
    if shutil.which("wrk") is None:
        print("\nanswers are not measured: wrk is missing (apt-get install wrk nginx-light)")
        return
    memory, stored, last, loads = measure(rounds)
    size = f"{ASKED} candles, one worker (server CPU us a request)"
    head = f"{'':18} {'min':>9} {'median':>9} {'max':>9} {'x ours':>7} {'requests/s':>11}"
    print(f"\nfrom memory: {size}\n{head}")
    show(memory, loads, memory[0])
    print(f"\nfrom the database: {size}\n{head}")
    show(stored, loads, stored[0])
    halves = [load.half_ms for load in loads[last]]
    print(f"\nlast tickers of {MARKETS} markets, half of the answers within (ms)")
    print(f"{'':18} {'min':>9} {'median':>9} {'max':>9}\n{'one client':18} {spread(halves)}")
