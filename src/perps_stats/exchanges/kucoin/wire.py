"""What KuCoin futures answer, each in an envelope. A field has our name where it means the same.

https://www.kucoin.com/docs-new/rest/futures-trading/market-data/get-all-symbols
"""

from decimal import Decimal
from typing import Generic, Literal, TypeVar

from msgspec import Struct, field

from perps_stats.exchanges.kucoin.units import Level, Lots, Time
from perps_stats.exchanges.wire import Milliseconds, Wire

T = TypeVar("T")


class Answer(Struct, Generic[T]):
    data: T


class Failure(Struct):
    """``code`` is 200000 where nothing failed; HTTP says 200 to many that did."""

    code: str | int
    msg: str = ""


class Contract(Wire):
    """A market, its last 24 hours, its open interest and its funding.

    ``nextFundingRateTime`` is how many milliseconds are left, and stale by the time it is read.
    """

    signed = frozenset(
        {"lot", "price_change_24h", "price_change_pct", "funding_rate", "cap", "floor"}
    )
    none_at_zero = frozenset(
        {"last_price", "mark_price", "index_price", "high_price_24h", "low_price_24h"}
    )

    native: str = field(name="symbol")
    kind: str = field(name="type")
    state: str = field(name="status")
    base: str = field(name="baseCurrency")
    quote: str = field(name="quoteCurrency")
    settle: str = field(name="settleCurrency")
    lot: Decimal = field(name="multiplier")
    inverse: bool = field(name="isInverse")
    tick_size: Decimal
    lots_least: Lots = field(name="lotSize")
    lots_most: Lots | None = field(name="maxOrderQty")
    maker_fee: Decimal | None = field(name="makerFeeRate")
    taker_fee: Decimal | None = field(name="takerFeeRate")
    max_leverage: Decimal | None
    lots_open: Lots | None = field(name="openInterest")
    volume: Decimal | None = field(name="volumeOf24h")
    turnover: Decimal | None = field(name="turnoverOf24h")
    mark_price: Decimal | None
    index_price: Decimal | None
    last_price: Decimal | None = field(name="lastTradePrice")
    high_price_24h: Decimal | None = field(name="highPrice")
    low_price_24h: Decimal | None = field(name="lowPrice")
    price_change_24h: Decimal | None = field(name="priceChg")
    price_change_pct: Decimal | None = field(name="priceChgPct")
    funding_rate: Decimal | None = field(name="fundingFeeRate")
    granularity: int | None = field(name="fundingRateGranularity", default=None)
    settles: Milliseconds | None = field(name="nextFundingRateDateTime", default=None)


class Best(Wire):
    """The last trade, at ``time``, and the top of the book."""

    none_at_zero = frozenset({"last_price", "best_bid_price", "best_ask_price"})

    native: str = field(name="symbol")
    last_price: Decimal | None = field(name="price")
    best_bid_price: Decimal | None
    bid_lots: Lots | None = field(name="bestBidSize")
    best_ask_price: Decimal | None
    ask_lots: Lots | None = field(name="bestAskSize")
    time: Time = field(name="ts")


class Book(Wire):
    sequence: int
    bids: list[Level]
    asks: list[Level]
    time: Time = field(name="ts")


class Trade(Wire):
    positive = frozenset({"price"})

    id: str = field(name="tradeId")
    price: Decimal
    lots: Lots = field(name="size")
    side: Literal["buy", "sell"]
    time: Time = field(name="ts")


class Candle(Struct, array_like=True, gc=False):
    """Not the order of the stream. Turnover came to the answers later than the rest."""

    time: Milliseconds
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    lots: Lots
    turnover: Decimal | None = None


class Funding(Wire):
    """``value`` is the rate of the running period, ``predicted`` that of the one after."""

    signed = frozenset({"funding_rate", "predicted_rate", "funding_rate_cap_floor"}) | {
        "funding_rate_floor"
    }

    funding_rate: Decimal = field(name="value")
    granularity: int
    predicted_rate: Decimal | None = field(name="predictedValue", default=None)
    settles: Milliseconds | None = field(name="fundingTime", default=None)
    funding_rate_cap_floor: Decimal | None = field(name="fundingRateCap", default=None)
    funding_rate_floor: Decimal | None = None


class Settlement(Wire):
    signed = frozenset({"funding_rate"})

    funding_rate: Decimal
    time: Milliseconds = field(name="timepoint")


class Server(Wire):
    endpoint: str


class Ticket(Wire):
    """What a connection to the stream needs; good for 24 hours."""

    token: str
    instance_servers: list[Server]
