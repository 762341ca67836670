"""Known rows of every data set, and a maker of any number of distinct ones."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from msgspec import Struct

from perps_stats.core.figures import LiquidityAverages, LiquidityDepthStats, Slippage
from perps_stats.core.types import (
    FundingKind,
    FundingRate,
    Gap,
    GapCause,
    Kline,
    Liquidation,
    Market,
    OpenInterest,
    Orderbook,
    OrderbookLevel,
    Side,
    Ticker,
    Trade,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOW = datetime(2026, 3, 1, 13, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def market(exchange: str, base: str, quote: str = "USDT") -> Market:
    return Market(
        exchange=exchange,
        symbol=base if quote == "USDT" else f"{base}-{quote}-PERP",
        native=f"{base}{quote}",
        contract=f"{base}-{quote}-PERP",
        base=base,
        quote=quote,
        settle=quote,
        tick_size=Decimal("0.10"),
        lot_size=Decimal("1E-8"),
        price_scale=2,
    )


MARKETS = [market("binance", "BTC"), market("binance", "ETH"), market("binance", "BTC", "USDC")]
OTHERS = [market("kucoin", "BTC")]

TRADE = Trade(
    exchange="binance",
    symbol="BTC",
    id="7",
    price=Decimal("61659.70"),
    quantity=Decimal("1E-8"),
    side=Side.SELL,
    timestamp=at(0.123),
    recv_ts=at(0.2),
)
TICKER = Ticker(
    exchange="binance",
    symbol="BTC",
    last_price=Decimal("61659.70"),
    best_bid_price=Decimal("61659.70"),
    best_bid_qty=Decimal("0.500"),
    price_change_pct=Decimal("-0.0077"),
    timestamp=at(1),
    recv_ts=at(1.5),
)
BOOK = Orderbook(
    exchange="binance",
    symbol="BTC",
    bids=[OrderbookLevel(Decimal("61659.70"), Decimal("1E-8"))],
    asks=[
        OrderbookLevel(Decimal("61659.80"), Decimal("2.50")),
        OrderbookLevel(Decimal("61660.00"), Decimal(3)),
    ],
    timestamp=at(2),
    sequence=2**53 + 1,
    complete=True,
)
FUNDING = FundingRate(
    exchange="binance",
    symbol="BTC",
    funding_rate=Decimal("0.00010000"),
    funding_time=at(0),
    funding_interval=Decimal(8),
    kind=FundingKind.SETTLED,
    timestamp=at(0),
)
OPEN_INTEREST = OpenInterest(
    exchange="binance", symbol="BTC", open_interest=Decimal("91345.123"), timestamp=at(5)
)
KLINE = Kline(
    exchange="binance",
    symbol="BTC",
    interval="1h",
    open_time=at(0),
    close_time=at(3600),
    open=Decimal("61000.00"),
    high=Decimal("61700.10"),
    low=Decimal("60900.00"),
    close=Decimal("61659.70"),
    volume=Decimal("12.345"),
    turnover=Decimal("760000.00"),
    trades=4321,
    closed=True,
)
LIQUIDATION = Liquidation(
    exchange="binance",
    symbol="BTC",
    price=Decimal("61000.00"),
    quantity=Decimal("0.014"),
    side=Side.SELL,
    timestamp=at(6),
)
LIQUIDITY = LiquidityDepthStats(
    timestamp=at(3),
    exchange="binance",
    symbol="BTC",
    mid_price=Decimal("61659.75"),
    bid_1bps=Decimal("123456.78901"),
    bid_2_5bps=Decimal("200000.00"),
    ask_1bps=Decimal("99.50"),
    ask_2_5bps=Decimal("99.50"),
    reach_bid_bps=Decimal("2.5"),
    reach_ask_bps=Decimal("0.9"),
)
AVERAGES = LiquidityAverages(
    timestamp=at(0),
    exchange="binance",
    symbol="BTC",
    mid_price=Decimal("61659.75"),
    spread_bps=Decimal("0.0162"),
    bid_1bps=Decimal("123456.78901"),
    bid_2_5bps=Decimal("200000.00"),
    reach_bid_bps=Decimal("2.5"),
    reach_ask_bps=Decimal(100),
    exact_seconds=Decimal(0),
    floor_seconds=Decimal("7.5"),
    suspect_seconds=Decimal("2.5"),
)
SLIPPAGE = Slippage(
    exchange="binance",
    symbol="BTC",
    side=Side.BUY,
    trade_amount=Decimal(10000),
    reference="mid",
    reference_price=Decimal("61659.75"),
    avg_price=Decimal("61660.10"),
    slippage_bps=Decimal("0.05676313"),
    slippage_pct=Decimal("0.000005676313"),
    fillable=True,
    timestamp=at(3),
)
GAP = Gap(
    exchange="binance",
    symbol="BTC",
    stream="orderbook",
    start_time=at(10),
    end_time=at(12),
    cause=GapCause.SEQUENCE,
    missed=1,
    detail="pu 5, expected 4",
    detected_at=at(12),
)

Make = Callable[[str, int], Struct]
"""A row of a symbol of ``binance``: rows of different numbers have different keys."""


def moment(number: int) -> datetime:
    """Three rows share a time: what tells them apart has to be used."""
    return at(number // 3)


def trade(symbol: str, number: int) -> Trade:
    return Trade(
        exchange="binance",
        symbol=symbol,
        id=str(number),
        price=Decimal(number),
        quantity=Decimal(1),
        side=Side.BUY,
        timestamp=moment(number),
    )


def slippage(symbol: str, number: int) -> Slippage:
    return Slippage(
        exchange="binance",
        symbol=symbol,
        side=Side.BUY if number % 3 else Side.SELL,
        trade_amount=Decimal(1000 * (1 + number % 3)),
        reference="mid",
        timestamp=moment(number),
    )


def liquidation(symbol: str, number: int) -> Liquidation:
    return Liquidation(
        exchange="binance",
        symbol=symbol,
        price=Decimal("9.5") + number,
        quantity=Decimal(1),
        side=Side.BUY,
        timestamp=moment(number),
    )


def kline(symbol: str, number: int) -> Kline:
    return Kline(
        exchange="binance",
        symbol=symbol,
        interval="1m",
        open_time=at(60 * number),
        close_time=at(60 * number + 60),
        open=Decimal(1),
        high=Decimal(1),
        low=Decimal(1),
        close=Decimal(1),
        volume=Decimal(number),
        closed=True,
    )


def funding(symbol: str, number: int) -> FundingRate:
    return FundingRate(
        exchange="binance",
        symbol=symbol,
        funding_rate=Decimal(number),
        kind=FundingKind.PREDICTED,
        timestamp=at(number),
    )


def gap(symbol: str, number: int) -> Gap:
    return Gap(
        exchange="binance",
        symbol=symbol,
        stream=f"stream{number % 3}",
        start_time=moment(number),
        cause=GapCause.SILENCE,
        detected_at=moment(number),
    )


MAKE: dict[str, Make] = {
    "trades": trade,
    "tickers/history": lambda symbol, number: Ticker(
        exchange="binance", symbol=symbol, timestamp=at(number)
    ),
    "orderbooks/history": lambda symbol, number: Orderbook(
        exchange="binance", symbol=symbol, bids=[], asks=[], timestamp=at(number)
    ),
    "liquidity/history": lambda symbol, number: LiquidityDepthStats(
        exchange="binance", symbol=symbol, timestamp=at(number)
    ),
    "liquidity/averages": lambda symbol, number: LiquidityAverages(
        exchange="binance",
        symbol=symbol,
        timestamp=at(number),
        exact_seconds=Decimal(10),
        floor_seconds=Decimal(0),
        suspect_seconds=Decimal(0),
    ),
    "open-interest": lambda symbol, number: OpenInterest(
        exchange="binance", symbol=symbol, timestamp=at(number)
    ),
    "slippage/history": slippage,
    "liquidations": liquidation,
    "klines": kline,
    "funding-rates": funding,
    "gaps": gap,
}
"""By the path of the resource that pages through them."""
