"""Live books of every exchange, from the socket on: the truth, level by level, also after a hole.

Markets trade for a while and then rest, so that what was told last can be held against the truth.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple

import pytest

from perps_stats.core.types import Gap, GapCause, Orderbook
from perps_stats.exchanges import EXCHANGES
from perps_stats.exchanges.contract import Stream
from perps_stats.exchanges.events import Channel
from perps_stats.feed.flow import run
from perps_stats.ingest.collector import Collector, Listening
from perps_stats.ingest.grids import Grids
from perps_stats.ingest.market import MarketFeed
from perps_stats.ingest.outside import Outside
from perps_stats.net.websocket import WebSocketLimits
from perps_stats.sim.facts import Truth

from .meeting import PATIENCE_SECONDS, SPOKEN, Meeting, meeting_of, wall_clock
from .paradex.changes import DELTAS

FOLLOWED_US = 1_500_000
"""Of the exchange's time, after which a book has followed changes, and not its snapshot alone."""


class Case(NamedTuple):
    """``chained``: whether a frame that is missing can be told from its neighbours."""

    name: str
    stream: Stream
    chained: bool = True


def stream_of(name: str) -> Stream:
    stream = EXCHANGES[name].stream
    assert stream is not None
    return stream


WHOLE_FRAMES = {"paradex"}
"""Where every frame is a whole book and its number may skip: one that is missing is not missed."""
CASES = [
    *(Case(name, stream_of(name), name not in WHOLE_FRAMES) for name in SPOKEN),
    Case("paradex", DELTAS),
]
IDS = [*SPOKEN, "paradex deltas"]


class Kept:
    """Rows are let go; gaps as they were told last."""

    def __init__(self) -> None:
        self.gaps: dict[tuple[str, str], Gap] = {}

    def keep(self, data_set: str, row: tuple[str | None, ...]) -> None:
        """Figures are tested elsewhere."""

    def keep_gap(self, gap: Gap) -> None:
        self.gaps[gap.stream, str(gap.start_time)] = gap


@asynccontextmanager
async def collecting(meeting: Meeting, stream: Stream, kept: Kept) -> AsyncGenerator[Collector]:
    """Of the market that BTC means, while its book is listened to."""
    market = await meeting.bitcoin()
    snapshot, send = meeting.exchange.book_snapshot, meeting.sender.send
    collector = Collector(
        listening=Listening(stream, meeting.venue.ws_url, {}, [Channel.ORDERBOOK]),
        markets=[(market, 1)],
        send=send,
        fetch=snapshot and (lambda of, depth: run(snapshot(of, depth), send)),
        client=meeting.client,
        budget=meeting.sender.budget,
        sink=kept,
        grids=Grids(),
        limits=WebSocketLimits(),
        outside=Outside(),
    )
    stop = asyncio.Event()
    task = asyncio.create_task(collector.run(stop))
    try:
        yield collector
    finally:
        stop.set()
        await task


def feed_of(collector: Collector) -> MarketFeed:
    (feed,) = collector.feeds.values()
    return feed


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not holds():
            await asyncio.sleep(0.02)


async def until_followed(collector: Collector) -> None:
    """Until the book is verified, and has followed for a while since."""
    feed = feed_of(collector)
    await until(lambda: feed.book.verified)
    enough = feed.ledger[Channel.ORDERBOOK].last + FOLLOWED_US
    await until(lambda: feed.ledger[Channel.ORDERBOOK].last >= enough)


async def assert_follows(meeting: Meeting, collector: Collector) -> None:
    """Once all was told, the book is what the venue has."""
    feed = feed_of(collector)
    meeting.simulator.rest()
    truth = meeting.venue.truth(feed.market.native)
    await until(lambda: feed.book.verified and feed.book.last >= truth.last_update_id)
    assert_true(feed.book.known_orderbook(1.0), truth)


def assert_true(book: Orderbook, truth: Truth) -> None:
    """Every level that is known, and none between them is missing."""
    for side, true in ((book.bids, truth.bids), (book.asks, truth.asks)):
        got = tuple((level.price, level.quantity) for level in side)
        assert len(got) >= 15
        assert got == true[: len(got)]


@pytest.mark.parametrize("case", CASES, ids=IDS)
async def test_a_book_follows_the_truth(case: Case) -> None:
    """After some trading each known level is exact, in base coin; no gap was listed."""
    kept = Kept()
    async with (
        meeting_of(case.name, clock=wall_clock, symbols=("BTC",)) as meeting,
        collecting(meeting, case.stream, kept) as collector,
    ):
        await until_followed(collector)
        await assert_follows(meeting, collector)
    assert kept.gaps == {}


@pytest.mark.parametrize("case", CASES, ids=IDS)
async def test_a_dropped_frame_is_one_gap_and_a_right_book_after(case: Case) -> None:
    """Where frames are chained the hole is found at once, listed, and closed by a new beginning."""
    kept = Kept()
    async with (
        meeting_of(case.name, clock=wall_clock, symbols=("BTC",)) as meeting,
        collecting(meeting, case.stream, kept) as collector,
    ):
        await until_followed(collector)
        meeting.venue.inject("drop")
        await until(lambda: meeting.venue.counters.faults["drop"])
        await until(lambda: kept.gaps or not case.chained)
        await until_followed(collector)
        await assert_follows(meeting, collector)
    gaps = list(kept.gaps.values())
    expected = [(GapCause.SEQUENCE, "orderbook", True)] if case.chained else []
    assert [(gap.cause, gap.stream, gap.end_time is not None) for gap in gaps] == expected
