"""How long a message is under way while 5,000 come each second: from the time it is due at the
source until it is in its book and its rows wait for the writer, which stores them meanwhile.

The collector runs on one core, the source and the database on the other: ``python lag.py PORT``.
Prints the microseconds of the median, of the 99th of a hundred, of the worst, and rows stored.
"""

import asyncio
import logging
import os
import sys
import time
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

import structlog
import uvloop
from keeping import a_writer
from live_ours import collector_of, market
from source import EACH, SYMBOLS
from tape import read_tape

from perps_stats.database.repository import open_repository
from perps_stats.ingest.grids import Grids
from perps_stats.ingest.outside import Line, Outside, Receive
from perps_stats.net.websocket import WebSocketLimits, connect

RATE = 5000
LEAD_SECONDS = 1.0
OURS = {0}
WARM = RATE
"""The first second begins 200 books at once."""


class Clocked:
    """Connects as usual, and notes when each message has been dealt with."""

    def __init__(self, at: float) -> None:
        self._at = at
        self.lags: list[float] = []
        self.all_came = asyncio.Event()

    async def connect(self, url: str, receive: Receive, limits: WebSocketLimits) -> Line:
        def clocked(frame: bytes, recv_us: int) -> None:
            receive(frame, recv_us)
            due = self._at + len(self.lags) / RATE
            self.lags.append(time.monotonic() - due)
            if len(self.lags) == SYMBOLS * EACH:
                self.all_came.set()

        return await connect(url, clocked, limits)


async def measure(port: str) -> None:
    snapshot, _ = read_tape()
    with TemporaryDirectory(dir="/tmp") as home:
        Path(home).chmod(0o755)
        async with (
            open_repository(None, Path(home)) as repository,
            a_writer(repository, Path(home) / "spool") as writer,
        ):
            await repository.store_markets([market(n) for n in range(SYMBOLS)], simulated=True)
            os.sched_setaffinity(0, OURS)
            at = time.monotonic() + LEAD_SECONDS
            clocked = Clocked(at)
            collector = collector_of(
                f"ws://127.0.0.1:{port}",
                f"/paced?rate={RATE}&at={at}",
                snapshot,
                writer,
                grids=Grids(),
                outside=Outside(connect=clocked.connect),
            )
            stop = asyncio.Event()
            tasks = [asyncio.create_task(work.run(stop)) for work in (collector, writer)]
            await clocked.all_came.wait()
            stop.set()
            await asyncio.gather(*tasks)
            tell(clocked.lags[WARM:], writer.counts["new"])


def tell(lags: list[float], rows: int) -> None:
    cuts = quantiles(lags, n=100)
    print(*(round(lag * 1e6) for lag in (cuts[49], cuts[98], max(lags))), rows)


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    uvloop.run(measure(sys.argv[1]))
