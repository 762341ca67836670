"""A collector of a simulated exchange, over real sockets, and what it keeps."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from perps_stats.core.catalogue import DATA_SETS
from perps_stats.core.stored import Row
from perps_stats.core.times import to_us
from perps_stats.core.types import Gap, MarketStatus
from perps_stats.exchanges import EXCHANGES
from perps_stats.exchanges.contract import Exchange, Stream
from perps_stats.exchanges.events import Channel
from perps_stats.feed.client import ExchangeClient
from perps_stats.feed.flow import run
from perps_stats.ingest.collector import Collector, Listening
from perps_stats.ingest.grids import Grids
from perps_stats.ingest.market import MarketFeed
from perps_stats.ingest.outside import Outside
from perps_stats.net.http import HttpLimits, HttpSender, http_session
from perps_stats.net.websocket import WebSocketLimits
from perps_stats.sim import Simulator
from perps_stats.sim.facts import Span

PATIENCE_SECONDS = 60.0
LIMITS = HttpLimits()
MANY = 5000
"""More trades than there are in the time of a test."""
AGGREGATED = {"aster", "paradex"}
"""Where the fills of one order are told as one trade."""


class Kept:
    """What a writer would be given: rows by data set, gaps as they were told last."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, str | None]]] = {}
        self.gaps: dict[tuple[str, str, str], Gap] = {}

    def keep(self, data_set: str, row: Row) -> None:
        columns = DATA_SETS[data_set].columns
        self.rows.setdefault(data_set, []).append(dict(zip(columns, row, strict=True)))

    def keep_gap(self, gap: Gap) -> None:
        self.gaps[gap.symbol, gap.stream, str(gap.start_time)] = gap

    @property
    def told(self) -> list[tuple[str, str, bool]]:
        """Stream, cause, and whether it is closed."""
        return [
            (gap.stream, gap.cause.value, gap.end_time is not None) for gap in self.gaps.values()
        ]


def stream_of(name: str, **differences: object) -> Stream:
    stream = EXCHANGES[name].stream
    assert stream is not None
    return replace(stream, **differences)  # type: ignore[arg-type] # any field


@asynccontextmanager
async def sender_to(simulator: Simulator, name: str) -> AsyncGenerator[HttpSender]:
    async with http_session(LIMITS) as session:
        url = simulator.venues[name].rest_url
        yield HttpSender(EXCHANGES[name].rest, url, session, LIMITS)


def client_of(exchange: Exchange, sender: HttpSender) -> ExchangeClient:
    return ExchangeClient(exchange, sender.send, now=lambda: datetime.now(UTC), lock=asyncio.Lock())


@asynccontextmanager
async def collecting(
    simulator: Simulator,
    stream: Stream,
    kept: Kept,
    *,
    name: str = "binance",
    symbols: Sequence[str] = ("BTC",),
    channels: Sequence[Channel] = (Channel.ORDERBOOK,),
    outside: Outside | None = None,
    most: int = 1000,
) -> AsyncGenerator[tuple[Collector, HttpSender]]:
    """Runs until left. ``symbols`` empty: all, but not more than ``most``."""
    exchange = EXCHANGES[name]
    async with sender_to(simulator, name) as sender:
        client = client_of(exchange, sender)
        named = [await client.get_market(symbol) for symbol in symbols]
        listed = [one for one in await client.get_markets() if one.status is MarketStatus.TRADING]
        markets = (named or listed)[:most]
        snapshot = exchange.book_snapshot
        collector = Collector(
            listening=Listening(stream, simulator.venues[name].ws_url, {}, channels),
            markets=[(market, number) for number, market in enumerate(markets, 1)],
            send=sender.send,
            fetch=snapshot and (lambda of, depth: run(snapshot(of, depth), sender.send)),
            client=client,
            budget=sender.budget,
            sink=kept,
            grids=Grids(),
            limits=WebSocketLimits(),
            outside=outside or Outside(),
        )
        stop = asyncio.Event()
        task = asyncio.create_task(collector.run(stop))
        try:
            yield collector, sender
        finally:
            stop.set()
            await task


async def until(condition: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    """Raises ``TimeoutError``."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


def verified(collector: Collector) -> bool:
    return all(feed.book.verified for feed in collector.feeds.values())


def is_up_to_date(simulator: Simulator, name: str, feed: MarketFeed) -> bool:
    """Whether it has been told all of the book, where the venue rests."""
    return feed.book.last == simulator.venues[name].truth(feed.market.native).last_update_id


def assert_true_book(simulator: Simulator, name: str, feed: MarketFeed) -> None:
    """Every level that is known is the venue's, and none between them is missing."""
    truth = simulator.venues[name].truth(feed.market.native)
    book = feed.book.known_orderbook(1.0)
    for side, true in ((book.bids, truth.bids), (book.asks, truth.asks)):
        got = tuple((level.price, level.quantity) for level in side)
        assert len(got) >= 15
        assert got == true[: len(got)]


def assert_true_trades(simulator: Simulator, name: str, feed: MarketFeed, kept: Kept) -> int:
    """Each trade from the first to the last that was kept is kept once. Returns how many."""
    rows = kept.rows.get("trades", [])
    got = [
        (_time(row["ts"]), Decimal(row["price"] or 0), Decimal(row["quantity"] or 0))
        for row in rows
    ]
    source = simulator.venues[name].source(feed.market.native)
    first, last = min(got)[0], max(got)[0]
    told = (
        source.aggregates(Span(first // 1000, last // 1000, MANY), None)
        if name in AGGREGATED
        else [trade for trade in source.trades(MANY) if trade.market]
    )
    true = [
        (trade.time * 1000, Decimal(trade.price), Decimal(trade.quantity))
        for trade in told
        if first < trade.time * 1000 < last
    ]
    assert sorted(one for one in got if first < one[0] < last) == sorted(true), name
    return len(true)


def _time(text: str | None) -> int:
    return to_us(datetime.fromisoformat(text or ""))
