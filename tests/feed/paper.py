"""An exchange that is written down here, and a client that notes what it asks."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from perps_stats.core.errors import (
    Unreadable,
)
from perps_stats.core.types import (
    FundingKind,
    FundingRate,
    Market,
    MarketStats,
    OpenInterest,
    Orderbook,
    OrderbookLevel,
    Side,
    Ticker,
    Trade,
)
from perps_stats.exchanges.contract import (
    Answer,
    Ask,
    Candles,
    Exchange,
    Flow,
    Markets,
    Request,
    Rest,
    Window,
)
from perps_stats.feed.client import ExchangeClient

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
READ = NOON + timedelta(seconds=3)
ONE = Decimal(1)


def listed(native: str, base: str, quote: str) -> Market:
    contract = f"{base}-{quote}-PERP"
    return Market(native=native, contract=contract, base=base, quote=quote, settle=quote)


LISTED = [
    listed("BTCUSDC", "BTC", "USDC"),
    listed("BTCUSDT", "BTC", "USDT"),
    listed("ETHUSDT", "ETH", "USDT"),
]


def ask(question: str) -> Flow[None]:
    yield Request("GET", question)


def markets() -> Flow[list[Market]]:
    yield from ask("markets")
    return LISTED


def to_ticker(market: Market) -> Ticker:
    exchange, symbol = market.exchange, market.symbol
    return Ticker(exchange=exchange, symbol=symbol, last_price=ONE, timestamp=NOON)


def ticker(market: Market) -> Flow[Ticker]:
    yield from ask(f"ticker {market.native}")
    return to_ticker(market)


def tickers(markets: Markets) -> Flow[list[Ticker]]:
    yield from ask(f"tickers {' '.join(markets)}")
    return [to_ticker(market) for market in markets.values()]


def orderbook(market: Market, depth: int) -> Flow[Orderbook]:
    """Always gives three levels a side, and says that they are all there are."""
    yield from ask(f"orderbook {market.native} {depth}")
    return Orderbook(
        exchange=market.exchange,
        symbol=market.symbol,
        bids=[OrderbookLevel(Decimal(price), ONE) for price in (3, 2, 1)],
        asks=[OrderbookLevel(Decimal(price), ONE) for price in (4, 5, 6)],
        timestamp=NOON,
        complete=True,
    )


def to_trade(market: Market, number: int) -> Trade:
    return Trade(
        exchange=market.exchange,
        symbol=market.symbol,
        id=str(number),
        price=ONE,
        quantity=ONE,
        side=Side.BUY,
        timestamp=NOON,
    )


def trades(market: Market, limit: int) -> Flow[list[Trade]]:
    yield from ask(f"trades {market.native} {limit}")
    return [to_trade(market, number) for number in range(limit)]


def told(window: Window) -> str:
    return f"{window.start:%d %H:%M} {window.end:%d %H:%M}"


def aggregated_trades(market: Market, window: Window, limit: int) -> Flow[list[Trade]]:
    yield from ask(f"aggregated {told(window)} {limit}")
    return [to_trade(market, 7)]


def klines(market: Market, interval: str, window: Window, limit: int | None) -> Flow[Candles]:
    yield from ask(f"klines {market.native} {interval} {told(window)} {limit}")
    return Candles([], 0)


def to_rate(market: Market, hour: int, kind: FundingKind) -> FundingRate:
    return FundingRate(
        exchange=market.exchange,
        symbol=market.symbol,
        funding_rate=ONE,
        kind=kind,
        timestamp=NOON + hour * HOUR,
    )


def funding(market: Market) -> Flow[FundingRate]:
    yield from ask(f"funding {market.native}")
    return to_rate(market, 0, FundingKind.PREDICTED)


def funding_history(market: Market, window: Window, limit: int | None) -> Flow[list[FundingRate]]:
    """Settles each hour of the window."""
    yield from ask(f"funding history {told(window)} {limit}")
    hours = (window.end - window.start) // HOUR
    return [to_rate(market, -hour, FundingKind.SETTLED) for hour in range(hours, 0, -1)][:limit]


def open_interest(market: Market) -> Flow[OpenInterest]:
    yield from ask(f"open interest {market.native}")
    exchange, symbol = market.exchange, market.symbol
    return OpenInterest(exchange=exchange, symbol=symbol, open_interest=ONE, timestamp=NOON)


def to_stats(market: Market) -> MarketStats:
    return MarketStats(exchange=market.exchange, symbol=market.symbol, timestamp=NOON)


def stats(market: Market) -> Flow[MarketStats]:
    yield from ask(f"stats {market.native}")
    return to_stats(market)


def all_stats(markets: Markets) -> Flow[list[MarketStats]]:
    yield from ask("all stats")
    return [to_stats(market) for market in markets.values()]


FULL = Exchange(
    name="paper",
    rest=Rest(url="", limits={}, refusal=lambda _status, _body: None),
    quotes=("USDT", "USDC"),
    markets=markets,
    tickers=tickers,
    ticker=ticker,
    orderbook=orderbook,
    max_depth=10,
    trades=trades,
    aggregated_trades=aggregated_trades,
    klines=klines,
    intervals=("1m", "1h"),
    funding=funding,
    funding_history=funding_history,
    open_interest=open_interest,
    stats=stats,
    all_stats=all_stats,
)
BARE = Exchange(
    name="bare",
    rest=FULL.rest,
    quotes=("USDT",),
    markets=markets,
    tickers=tickers,
    ticker=ticker,
    orderbook=orderbook,
    max_depth=10,
)


class Paper:
    """A client, and what it asked after its markets."""

    def __init__(self, exchange: Exchange = FULL) -> None:
        self.asked: list[str] = []
        self.bad: list[Unreadable] = []
        self.client = ExchangeClient(
            exchange,
            self._send,
            now=lambda: READ,
            report=self.bad.append,
            lock=asyncio.Lock(),
        )

    async def _send(self, ask: Ask) -> Answer:
        assert isinstance(ask, Request)
        self.asked.append(ask.path)
        await asyncio.sleep(0)
        return b""
