"""A writer at work on a real database that can be made to wait, or to be away."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path

from perps_stats.core.stored import Filled, Mark, Query, Row, Written
from perps_stats.core.times import from_us
from perps_stats.core.types import Gap, Market
from perps_stats.database.failures import DatabaseAway
from perps_stats.database.repository import PostgresRepository
from perps_stats.ingest.outside import Outside, wall_us
from perps_stats.ingest.spool.disk import Directory
from perps_stats.ingest.spool.spool import Spool
from perps_stats.ingest.writer import Writer

MARKET = Market(
    exchange="binance",
    symbol="BTC",
    native="BTCUSDT",
    contract="BTC-USDT-PERP",
    base="BTC",
    quote="USDT",
    settle="USDT",
)
NOON = from_us(1_772_366_400_000_000)
SECOND = timedelta(seconds=1)
ALL = Query(limit=1_000_000)
GENEROUS = 1 << 30


def trade(market_id: int, number: int, price: str = "1.5") -> Row:
    """At noon and so many seconds."""
    time = f"{NOON + number * SECOND:%Y-%m-%d %H:%M:%S}+00"
    return (str(market_id), str(number), price, "1", "buy", time, None, time)


class Moody(PostgresRepository):
    """A database that writes only while it is ``willing``, and is away for so many ``failures``.

    ``sizes`` are the rows of each transaction.
    """

    def __init__(self, repository: PostgresRepository) -> None:
        super().__init__(repository.link)
        self.failures = 0
        self.willing = asyncio.Event()
        self.willing.set()
        self.sizes: list[int] = []

    async def write(
        self,
        batch: Mapping[str, Sequence[Row]],
        marks: Sequence[Mark] = (),
        filled: Sequence[Filled] = (),
        *,
        gaps: Sequence[Gap] = (),
        session: int | None = None,
    ) -> Written:
        await self.willing.wait()
        if self.failures:
            self.failures -= 1
            raise DatabaseAway("it is restarting")
        self.sizes.append(sum(map(len, batch.values())))
        return await super().write(batch, marks, filled, gaps=gaps, session=session)


class Work:
    """One market's trades, marked second by second, into ``writer``."""

    def __init__(self, database: Moody, spool: Spool, market_id: int) -> None:
        self.database = database
        self.market_id = market_id
        self.writer = Writer(database, self._marks, spool, Outside())
        self.stop = asyncio.Event()
        self._next = self._told = 0

    def trade(self, count: int = 1, price: str = "1.5") -> None:
        for _ in range(count):
            self.writer.keep("trades", trade(self.market_id, self._next, price))
            self._next += 1

    @property
    def traded(self) -> int:
        return self._next

    def _marks(self) -> list[Mark]:
        if self._told == self._next:
            return []
        self._told = self._next
        return [Mark(self.market_id, "trades", NOON, NOON + (self._next - 1) * SECOND)]

    async def spool(self, batches: int, rows: int = 1) -> None:
        """So many batches, each in a record of its own."""
        for _ in range(batches):
            spooled = self.writer.counts["spooled"] + rows
            self.trade(rows)
            while self.writer.counts["spooled"] < spooled:
                await asyncio.sleep(0.01)

    async def begin(self) -> int:
        session = await self.database.begin_session()
        self.writer.begin(await self.database.get_session(session))
        return session

    async def end(self) -> None:
        self.stop.set()
        await self.writer.run(self.stop)

    async def stored(self) -> list[int]:
        """The numbers of the trades."""
        return sorted(int(row.id) for row in await self.database.get_trades(ALL))


@asynccontextmanager
async def at_work(
    repository: PostgresRepository,
    directory: Path,
    *,
    max_bytes: int = GENEROUS,
    drops_oldest: bool = False,
    segment_bytes: int = 1 << 20,
) -> AsyncGenerator[Work]:
    """A session has begun; nobody writes until ``running``."""
    ids = await repository.store_markets([MARKET], simulated=False)
    with closing(Directory(directory)) as disk:
        spool = Spool(
            disk,
            wall_us,
            max_bytes=max_bytes,
            drops_oldest=drops_oldest,
            segment_bytes=segment_bytes,
        )
        spool.recover()
        database = Moody(repository)
        yield Work(database, spool, ids["BTCUSDT"])
        await database._sessions.leave()


@asynccontextmanager
async def running(work: Work) -> AsyncGenerator[None]:
    """Until the end of the block, then to the last row."""
    await work.begin()
    task = asyncio.create_task(work.writer.run(work.stop))
    try:
        yield
    finally:
        work.stop.set()
        await task


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.01)
