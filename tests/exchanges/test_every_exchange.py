"""What every exchange must keep, whatever it offers: numbered cases against its simulated venue.

The simulator is written from the wire reference and knows no adapter. An exchange that is added
meets the same cases without a line here. What it does not tell is ``None``; what it tells is the
truth, in base and quote units.
"""

import json
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perps_stats.core.errors import NotOffered, UnknownMarket, Unreadable
from perps_stats.core.intervals import interval_length
from perps_stats.core.symbols import canonical
from perps_stats.core.times import from_ms, from_us, to_ms
from perps_stats.core.types import FundingKind, Side, Ticker
from perps_stats.exchanges import EXCHANGES
from perps_stats.exchanges.contract import Exchange, Subscription
from perps_stats.exchanges.events import (
    BestTick,
    BookDelta,
    BookSnapshot,
    Channel,
    Event,
    FundingTick,
    KlineTick,
    MarkTick,
    TradeTick,
)
from perps_stats.feed.flow import run
from perps_stats.feed.session import CHANNEL_OF
from perps_stats.sim.facts import AggregateFact, Source, Span, TradeFact

from .meeting import NOW, SPOKEN, Meeting, meeting_of, near, trading, wall_clock

HOUR = timedelta(hours=1)
EVERY = pytest.mark.parametrize("exchange", EXCHANGES.values(), ids=list(EXCHANGES))


@pytest.fixture(name="meeting", params=SPOKEN)
async def a_meeting(request: pytest.FixtureRequest) -> AsyncGenerator[Meeting]:
    async with meeting_of(str(request.param)) as meeting:
        yield meeting


async def truth(meeting: Meeting) -> Source:
    return meeting.venue.source((await meeting.bitcoin()).native)


def finite(*numbers: Decimal | None) -> bool:
    return all(number is None or number.is_finite() for number in numbers)


async def test_01_markets(meeting: Meeting) -> None:
    """Perpetuals only, each under one contract name; scales that hold tick and lot; base units."""
    markets = await meeting.client.get_markets()
    assert {market.exchange for market in markets} == {meeting.exchange.name}
    assert len({market.native for market in markets}) == len(markets) > 1
    assert len({market.symbol for market in markets}) == len(markets)
    for market in markets:
        assert market.contract == canonical(market.base, market.quote)
        assert (market.contract_size is None) != (market.contract_value is None)
        assert market.multiplier >= 1
    for market in trading(markets):
        assert market.tick_size
        assert market.price_scale is not None
        assert market.tick_size.scaleb(market.price_scale) % 1 == 0
        if market.quantity_scale is not None and market.lot_size is not None:
            assert market.lot_size.scaleb(market.quantity_scale) % 1 == 0
    assert meeting.unreadable == []


async def test_02_names_are_inverse(meeting: Meeting) -> None:
    """Native to ours and back, for every market that is listed; each way twice is once."""
    client = meeting.client
    for market in await client.get_markets():
        assert await client.normalize_symbol(market.native) == market.symbol
        assert await client.parse_symbol(market.symbol) == market.native
        assert await client.parse_symbol(market.native) == market.native
        assert await client.normalize_symbol(market.symbol) == market.symbol
        assert await client.is_supported(market.native)
    assert client.get_name() == meeting.exchange.name
    assert (await meeting.bitcoin()).base == "BTC"


async def test_03_the_ticker_is_the_truth(meeting: Meeting) -> None:
    """Prices as they are, volume in base and turnover in quote coin, a fraction for the change."""
    ticker, source = await meeting.client.get_ticker("BTC"), await truth(meeting)
    day, mark = source.day(), source.mark()
    told = {
        "last_price": day.last,
        "high_price_24h": day.high,
        "low_price_24h": day.low,
        "volume_24h": day.volume,
        "turnover_24h": day.turnover,
        "mark_price": mark.mark,
        "index_price": mark.index,
        "open_interest": source.open_interest()[0],
    }
    found = msgspec.structs.asdict(ticker)
    for name, expected in told.items():
        assert found[name] is None or found[name] == Decimal(expected), name
    assert ticker.last_price is not None
    assert ticker.price_change_pct is not None
    assert_rounded(ticker.price_change_pct, Decimal(day.change_pct) / 100)
    assert near(ticker.timestamp)
    assert ticker.recv_ts == NOW
    assert_best(ticker)


def assert_rounded(told: Decimal, true: Decimal) -> None:
    """To the digits that were told, or the 5 of the truth."""
    places = max(told.normalize().as_tuple().exponent, -5)
    assert abs(told - true) <= Decimal((0, (5,), int(places) - 1))


def assert_best(ticker: Ticker) -> None:
    bid, ask = ticker.best_bid_price, ticker.best_ask_price
    assert bid is None or ask is None or 0 < bid < ask


async def test_04_all_tickers_agree_with_each(meeting: Meeting) -> None:
    """One row a market, none of what is no perpetual, and the same figures."""
    listed = {ticker.symbol: ticker for ticker in await meeting.client.get_all_tickers()}
    known = {market.symbol for market in await meeting.client.get_markets()}
    assert {"BTC", "ETH"} <= set(listed) <= known
    alone = await meeting.client.get_ticker("BTC")
    assert (listed["BTC"].last_price, listed["BTC"].turnover_24h) == (
        alone.last_price,
        alone.turnover_24h,
    )
    for ticker in listed.values():
        assert_best(ticker)
        assert finite(ticker.last_price, ticker.volume_24h, ticker.turnover_24h)
    assert meeting.unreadable == []


async def test_05_the_book_is_the_truth(meeting: Meeting) -> None:
    """Level by level in base coin, best first; ``complete`` only if it is all there is."""
    depth = min(meeting.exchange.max_depth, 1000)
    book = await meeting.client.get_orderbook("BTC", depth)
    market = await meeting.bitcoin()
    all_of_it = meeting.venue.truth(market.native)
    for side, true in ((book.bids, all_of_it.bids), (book.asks, all_of_it.asks)):
        got = tuple((level.price, level.quantity) for level in side)
        assert len(got) > 5
        assert got == true[: len(got)]
    assert book.bids[0].price < book.asks[0].price
    whole = len(book.bids) == len(all_of_it.bids) and len(book.asks) == len(all_of_it.asks)
    assert book.complete <= whole
    assert near(book.timestamp)
    assert len((await meeting.client.get_orderbook("BTC", 3)).bids) == 3


async def test_06_trades(meeting: Meeting) -> None:
    """The newest, oldest first, each once; the side is the taker's, the size in base coin."""
    if meeting.exchange.trades is None:
        pytest.skip("does not offer trades")
    found, source = await meeting.client.get_recent_trades("BTC", 20), await truth(meeting)
    fills = [fact for fact in source.trades(40) if fact.market]
    fused = source.aggregates(Span(None, None, 40), None)
    got = [(trade.price, trade.quantity, trade.side) for trade in found]
    assert 1 < len(got) <= 20
    assert sorted(got) in [newest(fills, len(got)), newest(fused, len(got))]
    assert len({trade.id for trade in found}) == len(found)
    assert all(before.timestamp <= after.timestamp for before, after in pairwise(found))
    assert all(near(trade.timestamp) for trade in found)


def newest(
    facts: Sequence[TradeFact | AggregateFact], count: int
) -> list[tuple[Decimal, Decimal, Side]]:
    """An exchange tells single fills, or those of one taker at one price as one."""
    return sorted(
        (Decimal(fact.price), Decimal(fact.quantity), Side.SELL if fact.maker_buys else Side.BUY)
        for fact in facts[-count:]
    )


async def test_07_candles_are_the_truth(meeting: Meeting) -> None:
    """Of an hour: opened on the hour, closed but for the last; prices exact, and base volume."""
    start = NOW.replace(minute=0, second=0, microsecond=0) - 30 * HOUR
    candles = await meeting.client.get_klines("BTC", "1h", start, NOW)
    span = Span(to_ms(start), None, 31)
    bars = (await truth(meeting)).bars("1h", span)
    assert len(candles) == len(bars) == 31
    for candle, bar in zip(candles, bars, strict=True):
        assert candle.open_time == from_ms(bar.open_time)
        assert candle.close_time == candle.open_time + HOUR
        prices = (candle.open, candle.high, candle.low, candle.close)
        assert prices == tuple(map(Decimal, (bar.open, bar.high, bar.low, bar.close)))
        assert candle.volume in {None, Decimal(bar.volume)}
        assert candle.turnover in {None, Decimal(bar.turnover)}
        assert candle.trades in {None, bar.trades}
    assert [candle.closed for candle in candles] == [True] * 30 + [False]


async def test_08_every_interval(meeting: Meeting) -> None:
    """Each that is offered: aligned, as long as it says, low and high around open and close."""
    for interval in meeting.exchange.intervals:
        length = interval_length(interval)
        candles = await meeting.client.get_klines("BTC", interval, NOW - 5 * length, NOW)
        assert 3 <= len(candles) <= 6, interval
        for candle in candles:
            assert candle.interval == interval
            assert candle.close_time - candle.open_time == length
            assert candle.low <= min(candle.open, candle.close)
            assert candle.high >= max(candle.open, candle.close)
        assert all(a.open_time < b.open_time for a, b in pairwise(candles))


async def test_09_funding_is_the_truth(meeting: Meeting) -> None:
    """A fraction for the interval that stands beside it, the same per hour as it truly is."""
    if meeting.exchange.funding is None:
        pytest.skip("does not offer funding")
    rate, market = await meeting.client.get_funding_rate("BTC"), await meeting.bitcoin()
    mark = (await truth(meeting)).mark()
    assert rate.funding_rate == Decimal(mark.rate)
    assert rate.kind is FundingKind.PREDICTED
    assert rate.funding_interval
    assert market.funding_interval in {None, rate.funding_interval}
    assert rate.next_funding_time in {None, from_ms(mark.next_time)}
    assert near(rate.timestamp)


async def test_10_settled_funding(meeting: Meeting) -> None:
    """Oldest first within the window, each with its interval, which is the time between them."""
    if meeting.exchange.funding_history is None:
        pytest.skip("does not offer the history of funding")
    start = NOW - 10 * 24 * HOUR
    rates = await meeting.client.get_funding_rate_history("BTC", start, NOW)
    assert {rate.kind for rate in rates} == {FundingKind.SETTLED}
    times = [rate.funding_time for rate in rates if rate.funding_time]
    assert len(times) == len(rates) > 20
    assert start <= times[0]
    assert times[-1] < NOW
    for rate, (before, after) in zip(rates[1:], pairwise(times), strict=True):
        assert rate.funding_interval is not None
        apart = Decimal((after - before) / HOUR)
        assert abs(apart - rate.funding_interval) < Decimal("0.05")
    assert len(await meeting.client.get_funding_rate_history("BTC", start, NOW, 5)) == 5


async def test_11_open_interest_is_the_truth(meeting: Meeting) -> None:
    """In base coin, and its value in quote coin where a price is told with it."""
    if meeting.exchange.open_interest is None:
        pytest.skip("does not offer open interest")
    held, source = await meeting.client.get_open_interest("BTC"), await truth(meeting)
    base = Decimal(source.open_interest()[0])
    assert held.open_interest == base
    assert held.open_value in {None, base * Decimal(source.mark().mark)}
    assert near(held.timestamp)


async def test_12_statistics(meeting: Meeting) -> None:
    """Of one market, and of all in as many requests as the contract says; both agree."""
    client, exchange = meeting.client, meeting.exchange
    if exchange.stats is None or exchange.all_stats is None:
        pytest.skip("does not offer statistics")
    one, source = await client.get_market_stats("BTC"), await truth(meeting)
    before = len(meeting.asked)
    every = {stats.symbol: stats for stats in await client.get_all_market_stats()}
    assert len(meeting.asked) - before == exchange.all_stats_requests > 0
    assert {"BTC", "ETH"} <= set(every)
    assert one.funding_rate == every["BTC"].funding_rate == Decimal(source.mark().rate)
    assert one.funding_interval == every["BTC"].funding_interval
    assert one.last_price == every["BTC"].last_price == Decimal(source.day().last)
    assert one.open_interest == Decimal(source.open_interest()[0])
    assert near(one.timestamp)


async def test_13_unknown_markets(meeting: Meeting) -> None:
    """Told with the exchange's name and near ones; nothing is sent for it."""
    await meeting.client.get_markets()
    before = len(meeting.asked)
    with pytest.raises(UnknownMarket, match=f"^{meeting.exchange.name}: 'BTX'"):
        await meeting.client.get_ticker("BTX")
    assert not await meeting.client.is_supported("BTX")
    assert len(meeting.asked) == before


async def test_14_weights_are_those_that_the_exchange_counts(meeting: Meeting) -> None:
    """Ours is never less than what it counted, and nothing was refused."""
    client = meeting.client
    await client.get_ticker("BTC")
    await client.get_orderbook("BTC", 20)
    await client.get_market_stats("BTC")
    await client.get_klines("BTC", "1h", NOW - 5 * HOUR, NOW)
    await client.get_funding_rate_history("BTC", NOW - 24 * HOUR, NOW)
    assert sum(meeting.weights.values()) >= meeting.venue.counters.weight_used > 0
    for pool, spent in meeting.weights.items():
        assert spent <= meeting.exchange.rest.limits[pool].weight


async def test_15_the_clock(meeting: Meeting) -> None:
    """Within a second of the exchange's own."""
    if meeting.exchange.rest.clock is None:
        pytest.skip("tells no time")
    told = await run(meeting.exchange.rest.clock(), meeting.sender.send)
    assert abs(told - NOW) <= timedelta(seconds=1)


async def test_16_aggregated_trades(meeting: Meeting) -> None:
    """Offered by few: those of the last minutes, as they were. The others say so."""
    client, exchange = meeting.client, meeting.exchange
    if exchange.aggregated_trades is None:
        with pytest.raises(NotOffered):
            await client.get_aggregated_trades("BTC")
        return
    found = await client.get_aggregated_trades("BTC", NOW - timedelta(minutes=2), NOW, 30)
    span = Span(to_ms(NOW - timedelta(minutes=2)), None, 30)
    true = (await truth(meeting)).aggregates(span, None)
    assert [(trade.price, trade.quantity) for trade in found] == [
        (Decimal(fact.price), Decimal(fact.quantity)) for fact in true
    ]
    assert len(found) == 30


async def test_17_a_page_of_candles(meeting: Meeting) -> None:
    """So many of the past, of each interval, take so many requests; all are there, and closed."""
    client, exchange, source = meeting.client, meeting.exchange, await truth(meeting)
    for interval in exchange.intervals:
        (running,) = source.bars(interval, Span(None, None, 1))
        page, end = exchange.kline_page(interval), from_ms(running.open_time)
        start, before = end - page.rows * interval_length(interval), len(meeting.asked)
        candles = await client.get_klines("BTC", interval, start, end)
        assert len(meeting.asked) - before == page.requests, interval
        bars = source.bars(interval, Span(to_ms(start), to_ms(end) - 1, page.rows))
        times = [from_ms(bar.open_time) for bar in bars]
        assert [candle.open_time for candle in candles] == times
        assert 10 < len(times) <= page.rows
        assert all(candle.closed for candle in candles), interval
    assert meeting.unreadable == []


async def test_18_a_page_of_funding(meeting: Meeting) -> None:
    """So many settlements of the past take so many requests, and all are there."""
    if meeting.exchange.funding_history is None:
        pytest.skip("does not offer the history of funding")
    client, page = meeting.client, meeting.exchange.funding_page
    every = (await client.get_funding_rate("BTC")).funding_interval
    assert every
    end, before = NOW.replace(hour=0, minute=0, second=0, microsecond=0), len(meeting.asked)
    start = end - page.rows * HOUR * int(every)
    rates = await client.get_funding_rate_history("BTC", start, end)
    each = page.rows if page.row_by_row else 0
    assert len(meeting.asked) - before == page.requests + each
    assert len(rates) == page.rows
    assert meeting.unreadable == []


async def test_20_subscriptions_are_deterministic(meeting: Meeting) -> None:
    """The same markets, the same frames, each of them JSON; each channel names its path."""
    stream = meeting.exchange.stream
    assert stream is not None
    markets = tuple(trading(await meeting.client.get_markets()))
    wanted = Subscription(channels=tuple(stream.paths), markets=markets)
    frames = list(stream.subscribe(wanted))
    assert frames == list(stream.subscribe(wanted))
    assert frames
    assert all(isinstance(json.loads(frame), dict) for frame in frames)
    assert set(stream.silence_seconds) == set(stream.paths)
    assert (meeting.exchange.book_snapshot is None) <= (stream.unsubscribe is not None)


@EVERY
@given(st.binary(max_size=120) | st.text(max_size=60).map(str.encode))
def test_21_decoding_is_total(exchange: Exchange, noise: bytes) -> None:
    """Whatever a socket brings: events, or ``Unreadable``."""
    if exchange.stream is None:
        pytest.skip("has no stream")
    try:
        events = exchange.stream.decoder(())(noise)
    except Unreadable:
        return
    assert isinstance(events, tuple)


@EVERY
@pytest.mark.parametrize("frame", [b'{"nobody":"knows"}', b"[1,2]", b"pong?", b"", b"null"])
def test_22_an_unknown_frame_is_unreadable(exchange: Exchange, frame: bytes) -> None:
    """Never taken for something that it is not, nor silently dropped."""
    if exchange.stream is None:
        pytest.skip("has no stream")
    with pytest.raises(Unreadable):
        exchange.stream.decoder(())(frame)


@pytest.mark.parametrize("name", SPOKEN)
async def test_23_every_channel_speaks(name: str) -> None:
    """Each that is offered brings its events, of the market asked for, at the exchange's time."""
    stream = EXCHANGES[name].stream
    assert stream is not None
    channels = [each for each in stream.paths if each is not Channel.LIQUIDATIONS]
    started = datetime.now(UTC)
    async with meeting_of(name, clock=wall_clock, symbols=("BTC",)) as meeting:
        native = (await meeting.bitcoin()).native
        spoken = [each for each in channels if each is not Channel.OPEN_INTEREST]
        events = await meeting.heard(spoken, ["BTC"])
    heard = {CHANNEL_OF[type(event)] for event in events}
    marks = [event for event in events if isinstance(event, MarkTick)]
    if any(mark.open_interest or mark.open_value for mark in marks):
        heard.add(Channel.OPEN_INTEREST)  # it comes with them
    assert heard == set(channels)
    assert {event.native for event in events} == {native}
    for event in events:
        assert_sane(event, started)


def assert_sane(event: Event, started: datetime) -> None:
    match event:
        case TradeTick():
            assert event.side in {"buy", "sell"}
            assert float(event.price) > 0
            assert float(event.quantity) > 0
        case BestTick(bid_price=str(bid), ask_price=str(ask)):
            assert 0 < float(bid) < float(ask)
        case BookSnapshot() | BookDelta():
            for level in json.loads(bytes(event.bids)) + json.loads(bytes(event.asks)):
                assert [type(part) for part in level] == [str, str]
        case FundingTick():
            assert abs(float(event.funding_rate)) < 0.05
        case KlineTick():
            assert event.close_ts - event.open_ts == 60_000_000
            return
        case _:
            pass
    ts = getattr(event, "ts")  # noqa: B009 of any market event
    assert abs(from_us(ts) - started) < timedelta(minutes=3)
