"""Pages of candles into ``klines``: our text by COPY beside the driver's records with decimals.

No network: the bodies are in memory. Eight pages are under way at once, of eight markets.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple, TypeAlias

import msgspec
from candles import LONGEST, MINUTE, page
from pages import EMPTY, PARTS

from perps_stats.core.catalogue import KLINES
from perps_stats.core.spans import Span
from perps_stats.core.stored import Filled
from perps_stats.core.times import from_ms
from perps_stats.database.repository import PostgresRepository, open_repository
from perps_stats.exchanges.binance.past import read_candles
from perps_stats.feed.flow import replay
from perps_stats.ingest.backfill.candles import kline_rows

AT_ONCE, PAGES = 8, 10
ROWS = AT_ONCE * PAGES * LONGEST
START = 1_704_067_200_000
LENGTH = timedelta(minutes=LONGEST)
PageRow: TypeAlias = tuple[
    int, Decimal, Decimal, Decimal, Decimal, Decimal, int, Decimal, int, str, str, str
]
Keep: TypeAlias = Callable[[PostgresRepository, int, int, bytes], Awaitable[None]]


async def as_text(repository: PostgresRepository, market_id: int, first: int, body: bytes) -> None:
    """As a backfill does, with the note that the span is filled."""
    candles = replay(read_candles(body), []).rows
    span = Span(from_ms(first), from_ms(first) + LENGTH)
    rows = kline_rows(market_id, "1m", candles)
    filled = [Filled(market_id, KLINES.name, "1m", span)]
    await repository.write({KLINES.name: rows}, filled=filled)


async def as_records(
    repository: PostgresRepository, market_id: int, _first: int, body: bytes
) -> None:
    minute = timedelta(minutes=1)
    records = [
        (
            *(market_id, "1m", opens := from_ms(time), opens + minute),
            *(open_, high, low, close, volume, turnover, trades, True, None, None),
        )
        for time, open_, high, low, close, volume, _, turnover, trades, *_ in msgspec.json.decode(
            body, type=list[PageRow]
        )
    ]
    async with repository.link.borrow() as connection:
        await connection.copy_records_to_table("klines", records=records, columns=KLINES.columns)


class Pace(NamedTuple):
    rows: float
    """A second of wall time."""
    cpu: float
    """Microseconds of this process a row."""


async def keep_all(repository: PostgresRepository, keep: Keep) -> Pace:
    firsts = [START + number * LONGEST * MINUTE for number in range(PAGES)]
    bodies = [page(first, MINUTE, LONGEST) for first in firsts]
    await repository.link.fetch(EMPTY)

    async def lane(market_id: int) -> None:
        for first, body in zip(firsts, bodies, strict=True):
            await keep(repository, market_id, first, body)

    began, spent = time.perf_counter(), time.process_time()
    await asyncio.gather(*map(lane, range(1, AT_ONCE + 1)))
    seconds, cpu = time.perf_counter() - began, time.process_time() - spent
    [[stored]] = await repository.link.fetch("select count(*) from klines")
    assert stored == ROWS
    return Pace(ROWS / seconds, cpu / ROWS * 1e6)


async def record_rounds(rounds: int) -> tuple[list[Pace], list[Pace]]:
    """Ours, the driver's."""
    with TemporaryDirectory(dir="/tmp") as directory:
        Path(directory).chmod(0o755)
        async with open_repository(None, Path(directory)) as repository:
            await repository.link.fetch(PARTS)
            ours, drivers = [], []
            for _ in range(rounds + 1):
                ours.append(await keep_all(repository, as_text))
                drivers.append(await keep_all(repository, as_records))
    return ours[1:], drivers[1:]
