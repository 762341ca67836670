"""A million trades by the client: each once, to the digit, in memory that does not grow with them.

Thirty thousand without ``PERPS_STATS_LONG=1``.
"""

import asyncio
import os
import sys
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from msgspec import Struct
from tests.api.rows import MARKETS, NOON

from perps_stats.core.catalogue import TRADES
from perps_stats.core.times import text_of_us, to_us
from perps_stats.database.repository import PostgresRepository

LONG = "PERPS_STATS_LONG" in os.environ
ROWS = 1_000_000 if LONG else 30_000
AT_ONCE = 50_000
MB = 1 << 20
PROGRAM = Path(__file__).with_name("pager.py")


class Walked(Struct):
    rows: int
    total: Decimal
    grown: int
    seconds: float


class Framed(Struct):
    rows: int
    total: Decimal
    ids: int
    bytes: int
    peak: int
    seconds: float


class Told(Struct):
    walked: Walked
    framed: Framed


def price(number: int) -> str:
    return f"{60_000 + number % 10_000}.{number % 100:02}"


async def fill(repository: PostgresRepository) -> None:
    """By COPY: twenty a second from noon of the day before."""
    market = (await repository.store_markets(MARKETS, simulated=True))["BTCUSDT"]
    begin = to_us(NOON - timedelta(days=1))
    empty = dict.fromkeys(TRADES.columns)
    for first in range(0, ROWS, AT_ONCE):
        rows = [
            tuple(
                (
                    empty
                    | {
                        "market_id": str(market),
                        "id": str(n),
                        "price": price(n),
                        "quantity": "0.001",
                        "side": "buy",
                        "ts": text_of_us(begin + n * 50_000),
                    }
                ).values()
            )
            for n in range(first, min(first + AT_ONCE, ROWS))
        ]
        written = await repository.write({TRADES.name: rows})
        assert written.new == len(rows)


@pytest.mark.timeout(900)
async def test_a_million_rows(address: str, repository: PostgresRepository) -> None:
    """Row by row in the memory of a page, and into polars in little more than the frame takes."""
    await fill(repository)
    program = await asyncio.create_subprocess_exec(
        sys.executable, PROGRAM, address, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await program.communicate()
    assert program.returncode == 0
    told = msgspec.json.decode(output, type=Told)
    total = sum((Decimal(price(n)) for n in range(ROWS)), Decimal(0))
    walked, framed = told.walked, told.framed
    sys.stdout.write(
        f"\n{ROWS:,} trades: row by row in {walked.seconds:.0f} s, {walked.grown / MB:+.1f} MB;"
        f" into polars in {framed.seconds:.0f} s, a frame of {framed.bytes / MB:.0f} MB"
        f" with {framed.peak / MB:.0f} MB at most\n"
    )
    assert (walked.rows, walked.total) == (ROWS, total)
    assert (framed.rows, framed.ids, framed.total) == (ROWS, ROWS, total)
    assert walked.grown < 16 * MB
    assert framed.peak < 4 * framed.bytes + 32 * MB
