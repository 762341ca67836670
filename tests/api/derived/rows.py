"""Markets of two exchanges and what they say of themselves, by hand."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from perps_stats.core.types import (
    FundingKind,
    FundingRate,
    Market,
    Orderbook,
    OrderbookLevel,
    Ticker,
)

NOW = datetime(2026, 3, 1, 13, tzinfo=UTC)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def market(exchange: str, fee: str | None = "0.0005", base: str = "BTC") -> Market:
    return Market(
        exchange=exchange,
        symbol=base,
        native=f"{base}USDT",
        contract=f"{base}-USDT-PERP",
        base=base,
        quote="USDT",
        settle="USDT",
        funding_interval=Decimal(8),
        taker_fee=None if fee is None else Decimal(fee),
    )


def book(exchange: str, seconds: float = 1, quantity: str = "10") -> Orderbook:
    """Of 99 and 101."""
    return Orderbook(
        exchange=exchange,
        symbol="BTC",
        bids=[OrderbookLevel(Decimal(99), Decimal(quantity))],
        asks=[OrderbookLevel(Decimal(101), Decimal(quantity))],
        timestamp=ago(seconds),
    )


def ticker(exchange: str, seconds: float = 1, mark: str = "100.5") -> Ticker:
    return Ticker(
        exchange=exchange,
        symbol="BTC",
        mark_price=Decimal(mark),
        index_price=Decimal(100),
        best_bid_price=Decimal(99),
        best_ask_price=Decimal(101),
        volume_24h=Decimal(3),
        timestamp=ago(seconds),
    )


def rate(
    exchange: str, kind: FundingKind = FundingKind.PREDICTED, seconds: float = 1, value: str = "0.1"
) -> FundingRate:
    return FundingRate(
        exchange=exchange,
        symbol="BTC",
        funding_rate=Decimal(value),
        funding_interval=Decimal(8),
        kind=kind,
        timestamp=ago(seconds),
    )
