"""What Binance's USD-margined futures push, and what it means. Numbers stay the text they were.

https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams
"""

from decimal import Decimal
from typing import Literal, TypeAlias, final

from msgspec import Raw, Struct, field

from perps_stats.core.types import Side
from perps_stats.exchanges.binance.wire import Failure
from perps_stats.exchanges.events import (
    BestTick,
    BookDelta,
    DayTick,
    Event,
    FundingTick,
    Ignored,
    KlineTick,
    LiquidationTick,
    MarkTick,
    NoTrade,
    TradeTick,
)
from perps_stats.exchanges.wire import (
    FINITE,
    NOT_NEGATIVE,
    POSITIVE,
    Milliseconds,
    OptionalNumber,
    OptionalTime,
    are_positive,
    check,
)

BUY, SELL = Side.BUY.value, Side.SELL.value
UNWANTED = frozenset(  # a word list: one a line would be a page
    "24hrMiniTicker assetIndexUpdate compositeIndex contractInfo continuous_kline indexPriceUpdate"  # noqa: SIM905
    " indexPrice_kline markPrice_kline ACCOUNT_CONFIG_UPDATE ACCOUNT_UPDATE ALGO_UPDATE"
    " CONDITIONAL_ORDER_TRIGGER_REJECT GRID_UPDATE MARGIN_CALL ORDER_TRADE_UPDATE STRATEGY_UPDATE"
    " TRADE_LITE listenKeyExpired".split()
)
SHUTDOWN = "serverShutdown"
"""Told minutes before a server ends its connections.

https://developers.binance.com/docs/binance-spot-api-docs/websocket-api/connection-events
"""


class Push(Struct, gc=False, tag_field="e", kw_only=True):
    """``family``: 1 is USD-margined, 2 coin-margined; told since June 2026.

    Before, only the coin-margined told their ``pair``. Times are milliseconds.
    """

    family: int | None = field(name="st", default=None)
    pair: str | None = field(name="ps", default=None)


class BookTicker(Push, tag="bookTicker"):
    sequence: int = field(name="u")
    native: str = field(name="s")
    bid_price: str = field(name="b")
    bid_qty: str = field(name="B")
    ask_price: str = field(name="a")
    ask_qty: str = field(name="A")
    time: Milliseconds = field(name="T")

    def event(self) -> Event:
        bid, bid_qty, ask, ask_qty = self.bid_price, self.bid_qty, self.ask_price, self.ask_qty
        if not are_positive(bid, bid_qty, ask, ask_qty):
            return self._unusual()
        ts = self.time * 1000
        return BestTick(self.native, ts, self.sequence, bid, bid_qty, ask, ask_qty)

    def _unusual(self) -> Event:
        """A price of zero: that side is empty. A quantity may be zero; what is none is refused."""
        check(self, NOT_NEGATIVE, "bid_price", "ask_price", "bid_qty", "ask_qty")
        bid = (self.bid_price, self.bid_qty) if float(self.bid_price) else (None, None)
        ask = (self.ask_price, self.ask_qty) if float(self.ask_price) else (None, None)
        return BestTick(self.native, self.time * 1000, self.sequence, *bid, *ask)


class DepthUpdate(Push, tag="depthUpdate"):
    time: Milliseconds = field(name="T")
    native: str = field(name="s")
    first: int = field(name="U")
    last: int = field(name="u")
    previous: int = field(name="pu")
    bids: Raw = field(name="b")
    asks: Raw = field(name="a")

    def event(self) -> Event:
        ts, first, last = self.time * 1000, self.first, self.last
        return BookDelta(self.native, ts, first, last, self.previous, self.bids, self.asks)


class Trade(Push, tag="trade"):
    """``execution`` is ``MARKET``, or names what was no trade on the market."""

    time: Milliseconds = field(name="T")
    native: str = field(name="s")
    number: int = field(name="t")
    price: str = field(name="p")
    quantity: str = field(name="q")
    buyer_made: bool = field(name="m")
    execution: str = field(name="X", default="MARKET")

    def event(self) -> Event:
        if self.execution != "MARKET":
            return NoTrade(self.native, self.time * 1000, self.number, self.execution)
        number, price, quantity = self.number, self.price, self.quantity
        if not are_positive(price, quantity):
            check(self, POSITIVE, "price", "quantity")
        ts, side = self.time * 1000, SELL if self.buyer_made else BUY
        return TradeTick(self.native, ts, str(number), price, quantity, side, number)


class AggregateTrade(Push, tag="aggTrade"):
    """Counted apart from trades: the letter keeps the ids apart too. Some frames of 2019 have no
    number of their own; the first of the trades within names those.
    """

    native: str = field(name="s")
    price: str = field(name="p")
    quantity: str = field(name="q")
    first: int = field(name="f")
    time: Milliseconds = field(name="T")
    buyer_made: bool = field(name="m")
    number: int | None = field(name="a", default=None)

    def event(self) -> Event:
        check(self, POSITIVE, "price", "quantity")
        ts, side = self.time * 1000, SELL if self.buyer_made else BUY
        name = f"f{self.first}" if self.number is None else f"a{self.number}"
        return TradeTick(self.native, ts, name, self.price, self.quantity, side)


class DayTicker(Push, tag="24hrTicker"):
    time: Milliseconds = field(name="E")
    native: str = field(name="s")
    change: str = field(name="p")
    percent: str = field(name="P")
    last_price: str = field(name="c")
    high_price: str = field(name="h")
    low_price: str = field(name="l")
    volume: str = field(name="v")
    turnover: str = field(name="q")

    def event(self) -> Event:
        check(self, NOT_NEGATIVE, "last_price", "high_price", "low_price", "volume", "turnover")
        check(self, FINITE, "change", "percent")
        if not float(self.low_price):
            return Ignored("24hrTicker: never traded")
        return DayTick(
            native=self.native,
            ts=self.time * 1000,
            last_price=self.last_price,
            high_price=self.high_price,
            low_price=self.low_price,
            volume=self.volume,
            turnover=self.turnover,
            change=self.change,
            change_pct=format(Decimal(self.percent).scaleb(-2), "f"),
        )


@final
class MarkPrice(Push, tag="markPriceUpdate"):
    """A contract without funding tells an empty rate, or that it settles at 0."""

    time: Milliseconds = field(name="E")
    native: str = field(name="s")
    mark_price: str = field(name="p")
    index_price: str | None = field(name="i", default=None)
    rate: OptionalNumber = field(name="r", default="")
    settles: OptionalTime = field(name="T", default=0)

    def events(self) -> tuple[Event, ...]:
        check(self, POSITIVE, "mark_price", *(["index_price"] if self.index_price else []))
        ts = self.time * 1000
        mark = MarkTick(self.native, ts, self.mark_price, self.index_price or None)
        if not (self.rate and self.settles):
            return (mark,)
        return (mark, FundingTick(self.native, ts, self.rate, self.settles * 1000))


class Candle(Struct, gc=False):
    native: str = field(name="s")
    first_ms: Milliseconds = field(name="t")
    last_ms: Milliseconds = field(name="T")
    interval: str = field(name="i")
    open: str = field(name="o")
    close: str = field(name="c")
    high: str = field(name="h")
    low: str = field(name="l")
    volume: str = field(name="v")
    trades: int = field(name="n")
    closed: bool = field(name="x")
    turnover: str = field(name="q")


class Kline(Push, tag="kline"):
    candle: Candle = field(name="k")

    def event(self) -> Event:
        candle = self.candle
        check(candle, POSITIVE, "open", "high", "low", "close")
        check(candle, NOT_NEGATIVE, "volume", "turnover")
        return KlineTick(
            native=candle.native,
            interval=candle.interval,
            open_ts=candle.first_ms * 1000,
            close_ts=(candle.last_ms + 1) * 1000,
            open=candle.open,
            high=candle.high,
            low=candle.low,
            close=candle.close,
            volume=candle.volume,
            turnover=candle.turnover,
            trades=candle.trades,
            closed=candle.closed,
        )


class Order(Struct, gc=False):
    native: str = field(name="s")
    side: Literal["BUY", "SELL"] = field(name="S")
    average_price: str = field(name="ap")
    status: str = field(name="X")
    filled: str = field(name="z")
    time: Milliseconds = field(name="T")


class ForcedOrder(Push, tag="forceOrder"):
    """Counts once it is filled, at its average price: before, it may be told again."""

    order: Order = field(name="o")

    def event(self) -> Event:
        order = self.order
        if order.status != "FILLED":
            return Ignored(f"forceOrder:{order.status}")
        check(order, POSITIVE, "average_price", "filled")
        ts, side = order.time * 1000, SELL if order.side == "SELL" else BUY
        return LiquidationTick(order.native, ts, order.average_price, order.filled, side)


AnyPush: TypeAlias = (
    BookTicker | Trade | DepthUpdate | AggregateTrade | DayTicker | MarkPrice | Kline | ForcedOrder
)


class Combined(Struct, gc=False):
    """``{"stream": name, "data": push}``: how a connection for several streams wraps a push."""

    data: AnyPush


class Other(Struct, gc=False):
    """What any frame can be read as: another kind of push, a wrapper, an answer to a request."""

    kind: str = field(name="e", default="")
    family: int | None = field(name="st", default=None)
    data: Raw = Raw()
    event: Raw = Raw()
    id: int | str | None = None
    result: Raw = Raw()
    error: Failure | None = None
    code: int | None = None
    msg: str = ""

    @property
    def failure(self) -> Failure | None:
        """A refusal comes under ``error``, or bare."""
        return self.error if self.code is None else Failure(self.code, self.msg)
