"""A process of its own that uses the embedded database; tests kill it.

``client.py DIRECTORY hold`` says ``open`` and holds the server until its input ends.
``client.py DIRECTORY write`` writes trades in a session and says ``acked N`` after each batch.
``client.py DIRECTORY hold UID`` gives up root first.
"""

import asyncio
import concurrent.futures.thread  # noqa: F401  before the interpreter's own files are out of reach
import encodings.idna  # noqa: F401  likewise
import os
import sys
from datetime import timedelta
from pathlib import Path

from perps_stats.core import catalogue
from perps_stats.core.errors import PerpsError
from perps_stats.core.stored import Mark, Row
from perps_stats.core.times import from_us
from perps_stats.core.types import Market
from perps_stats.database.failures import DatabaseAway
from perps_stats.database.repository import PostgresRepository, open_repository

BATCH = 100
START_US = 1_772_366_400_000_000
MARKET = Market(
    exchange="binance",
    symbol="BTC",
    native="BTCUSDT",
    contract="BTC-USDT-PERP",
    base="BTC",
    quote="USDT",
    settle="USDT",
)


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def row(market_id: int, number: int) -> Row:
    time = f"{from_us(START_US) + timedelta(milliseconds=number):%Y-%m-%d %H:%M:%S.%f}+00"
    return (str(market_id), str(number), "1.5", "2", "buy", time, None, None)


async def hold(directory: Path) -> None:
    async with open_repository(None, directory) as repository:
        await repository.store_markets([MARKET], simulated=False)
        say("open")
        await asyncio.to_thread(sys.stdin.read)
    say("closed")


async def write(directory: Path) -> None:
    """Writes until its input ends. What was not acknowledged is written again."""
    async with open_repository(None, directory) as repository:
        ids = await repository.store_markets([MARKET], simulated=False)
        session = await repository.begin_session()
        ended = asyncio.ensure_future(asyncio.to_thread(sys.stdin.read))
        number = 0
        while not ended.done():
            await write_batch(repository, ids["BTCUSDT"], number)
            number += BATCH
            say(f"acked {number}")
        await repository.end_session(session)


async def write_batch(repository: PostgresRepository, market_id: int, number: int) -> None:
    rows = [row(market_id, number + at) for at in range(BATCH)]
    last = from_us(START_US) + timedelta(milliseconds=number + BATCH - 1)
    mark = Mark(market_id, "trades", from_us(START_US), last)
    while True:
        try:
            await repository.write({catalogue.TRADES.name: rows}, [mark])
        except DatabaseAway:
            say("away")
            await asyncio.sleep(0.05)
        else:
            return


def main() -> None:
    if len(sys.argv) > 3:
        os.setgroups([])
        os.setgid(int(sys.argv[3]))
        os.setuid(int(sys.argv[3]))
    try:
        asyncio.run({"hold": hold, "write": write}[sys.argv[2]](Path(sys.argv[1])))
    except PerpsError as error:
        say(f"error {error.exit_code} {error}")


if __name__ == "__main__":
    main()
