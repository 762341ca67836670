"""What Binance's USD-margined futures answer. A field has our name where it means the same.

https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api
"""

from decimal import Decimal
from typing import Literal

from msgspec import Raw, Struct, field

from perps_stats.exchanges.wire import Milliseconds, OptionalNumber, OptionalTime, Wire


class Filter(Wire):
    kind: str = field(name="filterType")
    tick_size: Decimal | None = None
    step_size: Decimal | None = None
    min_qty: Decimal | None = None
    max_qty: Decimal | None = None
    notional: Decimal | None = None


class Symbol(Wire):
    native: str = field(name="symbol")
    contract_type: str
    status: str
    base: str = field(name="baseAsset")
    quote: str = field(name="quoteAsset")
    settle: str = field(name="marginAsset")
    price_scale: int = field(name="pricePrecision")
    quantity_scale: int = field(name="quantityPrecision")
    filters: list[Filter]


class ExchangeInfo(Wire):
    symbols: list[Raw]


class FundingInfo(Wire):
    """Only of markets whose parameters were adjusted."""

    signed = frozenset({"funding_rate_cap_floor", "funding_rate_floor"})

    native: str = field(name="symbol")
    hours: int = field(name="fundingIntervalHours")
    funding_rate_cap_floor: Decimal = field(name="adjustedFundingRateCap")
    funding_rate_floor: Decimal = field(name="adjustedFundingRateFloor")


class Day(Wire):
    """24-hour statistics. A price of zero: nothing was traded."""

    signed = frozenset({"price_change_24h", "percent"})
    none_at_zero = frozenset({"last_price", "high_price_24h", "low_price_24h"})

    native: str = field(name="symbol")
    last_price: Decimal | None
    high_price_24h: Decimal | None = field(name="highPrice")
    low_price_24h: Decimal | None = field(name="lowPrice")
    price_change_24h: Decimal = field(name="priceChange")
    percent: Decimal = field(name="priceChangePercent")
    volume_24h: Decimal = field(name="volume")
    turnover_24h: Decimal = field(name="quoteVolume")
    time: OptionalTime = field(name="closeTime")


class Best(Wire):
    """The top of the book. Zeros: the side is empty."""

    none_at_zero = frozenset({"best_bid_price", "best_bid_qty", "best_ask_price", "best_ask_qty"})

    native: str = field(name="symbol")
    best_bid_price: Decimal | None = field(name="bidPrice")
    best_bid_qty: Decimal | None = field(name="bidQty")
    best_ask_price: Decimal | None = field(name="askPrice")
    best_ask_qty: Decimal | None = field(name="askQty")
    time: OptionalTime


class Premium(Wire):
    """Mark and index price, and the running estimate of the coming funding."""

    none_at_zero = frozenset({"mark_price", "index_price"})

    native: str = field(name="symbol")
    mark_price: Decimal | None
    index_price: Decimal | None
    time: OptionalTime
    rate: OptionalNumber = field(name="lastFundingRate", default="")
    settles: OptionalTime | Literal[""] = field(name="nextFundingTime", default=0)


class OpenInterest(Wire):
    native: str = field(name="symbol")
    open_interest: Decimal
    time: Milliseconds


class Level(Wire, array_like=True):
    positive = frozenset({"price"})

    price: Decimal
    quantity: Decimal


class Book(Wire):
    last: int = field(name="lastUpdateId")
    time: Milliseconds = field(name="T")
    bids: list[Level]
    asks: list[Level]


class RawBook(Wire):
    last: int = field(name="lastUpdateId")
    time: Milliseconds = field(name="T")
    bids: Raw
    asks: Raw


class Trade(Wire):
    positive = frozenset({"price", "quantity"})

    number: int = field(name="id")
    price: Decimal
    quantity: Decimal = field(name="qty")
    time: Milliseconds
    buyer_made: bool = field(name="isBuyerMaker")


class AggregateTrade(Wire):
    positive = frozenset({"price", "quantity"})

    number: int = field(name="a")
    price: Decimal = field(name="p")
    quantity: Decimal = field(name="q")
    first: int = field(name="f")
    last: int = field(name="l")
    time: Milliseconds = field(name="T")
    buyer_made: bool = field(name="m")


class Candle(Struct, array_like=True, gc=False):
    time: Milliseconds
    open: str
    high: str
    low: str
    close: str
    volume: str
    last_ms: Milliseconds
    turnover: str
    trades: int


class Settlement(Wire):
    signed = frozenset({"funding_rate"})

    funding_rate: Decimal
    time: Milliseconds = field(name="fundingTime")


class PastInterest(Wire):
    """The documents show the time as text, answers hold a number: either is read."""

    open_interest: Decimal = field(name="sumOpenInterest")
    open_value: Decimal = field(name="sumOpenInterestValue")
    time: Milliseconds = field(name="timestamp")


class ServerTime(Wire):
    server_time: Milliseconds


class Failure(Struct):
    code: int
    msg: str
