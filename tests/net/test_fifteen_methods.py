"""The fifteen methods of IPerps over real sockets, against the simulator's own ground truth.

The simulator is written from the wire reference and knows no adapter. Its clock stands still here,
so that what is asked twice is answered alike.
"""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import aiohttp
import pytest
from tests.exchanges.meeting import PATIENT

from perps_stats.core.errors import UnknownMarket
from perps_stats.core.times import from_ms, to_ms
from perps_stats.core.types import FundingKind, MarketStatus, Side
from perps_stats.exchanges import EXCHANGES
from perps_stats.feed.client import ExchangeClient
from perps_stats.net.http import HttpSender, http_session
from perps_stats.sim import SimSettings, Simulator

NOW = datetime(2026, 11, 23, 12, 34, 56, 789_000, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
Json = dict[str, str | int]


class Both:
    """Our client, and the bare answers it was made from."""

    def __init__(self, client: ExchangeClient, simulator: Simulator) -> None:
        self.client = client
        self.venue = simulator.venues["binance"]

    async def raw(self, path: str, **query: str) -> Json:
        async with aiohttp.ClientSession() as session:
            url = f"{self.venue.rest_url}/fapi/v1/{path}"
            async with session.get(url, params=query) as response:
                found: Json = await response.json()
                return found


@pytest.fixture(name="both")
async def a_client() -> AsyncGenerator[Both]:
    exchange = EXCHANGES["binance"]
    settings = SimSettings(symbols=("BTC", "ETH"))
    async with (
        Simulator(settings, clock=lambda: to_ms(NOW)) as simulator,
        http_session(PATIENT) as session,
    ):
        url = simulator.venues["binance"].rest_url
        sender = HttpSender(exchange.rest, url, session, PATIENT)
        client = ExchangeClient(exchange, sender.send, now=lambda: NOW, lock=asyncio.Lock())
        yield Both(client, simulator)


async def test_names_and_markets(both: Both) -> None:
    """get_name, get_markets, get_market, parse_symbol, is_supported."""
    client = both.client
    assert client.get_name() == "binance"
    markets = {market.native: market for market in await client.get_markets()}
    assert set(markets) == {"BTCUSDT", "ETHUSDT", "1000PEPEUSDT", "BTCUSDC", "BTCSTUSDT"}
    assert markets["BTCSTUSDT"].status is MarketStatus.HALTED
    bitcoin = await client.get_market("BTC")
    assert bitcoin == markets["BTCUSDT"]
    assert (bitcoin.symbol, bitcoin.contract) == ("BTC", "BTC-USDT-PERP")
    assert (bitcoin.tick_size, bitcoin.lot_size) == (Decimal("0.10"), Decimal("0.001"))
    assert (markets["BTCUSDC"].symbol, markets["1000PEPEUSDT"].multiplier) == (
        "BTC-USDC-PERP",
        Decimal(1000),
    )
    assert await client.parse_symbol("BTC/USDC:USDC") == "BTCUSDC"
    assert await client.is_supported("ETH-USDT-PERP")
    assert not await client.is_supported("NOPE")
    with pytest.raises(UnknownMarket, match="binance: 'BTX'"):
        await client.get_ticker("BTX")


async def test_the_book_is_the_truth(both: Both) -> None:
    """get_orderbook: every level, exactly, as of the truth's own update."""
    book = await both.client.get_orderbook("BTC", 1000)
    truth = both.venue.truth("BTCUSDT")
    assert tuple((level.price, level.quantity) for level in book.bids) == truth.bids[:1000]
    assert tuple((level.price, level.quantity) for level in book.asks) == truth.asks[:1000]
    assert (book.sequence, book.timestamp) == (truth.last_update_id, from_ms(truth.time))
    assert len((await both.client.get_orderbook("BTC", 7)).bids) == 7


async def test_the_ticker_joins_its_sources(both: Both) -> None:
    """get_ticker and get_all_tickers: each field is the one that its end point told."""
    ticker = await both.client.get_ticker("BTC")
    of = {"symbol": "BTCUSDT"}
    day, best = await both.raw("ticker/24hr", **of), await both.raw("ticker/bookTicker", **of)
    mark, held = await both.raw("premiumIndex", **of), await both.raw("openInterest", **of)
    assert ticker.last_price == Decimal(day["lastPrice"])
    assert (ticker.volume_24h, ticker.turnover_24h) == (
        Decimal(day["volume"]),
        Decimal(day["quoteVolume"]),
    )
    assert ticker.price_change_pct == Decimal(day["priceChangePercent"]) / 100
    assert (ticker.best_bid_price, ticker.best_ask_qty) == (
        Decimal(best["bidPrice"]),
        Decimal(best["askQty"]),
    )
    assert (ticker.mark_price, ticker.index_price) == (
        Decimal(mark["markPrice"]),
        Decimal(mark["indexPrice"]),
    )
    assert ticker.open_interest == Decimal(held["openInterest"])
    listed = {each.symbol: each for each in await both.client.get_all_tickers()}
    assert listed["BTC"].last_price == ticker.last_price
    assert set(listed) == {market.symbol for market in await both.client.get_markets()}


async def test_funding_now_and_before(both: Both) -> None:
    """get_funding_rate and get_funding_rate_history: one row each settlement, intervals told."""
    mark = await both.raw("premiumIndex", symbol="BTCUSDT")
    now = await both.client.get_funding_rate("BTC")
    assert (now.funding_rate, now.kind) == (Decimal(mark["lastFundingRate"]), FundingKind.PREDICTED)
    assert now.next_funding_time == from_ms(int(mark["nextFundingTime"]))
    assert now.funding_interval == 8
    history = await both.client.get_funding_rate_history("BTC", NOW - 10 * 24 * HOUR, NOW)
    assert len(history) == 30
    assert {row.kind for row in history} == {FundingKind.SETTLED}
    assert {row.funding_interval for row in history} == {Decimal(8)}
    assert all(row.funding_time and row.funding_time.hour % 8 == 0 for row in history)


async def test_open_interest(both: Both) -> None:
    """get_open_interest: base coins, and their value at the mark price."""
    held = await both.raw("openInterest", symbol="ETHUSDT")
    mark = await both.raw("premiumIndex", symbol="ETHUSDT")
    found = await both.client.get_open_interest("ETH")
    assert found.open_interest == Decimal(held["openInterest"])
    assert found.open_value == Decimal(held["openInterest"]) * Decimal(mark["markPrice"])


async def test_hours_are_made_of_their_minutes(both: Both) -> None:
    """get_klines: pages by itself; the hour's prices and volume are those of its sixty minutes."""
    start = NOW.replace(minute=0, second=0, microsecond=0) - 30 * HOUR
    hours = await both.client.get_klines("BTC", "1h", start, start + 28 * HOUR)
    minutes = await both.client.get_klines("BTC", "1m", start, start + 28 * HOUR)
    assert (len(hours), len(minutes)) == (28, 28 * 60)
    assert all(candle.closed for candle in (*hours, *minutes))
    for number, hour in enumerate(hours):
        inside = minutes[number * 60 : number * 60 + 60]
        assert hour.open_time == inside[0].open_time == start + number * HOUR
        assert hour.close_time == inside[-1].close_time == hour.open_time + HOUR
        assert (hour.open, hour.close) == (inside[0].open, inside[-1].close)
        assert hour.high == max(candle.high for candle in inside)
        assert hour.low == min(candle.low for candle in inside)
        assert hour.volume == sum(candle.volume or 0 for candle in inside)
        assert hour.trades == sum(candle.trades or 0 for candle in inside)


async def test_the_candle_that_still_moves_is_not_closed(both: Both) -> None:
    """The last of the present is open."""
    candles = await both.client.get_klines("BTC", "1m", NOW - 5 * MINUTE, NOW)
    assert [candle.closed for candle in candles] == [True] * (len(candles) - 1) + [False]


async def test_recent_trades(both: Both) -> None:
    """get_recent_trades: ids, prices, the taker's side, oldest first."""
    rows = await both.raw("trades", symbol="BTCUSDT", limit="50")
    trades = await both.client.get_recent_trades("BTC", 50)
    assert [(trade.id, trade.price, trade.quantity) for trade in trades] == [
        (str(row["id"]), Decimal(row["price"]), Decimal(row["qty"])) for row in _list(rows)
    ]
    sides = [Side.SELL if row["isBuyerMaker"] else Side.BUY for row in _list(rows)]
    assert [trade.side for trade in trades] == sides


def _list(rows: object) -> list[Json]:
    assert isinstance(rows, list)
    return rows


async def test_statistics_of_one_and_of_all(both: Both) -> None:
    """get_market_stats and get_all_market_stats: all in three requests, whatever their number."""
    one = await both.client.get_market_stats("BTC")
    before = sum(both.venue.counters.requests.values())
    listed = {stats.symbol: stats for stats in await both.client.get_all_market_stats()}
    assert sum(both.venue.counters.requests.values()) - before <= 4
    every = listed["BTC"]
    assert (every.last_price, every.mark_price) == (one.last_price, one.mark_price)
    assert (every.funding_rate, every.volume_24h) == (one.funding_rate, one.volume_24h)
    assert one.open_interest is not None
    assert every.open_interest is None
