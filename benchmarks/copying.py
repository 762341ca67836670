"""The writer's path into `trades` beside the server's own COPY of the same rows, in turn.

The rows are the tape's trades, repeated with other ids. Both write into the same table of the same
embedded server, emptied before; the server's COPY is given the finished text.
"""

import io
import tempfile
import time
from pathlib import Path

import asyncpg
from tape import read_tape

from perps_stats.core.catalogue import TRADES
from perps_stats.core.stored import Row
from perps_stats.core.types import Market
from perps_stats.database.repository import PostgresRepository, open_repository
from perps_stats.exchanges.binance.stream import decode
from perps_stats.exchanges.events import TradeTick
from perps_stats.ingest.rows import trade_row

BATCH = 10_000
REPEATS = 5
MARKET = Market(
    exchange="binance",
    symbol="BTC",
    native="BTCUSDT",
    contract="BTC-USDT-PERP",
    base="BTC",
    quote="USDT",
    settle="USDT",
)


def tape_rows(market_id: int) -> list[Row]:
    _, frames = read_tape()
    events = [event for frame in frames for event in decode(frame)]
    ticks = [event for event in events if isinstance(event, TradeTick)]
    rows = [trade_row(str(market_id), tick, tick.ts) for tick in ticks]
    at = TRADES.columns.index("id")
    return [
        (*row[:at], f"{row[at]}{number}", *row[at + 1 :])
        for number in range(REPEATS)
        for row in rows
    ]


async def copy_rounds(rounds: int) -> tuple[list[float], list[float]]:
    """Rows per second of wall time: ours, the server's."""
    with tempfile.TemporaryDirectory(dir="/tmp") as directory:
        Path(directory).chmod(0o755)
        async with open_repository(None, Path(directory)) as repository:
            ids = await repository.store_markets([MARKET], simulated=False)
            rows = tape_rows(ids["BTCUSDT"])
            ours, server = [], []
            for _ in range(rounds + 1):
                ours.append(len(rows) / await our_way(repository, rows))
                server.append(len(rows) / await server_way(repository, rows))
    return ours[1:], server[1:]


async def our_way(repository: PostgresRepository, rows: list[Row]) -> float:
    await repository.link.fetch("truncate trades")
    began = time.perf_counter()
    for first in range(0, len(rows), BATCH):
        await repository.write({"trades": rows[first : first + BATCH]}, [])
    return time.perf_counter() - began


async def server_way(repository: PostgresRepository, rows: list[Row]) -> float:
    await repository.link.fetch("truncate trades")
    lines = ["\t".join("\\N" if text is None else text for text in row) for row in rows]
    bodies = [
        ("\n".join(lines[first : first + BATCH]) + "\n").encode()
        for first in range(0, len(lines), BATCH)
    ]
    connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(repository.link.url)
    try:
        began = time.perf_counter()
        for body in bodies:
            await connection.copy_to_table(
                "trades", source=io.BytesIO(body), columns=TRADES.columns, format="text"
            )
        return time.perf_counter() - began
    finally:
        await connection.close()
