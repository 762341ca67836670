"""The adapter against the simulated KuCoin, over real sockets: neither knows the other.

What the venue holds, in base coin and exact, is what the client must say.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from tests.exchanges.meeting import PATIENT

from perps_stats.core.errors import RateLimited, Refused
from perps_stats.core.times import from_ms, to_ms
from perps_stats.core.types import FundingKind, Market, MarketStatus
from perps_stats.exchanges.contract import Subscription
from perps_stats.exchanges.events import BestTick, BookDelta, Channel, Event
from perps_stats.exchanges.kucoin import KUCOIN
from perps_stats.exchanges.kucoin.rest import handshake
from perps_stats.exchanges.kucoin.stream import STREAM
from perps_stats.feed.book import LiveBook, OutOfStep
from perps_stats.feed.client import ExchangeClient
from perps_stats.feed.flow import run
from perps_stats.feed.session import Session
from perps_stats.net.http import HttpLimits, HttpSender, http_session
from perps_stats.sim import Truth, Venue
from perps_stats.sim.facts import Span

from .wire import PATIENCE_SECONDS, Client, Clock, Json, Socket, simulated

NOW = datetime(2026, 3, 23, 12, 34, 56, 789_000, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
NATIVES = {"BTC": "XBTUSDTM", "ETH": "ETHUSDTM", "PEPE": "1000PEPEUSDTM", "BTC-USD-PERP": "XBTUSDM"}
SYMBOLS = list(NATIVES)


@asynccontextmanager
async def asking(
    limits: HttpLimits | None = None, **settings: Json
) -> AsyncIterator[tuple[ExchangeClient, Venue]]:
    """A client of a venue whose clock stands still."""
    allowed = limits or PATIENT
    async with (
        simulated(exchange="kucoin", clock=Clock(to_ms(NOW)), **settings) as sim,
        http_session(allowed) as session,
    ):
        sender = HttpSender(KUCOIN.rest, sim.venue.rest_url, session, allowed)
        client = ExchangeClient(KUCOIN, sender.send, now=lambda: NOW, lock=asyncio.Lock())
        yield client, sim.venue


async def test_the_markets_are_its_perpetuals() -> None:
    """XBT is BTC, a thousand PEPE are PEPE; dated contracts are gone, what is paused is halted."""
    async with asking() as (client, _):
        markets = {each.native: each for each in await client.get_markets()}
        assert (await client.get_market("XBT")).native == "XBTUSDTM"
    assert {native: each.symbol for native, each in markets.items()} == {
        "XBTUSDTM": "BTC",
        "ETHUSDTM": "ETH",
        "SOLUSDTM": "SOL",
        "1000PEPEUSDTM": "PEPE",
        "XBTUSDCM": "BTC-USDC-PERP",
        "XBTUSDM": "BTC-USD-PERP",
        "LUNAUSDTM": "LUNA",
    }
    assert (markets["XBTUSDM"].settle, markets["XBTUSDM"].contract_value) == ("BTC", Decimal(1))
    assert markets["1000PEPEUSDTM"].multiplier == 1000
    assert markets["LUNAUSDTM"].status is MarketStatus.HALTED
    assert markets["XBTUSDCM"].funding_interval == 1


@pytest.mark.parametrize("symbol", SYMBOLS)
@pytest.mark.parametrize("depth", [20, 100, 5000])
async def test_the_book_is_the_truth(symbol: str, depth: int) -> None:
    """Every level, exactly, with its number and time, of linear and inverse contracts."""
    async with asking() as (client, venue):
        book = await client.get_orderbook(symbol, depth)
        truth = venue.truth(NATIVES[symbol])
    assert tuple((each.price, each.quantity) for each in book.bids) == truth.bids[:depth]
    assert tuple((each.price, each.quantity) for each in book.asks) == truth.asks[:depth]
    assert (book.sequence, book.timestamp) == (truth.last_update_id, from_ms(truth.time))


@pytest.mark.parametrize("symbol", SYMBOLS)
async def test_prices_open_interest_and_statistics(symbol: str) -> None:
    """In base and quote coin; of one market as of all of them."""
    async with asking() as (client, venue):
        ticker, held = await client.get_ticker(symbol), await client.get_open_interest(symbol)
        tickers = {each.symbol: each for each in await client.get_all_tickers()}
        stats = {each.symbol: each for each in await client.get_all_market_stats()}
        one = await client.get_market_stats(symbol)
        source = venue.source(NATIVES[symbol])
        day, mark, top = source.day(), source.mark(), source.top()
        (last,), (interest, _) = source.trades(1), source.open_interest()
    assert top is not None
    assert (ticker, one) == (tickers[symbol], stats[symbol])
    prices = (ticker.last_price, ticker.mark_price, ticker.index_price)
    assert prices == (Decimal(last.price), Decimal(mark.mark), Decimal(mark.index))
    assert (ticker.best_bid_price, ticker.best_bid_qty) == tuple(map(Decimal, top.bid))
    assert (ticker.best_ask_price, ticker.best_ask_qty) == tuple(map(Decimal, top.ask))
    amounts = (ticker.volume_24h, ticker.turnover_24h)
    assert amounts == (Decimal(day.volume), Decimal(day.turnover))
    assert ticker.price_change_pct == round(Decimal(day.change_pct) / 100, 4)
    assert ticker.timestamp == from_ms(last.time)
    assert ticker.open_interest == held.open_interest == Decimal(interest)
    assert one.open_value == held.open_value
    assert one.funding_rate == Decimal(mark.rate)
    assert one.next_funding_time == from_ms(mark.next_time)


@pytest.mark.parametrize(("symbol", "hours"), [("BTC", 8), ("PEPE", 4), ("BTC-USDC-PERP", 1)])
async def test_funding_now_and_before(symbol: str, hours: int) -> None:
    """The running rate; every settlement of forty days, whatever a page holds."""
    start = NOW - 40 * 24 * HOUR
    async with asking() as (client, venue):
        now = await client.get_funding_rate(symbol)
        found = await client.get_funding_rate_history(symbol, start, NOW)
        source = venue.source((await client.get_market(symbol)).native)
        rate, settled = source.mark(), source.settlements(Span(to_ms(start), to_ms(NOW), 1000))
        asked = venue.counters.requests["/api/v1/contract/funding-rates"]
    assert (now.funding_rate, now.funding_interval) == (Decimal(rate.rate), Decimal(hours))
    assert (now.funding_time, now.kind) == (from_ms(rate.next_time), FundingKind.PREDICTED)
    assert len(found) == len(settled) == 40 * 24 // hours
    assert [(each.funding_time, each.funding_rate) for each in found] == [
        (from_ms(fact.time), Decimal(fact.rate)) for fact in settled
    ]
    assert {each.funding_interval for each in found} == {Decimal(hours)}
    assert asked == len(found) // 100 + 2


@pytest.mark.parametrize("symbol", SYMBOLS)
@pytest.mark.parametrize("interval", ["1m", "4h"])
async def test_candles(symbol: str, interval: str) -> None:
    """Over several pages, none missing; only the running one is open."""
    length = MINUTE if interval == "1m" else 4 * HOUR
    start = datetime(2026, 3, 23, 12, tzinfo=UTC) - 700 * length
    async with asking() as (client, venue):
        found = await client.get_klines(symbol, interval, start, NOW)
        bars = venue.source(NATIVES[symbol]).bars(interval, Span(to_ms(start), to_ms(NOW), 2000))
    assert len(found) == len(bars) > 700
    for candle, bar in zip(found, bars, strict=True):
        times = (to_ms(candle.open_time), to_ms(candle.close_time))
        assert times == (bar.open_time, bar.close_time + 1)
        assert [candle.open, candle.high, candle.low, candle.close, candle.volume] == [
            Decimal(text) for text in (bar.open, bar.high, bar.low, bar.close, bar.volume)
        ]
        assert candle.turnover == Decimal(bar.turnover)
    assert [candle.closed for candle in found] == [True] * (len(found) - 1) + [False]


@pytest.mark.parametrize("symbol", SYMBOLS)
async def test_recent_trades(symbol: str) -> None:
    """A hundred, oldest first, exact."""
    async with asking() as (client, venue):
        trades = await client.get_recent_trades(symbol, 100)
        facts = venue.source(NATIVES[symbol]).trades(100)
    assert [
        (each.id, each.price, each.quantity, each.side.value, each.timestamp) for each in trades
    ] == [
        (
            str(fact.id),
            Decimal(fact.price),
            Decimal(fact.quantity),
            "sell" if fact.maker_buys else "buy",
            from_ms(fact.time),
        )
        for fact in facts
    ]


async def test_a_refusal_in_a_success_is_told() -> None:
    """With the venue's code and words."""
    nowhere = Market(
        native="NO", contract="", base="NO", quote="USDT", settle="USDT", contract_size=Decimal(1)
    )
    async with asking() as (client, _):
        with pytest.raises(Refused, match=r"Invalid symbol.*200003"):
            await client.put(KUCOIN.orderbook(nowhere, 1))


async def test_too_fast_waits_as_long_as_it_is_told() -> None:
    """Who does not want to wait is told until when nothing is sent."""
    faults = ("429:level2/depth20:1:90",)
    async with asking(HttpLimits(patience_seconds=1), faults=faults) as (client, _):
        with pytest.raises(RateLimited):
            await client.get_orderbook("BTC", 1)


@asynccontextmanager
async def listening(
    native: str, *channels: Channel, **settings: Json
) -> AsyncIterator[tuple[Session, Socket, LiveBook, Client, ExchangeClient]]:
    """A session on a real connection: a token, a greeting, then the subscriptions."""
    async with (
        simulated(exchange="kucoin", **settings) as sim,
        http_session(PATIENT) as http,
    ):
        sender = HttpSender(KUCOIN.rest, sim.venue.rest_url, http, PATIENT)
        client = ExchangeClient(KUCOIN, sender.send, now=lambda: NOW, lock=asyncio.Lock())
        market = await client.get_market(native)
        url = await run(handshake("ours"), sender.send)
        async with sim.connect(url.removeprefix(sim.venue.ws_url)) as socket:
            session = Session(STREAM, Subscription(channels=channels, markets=(market,)), 0.0)
            assert session.to_send() == []
            yield session, socket, LiveBook(market), sim, client


async def heard(session: Session, socket: Socket) -> tuple[Event, ...]:
    events = session.received((await socket.receive_str(timeout=PATIENCE_SECONDS)).encode(), 0.0)
    for frame in session.to_send():
        await socket.send_str(frame.decode())
    return events


async def start(book: LiveBook, client: ExchangeClient) -> None:
    """From the whole book, and the changes that waited for it."""
    market = await client.get_market(book._market.native)
    assert KUCOIN.book_snapshot is not None
    waiting = book.start(await client.put(KUCOIN.book_snapshot(market, None)))
    for delta in waiting or ():
        book.apply(delta)


def is_best(book: LiveBook, tick: BestTick) -> bool:
    top = book.orderbook(1)
    bid, ask = top.bids[0], top.asks[0]
    told = (tick.bid_price, tick.bid_qty, tick.ask_price, tick.ask_qty)
    return [Decimal(text or 0) for text in told] == [
        bid.price,
        bid.quantity,
        ask.price,
        ask.quantity,
    ]


@pytest.mark.parametrize("native", ["XBTUSDTM", "1000PEPEUSDTM", "XBTUSDM"])
async def test_changes_keep_the_whole_book(native: str) -> None:
    """The kept book is the venue's, level by level, and its best is what was told for its number,
    in price and quantity.
    """
    compared, channels = 0, (Channel.ORDERBOOK, Channel.BEST)
    async with listening(native, *channels) as (session, socket, book, sim, client):
        truth: Truth | None = None
        while truth is None or book.last < truth.last_update_id:
            for event in await heard(session, socket):
                if isinstance(event, BestTick) and event.sequence == book.last:
                    assert is_best(book, event)
                    compared += 1
                elif isinstance(event, BookDelta) and not book.verified:
                    book.wait(event)
                    await start(book, client)
                elif isinstance(event, BookDelta):
                    book.apply(event)
            if compared and truth is None:
                truth = sim.rested(native)
        kept = book.orderbook(100_000)
    assert tuple((each.price, each.quantity) for each in kept.bids) == truth.bids
    assert tuple((each.price, each.quantity) for each in kept.asks) == truth.asks


async def test_a_dropped_change_is_seen() -> None:
    """Once; from a new snapshot the book goes on."""
    breaks, before, after = 0, 0, 0
    async with listening("XBTUSDTM", Channel.ORDERBOOK) as (session, socket, book, sim, client):
        while after < 100:
            for event in await heard(session, socket):
                assert isinstance(event, BookDelta)
                if not book.verified:
                    book.wait(event)
                    await start(book, client)
                    continue
                try:
                    book.apply(event)
                except OutOfStep:
                    breaks += 1
                after += bool(breaks)
                before += not breaks
                if before == 40 and not breaks:
                    sim.venue.inject("drop")
    assert (breaks, book.verified) == (1, True)


async def test_every_channel_is_heard() -> None:
    """Each brings its events in time, of the market that was asked for."""
    kinds: set[str] = set()
    async with listening("XBTUSDM", *STREAM.paths) as (session, socket, _, _, _):
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(kinds) < len(STREAM.paths):
                for event in await heard(session, socket):
                    assert event.native == "XBTUSDM"
                    kinds.add(type(event).__name__)
    assert kinds == {
        "BookDelta",
        "TradeTick",
        "BestTick",
        "DayTick",
        "MarkTick",
        "FundingTick",
        "KlineTick",
    }
