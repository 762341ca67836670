"""The adapter against the simulated Paradex, over real sockets: neither knows the other.

What the venue holds, in base coin and exact, is what the client must say.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from tests.exchanges.meeting import PATIENT
from tests.exchanges.paradex.changes import DELTAS

from perps_stats.core.errors import Refused
from perps_stats.core.times import from_ms, to_ms
from perps_stats.core.types import FundingKind, MarketStatus
from perps_stats.exchanges.contract import Stream, Subscription
from perps_stats.exchanges.events import BestTick, BookDelta, BookSnapshot, Channel, Event
from perps_stats.exchanges.paradex import PARADEX
from perps_stats.exchanges.paradex.stream import STREAM
from perps_stats.feed.book import LiveBook, OutOfStep
from perps_stats.feed.client import ExchangeClient
from perps_stats.feed.session import Session
from perps_stats.net.http import HttpSender, http_session
from perps_stats.sim import Truth, Venue
from perps_stats.sim.facts import Span

from .wire import PATIENCE_SECONDS, Client, Clock, Json, Socket, simulated

NOW = datetime(2026, 3, 23, 12, 34, 56, 789_000, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
BTC, ETH = "BTC-USD-PERP", "ETH-USD-PERP"


@asynccontextmanager
async def asking(**settings: Json) -> AsyncIterator[tuple[ExchangeClient, Venue]]:
    """A client of a venue whose clock stands still."""
    async with (
        simulated(exchange="paradex", clock=Clock(to_ms(NOW)), **settings) as sim,
        http_session(PATIENT) as session,
    ):
        sender = HttpSender(PARADEX.rest, sim.venue.rest_url, session, PATIENT)
        yield (
            ExchangeClient(PARADEX, sender.send, now=lambda: NOW, lock=asyncio.Lock()),
            sim.venue,
        )


async def test_the_markets_are_its_perpetuals() -> None:
    """Options and spot markets are gone; a thousand PEPE are PEPE; no book is halted."""
    async with asking() as (client, _):
        markets = {each.native: each for each in await client.get_markets()}
    assert set(markets) == {BTC, ETH, "SOL-USD-PERP", "kPEPE-USD-PERP", "BODEN-USD-PERP"}
    pepe = markets["kPEPE-USD-PERP"]
    assert (pepe.symbol, pepe.multiplier) == ("PEPE", Decimal(1000))
    assert markets["BODEN-USD-PERP"].status is MarketStatus.HALTED
    hours = {native: each.funding_interval for native, each in markets.items()}
    assert [hours[BTC], hours[ETH], hours["SOL-USD-PERP"]] == [8, 4, 1]


async def test_the_book_is_the_truth() -> None:
    """Every level, exactly, with its number and time; the scales hold all of its decimals."""
    async with asking() as (client, venue):
        book = await client.get_orderbook("BTC", 100)
        truth = venue.truth(BTC)
        market = await client.get_market("BTC")
    assert tuple((each.price, each.quantity) for each in book.bids) == truth.bids[:100]
    assert tuple((each.price, each.quantity) for each in book.asks) == truth.asks[:100]
    assert (book.sequence, book.timestamp) == (truth.last_update_id, from_ms(truth.time))
    assert not book.complete
    assert (market.price_scale, market.quantity_scale) == (1, 5)


async def test_prices_open_interest_and_statistics() -> None:
    """Turnover in USD, open interest in coins; of all markets in one request."""
    async with asking() as (client, venue):
        ticker, held = await client.get_ticker("ETH"), await client.get_open_interest("ETH")
        stats = {each.symbol: each for each in await client.get_all_market_stats()}
        asked = venue.counters.requests["/v1/markets/summary"]
        source = venue.source(ETH)
        day, mark = source.day(), source.mark()
    assert (ticker.last_price, ticker.mark_price) == (Decimal(day.last), Decimal(mark.mark))
    assert ticker.index_price == Decimal(mark.index)
    assert (ticker.turnover_24h, ticker.volume_24h) == (Decimal(day.turnover), None)
    assert ticker.price_change_pct == Decimal(day.change_pct) / 100
    assert held.open_interest == Decimal(source.open_interest()[0])
    assert held.open_value == held.open_interest * Decimal(mark.mark)
    assert (stats["ETH"].last_price, stats["ETH"].open_value) == (
        ticker.last_price,
        held.open_value,
    )
    assert stats["ETH"].funding_interval == 4
    assert stats["BODEN"].best_bid_price is None
    assert asked == 3


async def test_funding_now_and_before() -> None:
    """The rate in force, and the last of each period, 5 seconds before its end."""
    async with asking() as (client, venue):
        now = await client.get_funding_rate("ETH")
        history = await client.get_funding_rate_history("ETH", NOW - 24 * HOUR, NOW)
        source = venue.source(ETH)
        settled = source.settlements(Span(to_ms(NOW - 24 * HOUR), to_ms(NOW), 100))
        rate = source.mark().rate
    assert (now.funding_rate, now.kind) == (Decimal(rate), FundingKind.PREDICTED)
    assert (now.funding_interval, now.next_funding_time) == (Decimal(4), None)
    assert len(history) == 6
    for row, end in zip(history, settled, strict=True):
        assert row.funding_time is not None
        assert to_ms(row.funding_time) == end.time - end.time % 1000 - 5000
        assert abs(row.funding_rate - Decimal(end.rate)) <= Decimal("0.000001")
    assert {(row.kind, row.funding_interval) for row in history} == {
        (FundingKind.SETTLED, Decimal(4))
    }


async def test_old_funding_is_of_eight_hours() -> None:
    """Rows that tell no period."""
    start = datetime(2025, 11, 20, 12, tzinfo=UTC)
    async with asking() as (client, _):
        history = await client.get_funding_rate_history("BTC", start, start + 24 * HOUR)
    assert [(row.timestamp, row.funding_interval) for row in history] == [
        (start + (4 + 8 * number) * HOUR - timedelta(seconds=5), Decimal(8)) for number in range(3)
    ]


@pytest.mark.parametrize(("interval", "hours"), [("4h", 4), ("1d", 24)])
async def test_long_candles_are_those_of_the_venue(interval: str, hours: int) -> None:
    """Put together of hours, they are what the venue would tell if it told them."""
    start = datetime(2026, 3, 20, tzinfo=UTC)
    async with asking() as (client, venue):
        found = await client.get_klines("BTC", interval, start, NOW)
        bars = venue.source(BTC).bars(interval, Span(to_ms(start), to_ms(NOW), 500))
    assert len(found) == len(bars) == (NOW - start) // (hours * HOUR) + 1
    for candle, bar in zip(found, bars, strict=True):
        assert (to_ms(candle.open_time), to_ms(candle.close_time)) == (
            bar.open_time,
            bar.close_time + 1,
        )
        assert [candle.open, candle.high, candle.low, candle.close] == [
            Decimal(text) for text in (bar.open, bar.high, bar.low, bar.close)
        ]
    assert [candle.closed for candle in found] == [True] * (len(found) - 1) + [False]
    assert {candle.aggregated_from for candle in found} == {"1h"}


async def test_minutes_come_page_by_page() -> None:
    """A day of them takes three requests, and none is missing."""
    start = NOW.replace(minute=0, second=0, microsecond=0) - 30 * HOUR
    async with asking() as (client, venue):
        found = await client.get_klines("BTC", "1m", start, start + 24 * HOUR)
        asked = venue.counters.requests["/v1/markets/klines"]
    assert [each.open_time for each in found] == [start + n * MINUTE for n in range(1440)]
    assert (all(each.closed for each in found), asked) == (True, 3)


async def test_recent_trades_over_several_pages() -> None:
    """The newest 2500, oldest first, exact; the venue's own side of the taker."""
    async with asking() as (client, venue):
        trades = await client.get_recent_trades("BTC", 2500)
        facts = venue.source(BTC).aggregates(Span(None, None, 2500), None)
        asked = venue.counters.requests["/v1/trades"]
    assert asked == 3
    assert [(each.price, each.quantity, each.side.value) for each in trades] == [
        (Decimal(fact.price), Decimal(fact.quantity), "sell" if fact.maker_buys else "buy")
        for fact in facts
    ]
    assert [each.liquidation for each in trades] == [fact.forced for fact in facts]
    assert len({each.id for each in trades}) == 2500


async def test_a_refusal_is_told() -> None:
    """With the venue's code and words."""
    async with asking() as (client, _):
        market = await client.get_market("BTC")
        gone = market.__class__(
            native="NO-USD-PERP", contract="", base="NO", quote="USD", settle="USDC"
        )
        with pytest.raises(Refused, match="MARKET_NOT_FOUND"):
            await client.put(PARADEX.ticker(gone))


@asynccontextmanager
async def listening(
    stream: Stream, *channels: Channel, **settings: Json
) -> AsyncIterator[tuple[Session, Socket, LiveBook, Client]]:
    """A session on a real connection, as far as the first subscription."""
    async with (
        simulated(exchange="paradex", **settings) as sim,
        http_session(PATIENT) as http,
        sim.connect(stream.paths[Channel.ORDERBOOK]) as socket,
    ):
        sender = HttpSender(PARADEX.rest, sim.venue.rest_url, http, PATIENT)
        client = ExchangeClient(PARADEX, sender.send, now=lambda: NOW, lock=asyncio.Lock())
        market = await client.get_market("BTC")
        session = Session(stream, Subscription(channels=channels, markets=(market,)), 0.0)
        await sent(session, socket)
        yield session, socket, LiveBook(market), sim


async def sent(session: Session, socket: Socket) -> None:
    for frame in session.to_send():
        await socket.send_str(frame.decode())


async def heard(session: Session, socket: Socket) -> tuple[Event, ...]:
    events = session.received((await socket.receive_str(timeout=PATIENCE_SECONDS)).encode(), 0.0)
    await sent(session, socket)
    return events


def keep(book: LiveBook, event: Event) -> None:
    if isinstance(event, BookSnapshot):
        assert book.start(event) is not None
    elif isinstance(event, BookDelta):
        book.apply(event)


async def test_changes_keep_the_whole_book() -> None:
    """From the first frame on the kept book is the venue's, level by level, and its best prices
    are those that were told for the same number.
    """
    compared = 0
    async with listening(DELTAS, Channel.ORDERBOOK, Channel.BEST) as (session, socket, book, sim):
        while not compared:
            for event in await heard(session, socket):
                keep(book, event)
                if isinstance(event, BestTick) and event.sequence == book.last:
                    top = book.orderbook(1)
                    assert (event.bid_price, event.ask_price) == tuple(
                        f"{each.price:f}".rstrip("0").rstrip(".")
                        for each in (top.bids[0], top.asks[0])
                    )
                    compared += 1
        truth = await at_rest(session, socket, book, sim)
        kept = book.orderbook(100_000)
    assert tuple((each.price, each.quantity) for each in kept.bids) == truth.bids
    assert tuple((each.price, each.quantity) for each in kept.asks) == truth.asks


async def at_rest(session: Session, socket: Socket, book: LiveBook, sim: Client) -> Truth:
    """The book as it stays, once all of it was told."""
    truth = sim.rested(BTC)
    while book.last < truth.last_update_id:
        for event in await heard(session, socket):
            keep(book, event)
    return truth


async def test_a_broken_chain_is_mended_in_the_stream() -> None:
    """A dropped change is seen; unsubscribing and subscribing anew brings a whole book."""
    breaks, followed = 0, 0
    dropped = listening(DELTAS, Channel.ORDERBOOK, faults=("drop:4",))
    async with dropped as (session, socket, book, _):
        while followed < 5:
            for event in await heard(session, socket):
                if isinstance(event, BookDelta) and breaks and not book.verified:
                    continue
                try:
                    keep(book, event)
                    followed += breaks
                except OutOfStep:
                    breaks += 1
                    session.renew_book(BTC, 0.0)
                    await sent(session, socket)
    assert (breaks, book.verified) == (1, True)


async def test_fifteen_levels_are_the_top_of_the_truth() -> None:
    """The book that is listened to has 15 levels a side, as the venue has at that number."""
    async with listening(STREAM, Channel.ORDERBOOK) as (session, socket, book, sim):
        while not book.verified:
            for event in await heard(session, socket):
                keep(book, event)
        truth = await at_rest(session, socket, book, sim)
        kept = book.orderbook(50)
    assert tuple((each.price, each.quantity) for each in kept.bids) == truth.bids[:15]
    assert tuple((each.price, each.quantity) for each in kept.asks) == truth.asks[:15]
    assert not book.known_orderbook(1.0).complete
