"""The bodies of Lighter's REST answers. A list may be null: it is empty then.

https://apidocs.lighter.xyz/reference/orderbookdetails and its neighbours
"""

from decimal import Decimal
from typing import Literal, TypeAlias

from msgspec import Raw, Struct, field

from perps_stats.exchanges.wire import Milliseconds, Wire

Listed: TypeAlias = list[Raw] | None


class Row(Wire, rename=None):
    """Names are in snake case."""


class Market(Row):
    """Of ``orderBooks``, and the first half of a row of ``orderBookDetails``. Fees are percent."""

    native: str = field(name="symbol")
    id: int = field(name="market_id")
    status: Literal["active", "inactive"]
    maker_fee: Decimal
    taker_fee: Decimal
    min_order_qty: Decimal = field(name="min_base_amount")
    min_order_value: Decimal = field(name="min_quote_amount")
    price_scale: int = field(name="supported_price_decimals")
    quantity_scale: int = field(name="supported_size_decimals")
    market_type: str = "perp"
    margin_fraction: int | None = field(name="min_initial_margin_fraction", default=None)


class Details(Row):
    """24-hour statistics; open interest in base units. Zero prices: it was never traded."""

    signed = frozenset({"percent"})
    none_at_zero = frozenset({"last_price", "high_price_24h", "low_price_24h"})

    native: str = field(name="symbol")
    last_price: Decimal | None = field(name="last_trade_price")
    high_price_24h: Decimal | None = field(name="daily_price_high")
    low_price_24h: Decimal | None = field(name="daily_price_low")
    percent: Decimal = field(name="daily_price_change")
    volume_24h: Decimal = field(name="daily_base_token_volume")
    turnover_24h: Decimal = field(name="daily_quote_token_volume")
    open_interest: Decimal


class AllDetails(Struct):
    listed: Listed = field(name="order_book_details")


class Order(Row):
    positive = frozenset({"price"})

    price: Decimal
    quantity: Decimal = field(name="remaining_base_amount")


class Orders(Struct):
    """The best orders of both sides, and how many there are in all."""

    total_asks: int
    asks: list[Order] | None
    total_bids: int
    bids: list[Order] | None


class Trade(Row):
    """``trade_id_str`` beside the number is for readers whose integers end at 2**53."""

    positive = frozenset({"price", "quantity"})

    number: int = field(name="trade_id")
    kind: str = field(name="type")
    price: Decimal
    quantity: Decimal = field(name="size")
    is_maker_ask: bool
    time: Milliseconds = field(name="timestamp")


class Trades(Struct):
    listed: Listed = field(name="trades", default=None)


class Candle(Struct, gc=False):
    """Numbers that are zero are left out, says the reference: volumes may be, prices cannot."""

    time: Milliseconds = field(name="t")
    open: Decimal = field(name="o")
    high: Decimal = field(name="h")
    low: Decimal = field(name="l")
    close: Decimal = field(name="c")
    volume: Decimal = field(name="v", default=Decimal(0))
    turnover: Decimal = field(name="V", default=Decimal(0))


class Candles(Struct):
    listed: Listed = field(name="c")


class AllCandles(Struct):
    listed: list[Candle] | None = field(name="c")


class Settlement(Row):
    """``rate`` is percent per hour, without its sign."""

    seconds: int = field(name="timestamp")
    rate: Decimal
    direction: Literal["long", "short"]
    """Who pays."""

    @property
    def time(self) -> int:
        return self.seconds * 1000


class Settlements(Struct):
    listed: Listed = field(name="fundings")


class Rate(Row):
    """A fraction per eight hours, of a market here or on another ``exchange``."""

    signed = frozenset({"rate"})

    id: int = field(name="market_id")
    exchange: str
    rate: Decimal


class Rates(Struct):
    listed: Listed = field(name="funding_rates")


class Status(Struct):
    seconds: int = field(name="timestamp")


class Result(Struct):
    code: int = 200
    message: str | None = None
