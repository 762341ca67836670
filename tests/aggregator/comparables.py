"""Markets and what they offer, for tests that compare."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

from perps_stats.aggregator.cost import Offer, TakerFee
from perps_stats.core.types import Market, Orderbook, OrderbookLevel

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
Levels = Sequence[tuple[str, str]]


def figures(*values: object) -> tuple[object, ...]:
    """Several at once, whatever they are, to be held against what is expected."""
    return values


def market(
    exchange: str,
    base: str = "BTC",
    quote: str = "USDT",
    multiplier: int = 1,
    fee: str | None = None,
) -> Market:
    return Market(
        exchange=exchange,
        symbol=base,
        native=f"{base}{quote}",
        contract=f"{base}-{quote}-PERP",
        base=base,
        quote=quote,
        settle=quote,
        multiplier=Decimal(multiplier),
        taker_fee=None if fee is None else Decimal(fee),
    )


def book(exchange: str, bids: Levels, asks: Levels, *, complete: bool = False) -> Orderbook:
    sides = [
        [OrderbookLevel(Decimal(price), Decimal(quantity)) for price, quantity in levels]
        for levels in (bids, asks)
    ]
    return Orderbook(
        exchange=exchange,
        symbol="BTC",
        bids=sides[0],
        asks=sides[1],
        timestamp=NOON,
        complete=complete,
    )


def offer(
    exchange: str,
    bids: Levels,
    asks: Levels,
    fee: str | None = "0.0005",
    *,
    complete: bool = False,
    quote: str = "USDT",
) -> Offer:
    said = TakerFee() if fee is None else TakerFee(Decimal(fee), "settings")
    return Offer(
        market=market(exchange, quote=quote),
        fee=said,
        book=book(exchange, bids, asks, complete=complete),
    )
