"""What Paradex answers and pushes. Numbers that may be missing are text, ``""`` where one is none.

https://docs.paradex.trade/api/prod
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Raw, Struct, field
from msgspec.json import Decoder

from perps_stats.exchanges.wire import POSITIVE, Milliseconds, OptionalTime, Wire, check

Number: TypeAlias = Annotated[str, Meta(pattern=r"^([0-9]{1,30}(\.[0-9]{1,30})?)?\Z")]
Signed: TypeAlias = Annotated[str, Meta(pattern=r"^(-?[0-9]{1,30}(\.[0-9]{1,30})?)?\Z")]
Period: TypeAlias = Annotated[float, Meta(ge=0, le=8784)] | Number
"""Hours; 0, ``""`` or nothing where it is the usual one."""
Side: TypeAlias = Literal["BUY", "SELL"]
USUAL_HOURS = Decimal(8)


def number(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def price(text: str) -> Decimal | None:
    """A price of zero is none."""
    return number(text) or None


def hours(period: float | str) -> Decimal:
    said = Decimal(str(period) or 0)
    return (said.to_integral() if said == said.to_integral() else said) or USUAL_HOURS


def decimals(increment: Decimal) -> int:
    """How many a multiple of the increment may have."""
    return len(f"{increment.normalize():f}".partition(".")[2])


class Row(Wire, rename="lower"):
    """Paradex's names are ours in form: lower case with underscores."""


class Named(Row):
    native: str = field(name="symbol")
    kind: str = field(name="asset_kind", default="")


class Results(Row):
    """A list; ``next`` is where its next page begins, if there is one."""

    results: list[Raw]
    next: str | None = None

    def only(self, is_ours: Callable[[Named], bool]) -> list[Raw]:
        """Rows that cannot be read are kept: whoever reads them reports them."""

        def is_kept(row: Raw) -> bool:
            try:
                return is_ours(NAMED(row))
            except (ValueError, RecursionError):
                return True

        return [row for row in self.results if is_kept(row)]


NAMED = Decoder(Named).decode


class Listed(Row):
    positive = frozenset({"tick_size", "lot_size"})

    native: str = field(name="symbol")
    base: str = field(name="base_currency")
    quote: str = field(name="quote_currency")
    settle: str = field(name="settlement_currency")
    tick_size: Decimal = field(name="price_tick_size")
    lot_size: Decimal = field(name="order_size_increment")
    min_order_value: Decimal = field(name="min_notional")
    max_order_qty: Decimal = field(name="max_order_size")
    period: Period = field(name="funding_period_hours", default="")
    trading_mode: str = "STANDARD"


class Summary(Row):
    """``volume_24h`` is in USD, ``open_interest`` in base coin, the change a fraction.

    ``underlying_price`` is the spot price that the contract follows.
    """

    native: str = field(name="symbol")
    mark_price: Number
    last_price: Number = field(name="last_traded_price")
    bid: Number
    ask: Number
    turnover: Number = field(name="volume_24h")
    index_price: Number = field(name="underlying_price")
    open_interest: Number
    funding_rate: Signed
    time: Milliseconds = field(name="created_at")
    change: Signed = field(name="price_change_rate_24h", default="")
    bid_size: Number = ""
    ask_size: Number = ""

    @property
    def open_value(self) -> Decimal | None:
        """At the mark price of the same summary."""
        held, mark = number(self.open_interest), price(self.mark_price)
        return None if held is None or mark is None else held * mark


class Level(Wire, array_like=True):
    positive = frozenset({"price"})

    price: Decimal
    quantity: Decimal


class Book(Row):
    """Best first. ``sequence`` is shared with the stream's books."""

    sequence: int = field(name="seq_no")
    time: OptionalTime = field(name="last_updated_at")
    bids: list[Level]
    asks: list[Level]


class Trade(Row):
    """``side`` is the taker's. Ids are unique among the trades of one ``kind``."""

    id: str
    native: str = field(name="market")
    side: Side
    price: Number
    size: Number
    time: Milliseconds = field(name="created_at")
    kind: str = field(name="trade_type")

    def __post_init__(self) -> None:
        check(self, POSITIVE, "price", "size")

    @property
    def name(self) -> str:
        return self.id if self.kind == "FILL" else f"{self.kind}:{self.id}"


NO_TRADES = frozenset({"BLOCK_TRADE", "SETTLE_MARKET", "UNWIND_TRANSFER"})
"""Kinds of ``Trade`` that no order book took part in."""


class Candle(Struct, array_like=True, gc=False):
    """JSON numbers, read from their text.

    A sixth, the volume, is left unread: no document tells its unit. It is thought to be base coin,
    but the recorded candles, each at one price, are at odds with it: 4561 at 60823.3 and 1591 at
    58961.3 are what 0.075 and 0.027 coins were worth, in whole USD.
    """

    time: Milliseconds
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal


class AllCandles(Struct):
    results: list[Candle]


class Funding(Row):
    """The rate in force, a fraction per ``period``. Rows before 2026 tell the period as 0."""

    native: str = field(name="market")
    rate: Annotated[Signed, Meta(min_length=1)] = field(name="funding_rate")
    time: Milliseconds = field(name="created_at")
    period: Period = field(name="funding_period_hours", default="")


class ServerTime(Row):
    server_time: Milliseconds


class Failure(Struct):
    error: str
    message: str = ""
