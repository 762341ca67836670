"""Pages of candles into rows of the table: perps-stats beside ccxt, each in a process of its own.

An exchange on loopback gives both the same candles; both keep them in ``klines`` of one server.
"""

import random
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from candles import NAMES
from processor import seconds_of, server_pid
from rounds import HERE, spread

from perps_stats.database.repository import PostgresRepository, open_repository

PEER = str(HERE.parent / ".venv" / "peer" / "bin" / "python")
EMPTY = "truncate klines, backfill_progress"
PARTS = """
select create_partitions('klines', array(
    select day::date from generate_series(timestamp '2024-01-01', '2024-12-01', '1 month') day
))
"""


@dataclass
class Filler:
    """Fills ``days`` of eight markets. The lists have a value for each round."""

    name: str
    python: str
    script: str
    mode: str
    days: int
    client: list[float] = field(default_factory=list)
    """Microseconds of CPU a candle, of the process itself."""
    whole: list[float] = field(default_factory=list)
    """The same with the database's and the exchange's."""

    @property
    def candles(self) -> int:
        return len(NAMES) * self.days * 1440

    def start(self, exchange: str, database: str) -> None:
        self.process = subprocess.Popen(  # noqa: S603 our own scripts
            [self.python, str(HERE / self.script), exchange, database, str(self.days)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        self.process.stdout.readline()

    def run(self) -> float:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(self.mode + "\n")
        self.process.stdin.flush()
        seconds, rows = self.process.stdout.readline().split()
        assert int(rows) == self.candles, f"{self.name} kept {rows} of {self.candles} candles"
        return float(seconds)

    def stop(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()


def fillers() -> list[Filler]:
    return [
        Filler("1000 a page", sys.executable, "filler.py", "1000", 15),
        Filler("1500 a page", sys.executable, "filler.py", "1500", 15),
        Filler("ccxt, execute", PEER, "ccxt_filler.py", "execute", 1),
        Filler("ccxt, executemany", PEER, "ccxt_filler.py", "executemany", 5),
        Filler("ccxt, floats", PEER, "ccxt_filler.py", "floats", 5),
    ]


@contextmanager
def candle_exchange() -> Generator[tuple[str, int]]:
    """Its address, and its process."""
    command = [sys.executable, str(HERE / "candles.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout
        try:
            yield process.stdout.readline().strip(), process.pid
        finally:
            process.terminate()


async def fill_in_turn(rounds: int) -> list[Filler]:
    """One round unmeasured, then ``rounds`` in shuffled order."""
    order, some = random.Random(7), fillers()  # noqa: S311 an order, no secret
    with TemporaryDirectory(dir="/tmp") as directory, candle_exchange() as (address, exchange):
        Path(directory).chmod(0o755)
        async with open_repository(None, Path(directory)) as repository:
            await repository.link.fetch(PARTS)
            others = [server_pid(Path(directory)), exchange]
            for each in some:
                each.start(address, repository.link.url)
            try:
                for number in range(rounds + 1):
                    for each in order.sample(some, len(some)):
                        await measure(each, repository, others, kept=number > 0)
            finally:
                for each in some:
                    each.stop()
    return some


async def measure(
    each: Filler, repository: PostgresRepository, others: list[int], *, kept: bool
) -> None:
    await repository.link.fetch(EMPTY)
    before = sum(map(seconds_of, others))
    seconds = each.run()
    rest = sum(map(seconds_of, others)) - before
    if kept:
        each.client.append(seconds / each.candles * 1e6)
        each.whole.append((seconds + rest) / each.candles * 1e6)


def show(some: list[Filler]) -> None:
    ours, *_ = some
    print("\npages of candles into rows of the table, 8 in flight (CPU us a candle of the client)")
    print(f"{'':18} {'min':>9} {'median':>9} {'max':>9} {'x ours':>7} {'whole':>7} {'x ours':>7}")
    for each in some:
        client, whole = median(each.client), median(each.whole)
        ratios = client / median(ours.client), whole / median(ours.whole)
        print(
            f"{each.name:18} {spread(each.client)} {ratios[0]:7.2f} {whole:7.2f} {ratios[1]:7.2f}"
        )
    print("execute: an insert a candle; executemany: one a page; floats: the same, and the server")
    print("makes times and numbers of ccxt's floats. whole: with the database and the exchange")
