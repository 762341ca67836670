"""Snapshots for live books: after a start or a break, and to know more of a book whose price moved.

All requests of an exchange pass here, a few at a time and jittered, so that a thousand books that
break at once do not cause a ban.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog

from perps_stats.core.errors import ExchangeError
from perps_stats.core.types import Market
from perps_stats.exchanges.events import BookSnapshot
from perps_stats.feed.budget import Budget
from perps_stats.ingest.market import MarketFeed
from perps_stats.ingest.outside import Outside, steady

log = structlog.get_logger()
AT_ONCE = 4
PART = 0.8
"""Of the exchange's limit: beyond that snapshots wait, so that other questions need not."""
COMPARING_PART = 0.5
JITTER_SECONDS = 0.3
RETRY_SECONDS = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
DEEPEN_EVERY_SECONDS = 60.0

Fetch = Callable[[Market, int | None], Awaitable[BookSnapshot]]
"""A snapshot of at least so many levels; ``None``: the deepest there is."""


class Snapshots:
    def __init__(self, fetch: Fetch, budget: Budget, outside: Outside) -> None:
        self._fetch = fetch
        self._budget = budget
        self._outside = outside
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._deepened: dict[str, float] = {}
        self.joined = 0

    def start(self, feed: MarketFeed) -> None:
        """Bring the book a snapshot, unless one is under way."""
        native = feed.market.native
        if native not in self._tasks:
            self._begin(native, self._start(feed))

    def deepen(self, feed: MarketFeed) -> None:
        """At most once a minute for each market."""
        native = feed.market.native
        now = steady()
        due = now - self._deepened.get(native, -DEEPEN_EVERY_SECONDS) >= DEEPEN_EVERY_SECONDS
        if due and native not in self._tasks:
            self._deepened[native] = now
            self._begin(native, self._deepen(feed))

    def _begin(self, native: str, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks[native] = task
        task.add_done_callback(lambda _task: self._tasks.pop(native, None))

    async def _start(self, feed: MarketFeed) -> None:
        await asyncio.sleep(self._outside.chance.uniform(0, JITTER_SECONDS))
        for number in range(1_000_000):
            if await self._started(feed):
                self.joined += 1
                return
            await asyncio.sleep(RETRY_SECONDS[min(number, len(RETRY_SECONDS) - 1)])

    async def _started(self, feed: MarketFeed) -> bool:
        try:
            async with self._slot():
                snapshot = await self._fetch(feed.market, None)
        except ExchangeError as error:
            log.warning("no snapshot", **_named(feed), error=str(error))
            return False
        return feed.start_book(snapshot, self._outside.now_us())

    async def _deepen(self, feed: MarketFeed) -> None:
        try:
            async with self._slot():
                feed.book.begin_deepening()
                snapshot = await self._fetch(feed.market, None)
        except ExchangeError as error:
            log.warning("no deeper snapshot", **_named(feed), error=str(error))
            feed.book.end_deepening()
            return
        feed.book.deepen(snapshot)

    async def compare(self, feed: MarketFeed, levels: int) -> BookSnapshot:
        """The exchange's own book, to compare ours with. Raises ``ExchangeError``."""
        await self._room(COMPARING_PART)
        feed.book.begin_comparing()
        return await self._fetch(feed.market, levels)

    @asynccontextmanager
    async def _slot(self) -> AsyncGenerator[None]:
        """In turn, and within a part of what the exchange grants."""
        async with self._turn:
            await self._room(PART)
            yield

    async def _room(self, part: float) -> None:
        while wait := self._budget.wait_for_room(part, steady()):  # noqa: ASYNC110 others spend, too
            await asyncio.sleep(wait)

    async def stop(self) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _named(feed: MarketFeed) -> dict[str, str]:
    return {"exchange": feed.market.exchange, "symbol": feed.market.symbol}
