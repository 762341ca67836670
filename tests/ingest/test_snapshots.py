"""Snapshots by REST: a few at a time, and never more than their part of what is granted."""

import asyncio
import random

from msgspec import Raw

from perps_stats.core.errors import Unreachable
from perps_stats.core.types import Market
from perps_stats.exchanges.contract import Limit, Request
from perps_stats.exchanges.events import BookSnapshot
from perps_stats.feed.budget import Budget
from perps_stats.ingest.grids import Grids
from perps_stats.ingest.market import MarketFeed
from perps_stats.ingest.outside import Outside, steady
from perps_stats.ingest.snapshots import AT_ONCE, Snapshots

from .collecting import Kept, until


def a_feed(number: int) -> MarketFeed:
    name = f"C{number:03}"
    market = Market(
        exchange="binance",
        symbol=name,
        native=name,
        contract=f"{name}-USDT-PERP",
        base=name,
        quote="USDT",
        settle="USDT",
    )
    feed = MarketFeed(market, number, Grids(), Kept())
    feed.listening = True
    return feed


class Exchange:
    """Answers at once, unless it is to fail; remembers what was asked, and how many at once."""

    def __init__(self, failures: int = 0) -> None:
        self.asked: list[str] = []
        self.failures = failures
        self.now = self.most = 0

    async def fetch(self, market: Market, _depth: int | None) -> BookSnapshot:
        self.asked.append(market.native)
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0.01)
        self.now -= 1
        if self.failures:
            self.failures -= 1
            raise Unreachable("down")
        levels = Raw(b'[["100","1"]]')
        return BookSnapshot(market.native, 1, 1, levels, Raw(b'[["101","1"]]'), None)


def a_budget() -> Budget:
    return Budget({"": Limit(100, 60)})


class AtOnce(random.Random):
    """Chance that lets nobody wait."""

    def uniform(self, a: float, b: float) -> float:
        return min(a, b)


async def test_a_few_are_asked_for_at_once_and_each_book_once() -> None:
    """However often a book asks while its snapshot is under way."""
    exchange, feeds = Exchange(), [a_feed(number) for number in range(30)]
    snapshots = Snapshots(exchange.fetch, a_budget(), Outside(chance=AtOnce()))
    for feed in [*feeds, *feeds]:
        snapshots.start(feed)
    await until(lambda: all(feed.book.verified for feed in feeds))
    assert sorted(exchange.asked) == [feed.market.native for feed in feeds]
    assert exchange.most == AT_ONCE
    assert snapshots.joined == 30


async def test_what_fails_is_asked_for_again() -> None:
    """After a while, until it is there."""
    exchange, feed = Exchange(failures=2), a_feed(1)
    Snapshots(exchange.fetch, a_budget(), Outside()).start(feed)
    await until(lambda: feed.book.verified)
    assert len(exchange.asked) == 3


async def test_nothing_is_asked_where_no_room_is_left_or_during_a_ban() -> None:
    """Four fifths are spent: a snapshot waits, and with it those behind it."""
    budget, exchange = a_budget(), Exchange()
    budget.spend(Request("GET", "/", weight=81), steady())
    snapshots = Snapshots(exchange.fetch, budget, Outside())
    snapshots.start(a_feed(1))
    await asyncio.sleep(0.5)
    assert exchange.asked == []
    await snapshots.stop()
    banned = a_budget()
    banned.silence(0.8, steady(), banned=True)
    feed = a_feed(2)
    Snapshots(exchange.fetch, banned, Outside()).start(feed)
    await until(lambda: feed.book.verified)
    assert not banned.is_banned(steady())
