"""Live books against what the exchange answers: each in its turn, and what a difference means."""

import asyncio

import msgspec
import pytest
from msgspec import Raw

from perps_stats.core.errors import Unreachable
from perps_stats.core.times import from_us
from perps_stats.core.types import Gap, GapCause, Market
from perps_stats.exchanges.contract import Limit
from perps_stats.exchanges.events import BookDelta, BookSnapshot
from perps_stats.feed.budget import Budget
from perps_stats.ingest.comparing import Comparing
from perps_stats.ingest.grids import Grids
from perps_stats.ingest.market import MarketFeed
from perps_stats.ingest.outside import Outside
from perps_stats.ingest.snapshots import Snapshots

TURN = 0.05
"""Seconds until a book is compared again."""


class Exchange:
    """One that answers for its books what it is told, and notes whom it was asked for."""

    def __init__(self, *natives: str) -> None:
        self.gaps: list[Gap] = []
        self.feeds = {native: self._feed(native) for native in natives}
        self.asked: list[str] = []
        self.enough = asyncio.Event()
        self.answers = 4
        self.last = 10
        self.size = "1"
        self.is_down = False

    def _feed(self, native: str) -> MarketFeed:
        market = Market(
            exchange="binance",
            symbol=native,
            native=native,
            contract=f"{native}-USDT-PERP",
            base=native,
            quote="USDT",
            settle="USDT",
            price_scale=2,
            quantity_scale=3,
        )
        feed = MarketFeed(market, 1, Grids(), self)
        feed.listening = True
        feed.start_book(book(native, 10, "1"), 0)
        return feed

    def keep(self, data_set: str, row: tuple[str | None, ...]) -> None:
        """Rows are tested elsewhere."""

    def keep_gap(self, gap: Gap) -> None:
        self.gaps.append(gap)

    async def fetch(self, market: Market, _levels: int | None) -> BookSnapshot:
        self.asked.append(market.native)
        if len(self.asked) >= self.answers:
            self.enough.set()
        if self.is_down:
            raise Unreachable("nobody there")
        return book(market.native, self.last, self.size)

    async def compared(self) -> Comparing:
        """After so many answers."""
        limits = {"": Limit(weight=1000, seconds=60)}
        snapshots = Snapshots(self.fetch, Budget(limits), Outside())
        comparing = Comparing(self.feeds.values, snapshots, TURN, Outside())
        stop = asyncio.Event()
        running = asyncio.create_task(comparing.run(stop))
        await self.enough.wait()
        while not sum(comparing.counts.values()) >= len(self.asked):
            await asyncio.sleep(0.01)
        stop.set()
        await running
        return comparing


def book(native: str, last: int, size: str) -> BookSnapshot:
    bids, asks = (Raw(msgspec.json.encode([(price, size)])) for price in ("100.00", "101.00"))
    return BookSnapshot(native, last * 1_000, last, bids, asks, None)


async def test_each_book_is_compared_in_its_turn() -> None:
    """One after the other, and then again; what is equal is counted, and no gap."""
    exchange = Exchange("BTC", "ETH")
    comparing = await exchange.compared()
    assert exchange.asked[:4] == ["BTC", "ETH", "BTC", "ETH"]
    assert comparing.counts == {"compared": len(exchange.asked)}
    assert exchange.gaps == []
    assert all(feed.book.verified for feed in exchange.feeds.values())


async def test_a_book_that_differs_is_suspect_since_it_was_last_equal() -> None:
    """However well its updates followed each other; the gap says what differs."""
    exchange = Exchange("BTC")
    feed = exchange.feeds["BTC"]
    nothing = Raw(b"[]")
    feed.receive(BookDelta("BTC", 11_000, 11, 11, 10, nothing, nothing), 0)
    exchange.last = 11
    exchange.answers = 1
    exchange.size = "2"
    comparing = await exchange.compared()
    assert comparing.counts == {"different": 1}
    assert not feed.book.verified
    assert feed.live is None
    (gap,) = exchange.gaps
    assert (gap.start_time, gap.end_time) == (from_us(10_000), None)
    assert gap.cause is GapCause.EXCHANGE
    assert gap.detail == (
        "at update 11 bid: the exchange has 2.000 at 100.00, the book 1.000 at 100.00"
    )


@pytest.mark.parametrize("trouble", ["down", "old"])
async def test_what_cannot_be_compared_is_no_difference(trouble: str) -> None:
    """An exchange that does not answer, or with what was long ago."""
    exchange = Exchange("BTC")
    exchange.answers = 2
    exchange.is_down = trouble == "down"
    exchange.last = 9
    comparing = await exchange.compared()
    assert comparing.counts == {"incomparable": len(exchange.asked)}
    assert exchange.gaps == []
    assert exchange.feeds["BTC"].book.verified


async def test_a_book_waits_for_the_answer_s_update() -> None:
    """An answer may be ahead of the stream."""
    exchange = Exchange("BTC")
    feed = exchange.feeds["BTC"]
    exchange.answers, exchange.last = 1, 11
    comparing = asyncio.create_task(exchange.compared())
    await exchange.enough.wait()
    nothing = Raw(b"[]")
    feed.receive(BookDelta("BTC", 11_000, 11, 11, 10, nothing, nothing), 0)
    assert (await comparing).counts == {"compared": len(exchange.asked)}
