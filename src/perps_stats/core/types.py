"""What perps-stats knows about a market, in words no exchange owns.

``None`` always means "the exchange did not say". Prices are in quote per base unit, quantities in
base units, turnover and open value in quote. A base unit is one coin; where the exchange trades a
coin by the thousand (``1000PEPE``), it is ``Market.multiplier`` coins, and price and quantity stay
those that the exchange shows. Times are UTC and the exchange's own, ``None`` where an answer bears
none; ``recv_ts`` is when we read it from the socket.
"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct


def _decimal(unit: str, meaning: str) -> Meta:
    return Meta(description=f"{meaning} ({unit})", extra={"unit": unit})


Price = Annotated[Decimal, _decimal("quote/base", "price")]
Base = Annotated[Decimal, _decimal("base", "quantity in base coin")]
Quote = Annotated[Decimal, _decimal("quote", "value in quote coin")]
Fraction = Annotated[Decimal, _decimal("fraction", "a fraction: 0.01 is one percent")]
Bps = Annotated[Decimal, _decimal("bps", "basis points of the reference price")]
Seconds = Annotated[Decimal, _decimal("seconds", "seconds")]
Hours = Annotated[Decimal, _decimal("hours", "hours")]
Number = Annotated[Decimal, _decimal("1", "a plain number")]


class Side(StrEnum):
    """The taker's side of a trade."""

    BUY = "buy"
    SELL = "sell"


class FundingKind(StrEnum):
    PREDICTED = "predicted"
    SETTLED = "settled"


class MarketStatus(StrEnum):
    TRADING = "trading"
    HALTED = "halted"


class Market(Struct, frozen=True, kw_only=True):
    """One perpetual contract of one exchange."""

    exchange: str = ""
    symbol: str = ""
    """The shortest name that is unambiguous on its exchange: ``BTC``, else the contract's name."""
    native: str
    """The exchange's name: ``BTCUSDT``."""
    contract: str
    """The canonical name: ``BTC-USDT-PERP``."""
    base: str
    quote: str
    settle: str
    wire_id: str | None = None
    """What requests and frames of the exchange call it, where that is not the native name."""
    contract_size: Base | None = None
    """Base coin per contract; 1 where the exchange counts in base coin. Unknown where a contract is
    worth a fixed ``contract_value``.
    """
    contract_value: Quote | None = None
    """Quote coin per contract of an inverse market: n contracts are n * value / price base coin,
    rounded to 15 significant digits."""
    multiplier: Number = Decimal(1)
    """Coins in one base unit: 1000 for ``1000PEPE``, whose price is that of 1000 PEPE. Divide by it
    to compare prices of markets with different ones; values in quote compare as they are.
    """
    price_scale: int | None = None
    """Decimals of a price on the wire."""
    quantity_scale: int | None = None
    tick_size: Price | None = None
    lot_size: Base | None = None
    min_order_qty: Base | None = None
    max_order_qty: Base | None = None
    min_order_value: Quote | None = None
    max_leverage: Number | None = None
    funding_interval: Hours | None = None
    maker_fee: Fraction | None = None
    taker_fee: Fraction | None = None
    status: MarketStatus = MarketStatus.TRADING


class Ticker(Struct, frozen=True, kw_only=True):
    """Prices and 24-hour statistics of a market."""

    exchange: str
    symbol: str
    last_price: Price | None = None
    mark_price: Price | None = None
    index_price: Price | None = None
    best_bid_price: Price | None = None
    best_bid_qty: Base | None = None
    best_ask_price: Price | None = None
    best_ask_qty: Base | None = None
    volume_24h: Base | None = None
    turnover_24h: Quote | None = None
    open_interest: Base | None = None
    open_interest_notional: Quote | None = None
    price_change_24h: Price | None = None
    price_change_pct: Fraction | None = None
    high_price_24h: Price | None = None
    low_price_24h: Price | None = None
    timestamp: datetime | None
    recv_ts: datetime | None = None


class OrderbookLevel(Struct, frozen=True):
    price: Price
    quantity: Base


class Orderbook(Struct, frozen=True, kw_only=True):
    """Both sides of a book, best first."""

    exchange: str
    symbol: str
    bids: list[OrderbookLevel]
    asks: list[OrderbookLevel]
    timestamp: datetime | None
    sequence: int | None = None
    complete: bool = False
    """Whether this is the exchange's whole book. If not, what lies deeper is unknown."""
    recv_ts: datetime | None = None


class FundingRate(Struct, frozen=True, kw_only=True):
    """A funding rate per ``funding_interval``: a running estimate, or one that was settled."""

    exchange: str
    symbol: str
    funding_rate: Fraction
    predicted_rate: Fraction | None = None
    funding_time: datetime | None = None
    """When it settles (predicted) or settled."""
    next_funding_time: datetime | None = None
    funding_interval: Hours | None = None
    funding_rate_cap_floor: Fraction | None = None
    """The cap; the floor is its negative unless ``funding_rate_floor`` says otherwise."""
    funding_rate_floor: Fraction | None = None
    kind: FundingKind
    timestamp: datetime | None
    recv_ts: datetime | None = None


class OpenInterest(Struct, frozen=True, kw_only=True):
    """Open contracts, counted on one side."""

    exchange: str
    symbol: str
    open_interest: Base | None = None
    open_value: Quote | None = None
    timestamp: datetime | None
    recv_ts: datetime | None = None


class Kline(Struct, frozen=True, kw_only=True):
    """A candle over ``[open_time, close_time)``."""

    exchange: str
    symbol: str
    interval: str
    open_time: datetime
    close_time: datetime
    open: Price
    high: Price
    low: Price
    close: Price
    volume: Base | None
    turnover: Quote | None = None
    trades: int | None = None
    closed: bool
    """Only a closed candle is ever stored."""
    aggregated_from: str | None = None
    """The interval of the exchange's candles that this one was made of, where it has none such."""
    recv_ts: datetime | None = None


class Trade(Struct, frozen=True, kw_only=True):
    """One public trade."""

    exchange: str
    symbol: str
    id: str
    price: Price
    quantity: Base
    side: Side
    timestamp: datetime
    liquidation: bool | None = None
    recv_ts: datetime | None = None


class Liquidation(Struct, frozen=True, kw_only=True):
    """A forced order. ``side`` is the forced order's own: a long is liquidated by a sell."""

    exchange: str
    symbol: str
    price: Price
    quantity: Base
    side: Side
    timestamp: datetime
    recv_ts: datetime | None = None


class MarketStats(Struct, frozen=True, kw_only=True):
    """Ticker, open interest and funding of a market in one row."""

    exchange: str
    symbol: str
    volume_24h: Base | None = None
    turnover_24h: Quote | None = None
    open_interest: Base | None = None
    open_value: Quote | None = None
    funding_rate: Fraction | None = None
    funding_interval: Hours | None = None
    next_funding_time: datetime | None = None
    last_price: Price | None = None
    mark_price: Price | None = None
    index_price: Price | None = None
    best_bid_price: Price | None = None
    best_ask_price: Price | None = None
    price_change_24h: Price | None = None
    price_change_pct: Fraction | None = None
    high_price_24h: Price | None = None
    low_price_24h: Price | None = None
    timestamp: datetime | None


class GapCause(StrEnum):
    DISCONNECT = "disconnect"
    SEQUENCE = "sequence"
    SILENCE = "silence"
    OVERFLOW = "overflow"
    CRASH = "crash"
    EXCHANGE = "exchange"


class Gap(Struct, frozen=True, kw_only=True):
    """An interval in which we cannot vouch for a stream. An open gap has no ``end_time`` yet."""

    exchange: str
    symbol: str
    stream: str
    start_time: datetime
    end_time: datetime | None = None
    cause: GapCause
    missed: int | None = None
    """Messages missed, where the exchange numbers them."""
    detail: str | None = None
    detected_at: datetime
    repaired_at: datetime | None = None
    rows_recovered: int | None = None
