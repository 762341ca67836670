"""Rows a second through the writer into ``trades``, sustained: as fast as it takes them.

What it cannot take yet waits, as a connection does whose reading is paused.
"""

import asyncio
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from copying import MARKET, tape_rows
from keeping import a_writer

from perps_stats.core.catalogue import TRADES
from perps_stats.database.repository import open_repository

REPEATS = 12
AT_ONCE = 1000
ID = TRADES.columns.index("id")


async def sustained() -> tuple[int, float]:
    """How many rows, in how many seconds."""
    with TemporaryDirectory(dir="/tmp") as directory:
        Path(directory).chmod(0o755)
        async with (
            open_repository(None, Path(directory)) as repository,
            a_writer(repository, Path(directory) / "spool") as writer,
        ):
            ids = await repository.store_markets([MARKET], simulated=False)
            rows = tape_rows(ids["BTCUSDT"])
            room, stop = asyncio.Event(), asyncio.Event()
            room.set()
            writer.on_full, writer.on_room = room.clear, room.set
            began = time.perf_counter()
            writing = asyncio.create_task(writer.run(stop))
            for number in range(REPEATS):
                for first in range(0, len(rows), AT_ONCE):
                    for row in rows[first : first + AT_ONCE]:
                        writer.keep("trades", (*row[:ID], f"{row[ID]}-{number}", *row[ID + 1 :]))
                    await asyncio.sleep(0)
                    await room.wait()
            stop.set()
            await writing
            seconds = time.perf_counter() - began
            [[stored]] = await repository.link.fetch("select count(*) from trades")
            assert stored == REPEATS * len(rows), f"{stored} of {REPEATS * len(rows)} rows"
            return stored, seconds
