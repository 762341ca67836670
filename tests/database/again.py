"""A process of its own that writes batches, for tests of two writers at once.

``again.py URL`` says ``open``, then reads lines, each a JSON list of batches, writes them in that
order, and says what became of their rows.
"""

import asyncio
import sys
from pathlib import Path

import msgspec

from perps_stats.core.stored import Row, Written
from perps_stats.database.repository import open_repository


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


async def write_lines(url: str) -> None:
    async with open_repository(url, Path()) as repository:
        say("open")
        while line := await asyncio.to_thread(sys.stdin.readline):
            total = Written()
            for batch in msgspec.json.decode(line, type=list[dict[str, list[Row]]]):
                total += await repository.write(batch, ())
            say(msgspec.json.encode(total).decode())


if __name__ == "__main__":
    asyncio.run(write_lines(sys.argv[1]))
