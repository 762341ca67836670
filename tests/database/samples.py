"""Markets and records with the awkward values that exchanges do send."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from msgspec import Struct

from perps_stats.core import catalogue
from perps_stats.core.catalogue import DataSet
from perps_stats.core.figures import LiquidityAverages, LiquidityDepthStats, Slippage
from perps_stats.core.intervals import interval_length
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
LONG = Decimal("123456789012345678901234567890.000000000000000000000000000001230")
TINY = Decimal("1E-25")
FIRST = datetime(1, 1, 1, tzinfo=UTC)
LAST = datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
WEIRD = ("", "\\N", "tab\there", "line\nbreak", "back\\slash\\", "\r", "ü漢😀", "null", "'; drop")


def market(exchange: str = "binance", base: str = "BTC", quote: str = "USDT") -> Market:
    return Market(
        exchange=exchange,
        symbol=base if quote == "USDT" else f"{base}-{quote}-PERP",
        native=f"{base}{quote}",
        contract=f"{base}-{quote}-PERP",
        base=base,
        quote=quote,
        settle=quote,
        tick_size=Decimal("0.10"),
    )


def trade(number: int = 1, symbol: str = "BTC", at: datetime = NOON) -> Trade:
    return Trade(
        exchange="binance",
        symbol=symbol,
        id=str(number),
        price=Decimal("61659.70"),
        quantity=Decimal("0.001"),
        side=Side.BUY,
        timestamp=at,
        recv_ts=at + timedelta(milliseconds=20),
    )


def ticker(symbol: str = "BTC", at: datetime = NOON, last: str = "1") -> Ticker:
    return Ticker(exchange="binance", symbol=symbol, last_price=Decimal(last), timestamp=at)


def candle(at: datetime, interval: str = "1m", symbol: str = "BTC") -> Kline:
    one = Decimal(1)
    return Kline(
        exchange="binance",
        symbol=symbol,
        interval=interval,
        open_time=at,
        close_time=at + interval_length(interval),
        open=one,
        high=one,
        low=one,
        close=one,
        volume=None,
        closed=True,
    )


def gap(stream: str = "trades", at: datetime = NOON) -> Gap:
    return Gap(
        exchange="binance",
        symbol="BTC",
        stream=stream,
        start_time=at,
        cause=GapCause.SEQUENCE,
        detected_at=at,
        missed=3,
    )


def level(price: str, quantity: str) -> OrderbookLevel:
    return OrderbookLevel(Decimal(price), Decimal(quantity))


RECORDS: list[tuple[DataSet, list[Struct]]] = [
    (
        catalogue.TRADES,
        [
            *[
                Trade(
                    exchange="binance",
                    symbol="BTC",
                    id=text,
                    price=LONG,
                    quantity=TINY,
                    side=Side.SELL,
                    timestamp=NOON,
                )
                for text in WEIRD
            ],
            Trade(
                exchange="binance",
                symbol="BTC",
                id="1",
                price=Decimal("-0.0"),
                quantity=Decimal("1E+5"),
                side=Side.BUY,
                timestamp=FIRST,
                liquidation=True,
                recv_ts=LAST,
            ),
            Trade(
                exchange="binance",
                symbol="BTC",
                id="2",
                price=Decimal(1),
                quantity=Decimal("1.10"),
                side=Side.BUY,
                timestamp=LAST,
                liquidation=False,
            ),
        ],
    ),
    (
        catalogue.TICKERS,
        [
            Ticker(exchange="binance", symbol="BTC", timestamp=NOON),
            ticker(at=FIRST),
            ticker(at=LAST),
        ],
    ),
    (
        catalogue.ORDERBOOKS,
        [
            Orderbook(exchange="binance", symbol="BTC", bids=[], asks=[], timestamp=FIRST),
            Orderbook(
                exchange="binance",
                symbol="BTC",
                bids=[level("2.50", "1"), level("2.40", "1E-9")],
                asks=[level(str(LONG), "0.000")],
                timestamp=NOON,
                sequence=2**63 - 1,
                complete=True,
                recv_ts=NOON,
            ),
        ],
    ),
    (
        catalogue.FUNDING_RATES,
        [
            FundingRate(
                exchange="binance", symbol="BTC", funding_rate=Decimal(0), kind=kind, timestamp=NOON
            )
            for kind in FundingKind
        ],
    ),
    (
        catalogue.OPEN_INTEREST,
        [
            OpenInterest(exchange="binance", symbol="BTC", timestamp=FIRST),
            OpenInterest(
                exchange="binance",
                symbol="BTC",
                open_interest=LONG,
                open_value=TINY,
                timestamp=NOON,
            ),
        ],
    ),
    (
        catalogue.KLINES,
        [
            Kline(
                exchange="binance",
                symbol="BTC",
                interval=interval,
                open_time=NOON,
                close_time=NOON + timedelta(minutes=1),
                open=Decimal(1),
                high=Decimal("2.0"),
                low=Decimal("0.5"),
                close=LONG,
                volume=volume,
                trades=trades,
                closed=True,
            )
            for interval, volume, trades in (("1m", None, None), ("1h", Decimal("0.000"), 2**40))
        ],
    ),
    (
        catalogue.LIQUIDATIONS,
        [
            Liquidation(
                exchange="binance",
                symbol="BTC",
                price=price,
                quantity=Decimal("0.1"),
                side=Side.SELL,
                timestamp=NOON,
            )
            for price in (Decimal("1.5"), LONG)
        ],
    ),
    (
        catalogue.LIQUIDITY,
        [
            LiquidityDepthStats(exchange="binance", symbol="BTC", timestamp=NOON),
            LiquidityDepthStats(
                exchange="binance",
                symbol="BTC",
                timestamp=LAST,
                mid_price=LONG,
                bid_2_5bps=TINY,
                reach_ask_bps=Decimal("12.5"),
                complete=True,
            ),
        ],
    ),
    (
        catalogue.LIQUIDITY_AVERAGES,
        [
            LiquidityAverages(
                exchange="binance",
                symbol="BTC",
                timestamp=FIRST,
                exact_seconds=Decimal(0),
                floor_seconds=Decimal(0),
                suspect_seconds=Decimal(10),
            ),
            LiquidityAverages(
                exchange="binance",
                symbol="BTC",
                timestamp=LAST,
                mid_price=LONG,
                spread_bps=TINY,
                bid_1bps=Decimal("300.50"),
                reach_bid_bps=Decimal("12.5"),
                complete=True,
                exact_seconds=Decimal("9.999999"),
                floor_seconds=Decimal("0.000001"),
                suspect_seconds=Decimal(0),
            ),
        ],
    ),
    (
        catalogue.SLIPPAGE,
        [
            Slippage(
                exchange="binance",
                symbol="BTC",
                side=side,
                trade_amount=Decimal(10000),
                reference="mid",
                fillable=fillable,
                timestamp=NOON,
            )
            for side, fillable in ((Side.BUY, None), (Side.SELL, False))
        ],
    ),
    (
        catalogue.GAPS,
        [
            gap(),
            Gap(
                exchange="binance",
                symbol="BTC",
                stream="orderbook",
                start_time=NOON,
                end_time=NOON,
                cause=GapCause.CRASH,
                detail="a\tb\\",
                detected_at=NOON,
                repaired_at=LAST,
                rows_recovered=0,
            ),
        ],
    ),
]
