"""Live books compared with what the exchange answers when it is asked for them: each in its turn.

A chain of updates proves that none is missing, not that what they say was understood.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection
from contextlib import suppress

import structlog

from perps_stats.core.errors import ExchangeError
from perps_stats.exchanges.events import BookSnapshot
from perps_stats.ingest.market import MarketFeed
from perps_stats.ingest.outside import Outside
from perps_stats.ingest.snapshots import Snapshots

log = structlog.get_logger()
LEVELS = 100
WAITS, WAIT_SECONDS = 20, 0.25
"""How often, and how long, it is waited until a book has come to the answer's update."""
NONE_SECONDS = 1.0
"""Until it is looked again whether there is a book."""


class Comparing:
    """``seconds`` pass until it is a book's turn again. ``counts``: ``compared``, the books that
    were equal; ``different``; ``incomparable``, those that could not be brought to the answer's
    update.
    """

    def __init__(
        self,
        feeds: Callable[[], Collection[MarketFeed]],
        snapshots: Snapshots,
        seconds: float,
        outside: Outside,
    ) -> None:
        self._feeds = feeds
        self._snapshots = snapshots
        self._seconds = seconds
        self._outside = outside
        self.counts: Counter[str] = Counter()

    async def run(self, stop: asyncio.Event) -> None:
        comparing = asyncio.ensure_future(self._compare_all())
        stopped = asyncio.ensure_future(stop.wait())
        await asyncio.wait((comparing, stopped), return_when=asyncio.FIRST_COMPLETED)
        for task in (comparing, stopped):
            task.cancel()
        with suppress(asyncio.CancelledError):
            await comparing

    async def _compare_all(self) -> None:
        while True:
            feeds = list(self._feeds())
            for feed in feeds:
                await asyncio.sleep(self._seconds / len(feeds))
                await self._compare(feed)
            if not feeds:
                await asyncio.sleep(NONE_SECONDS)

    async def _compare(self, feed: MarketFeed) -> None:
        if not feed.book.verified:
            return
        try:
            answer = await self._snapshots.compare(feed, LEVELS)
            await self._reached(feed, answer)
            outcome = self._outcome(feed, answer)
        except (ExchangeError, ValueError) as error:
            exchange, symbol = feed.market.exchange, feed.market.symbol
            log.warning("book not compared", exchange=exchange, symbol=symbol, error=str(error))
            outcome = "incomparable"
        self.counts[outcome] += 1
        feed.book.end_comparing(None)

    async def _reached(self, feed: MarketFeed, answer: BookSnapshot) -> None:
        for _ in range(WAITS):
            if answer.last <= feed.book.last or not feed.book.verified:
                return
            await asyncio.sleep(WAIT_SECONDS)

    def _outcome(self, feed: MarketFeed, answer: BookSnapshot) -> str:
        if not feed.book.is_comparable(answer):
            return "incomparable"
        equal = feed.end_comparing(answer, self._outside.now_us())
        return "compared" if equal else "different"
