"""What Lighter pushes, and what it means. Each channel begins with a frame of its present state.

https://apidocs.lighter.xyz/docs/websocket-reference
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta, Raw, Struct, field

from perps_stats.core.intervals import INTERVALS
from perps_stats.core.times import MICROSECOND
from perps_stats.core.types import Side
from perps_stats.exchanges.events import (
    BestTick,
    BookDelta,
    BookSnapshot,
    DayTick,
    Event,
    FundingTick,
    Ignored,
    KlineTick,
    MarkTick,
    TradeTick,
)
from perps_stats.exchanges.lighter import wire
from perps_stats.exchanges.lighter.rest import INTERVAL_HOURS, TRADED
from perps_stats.exchanges.wire import POSITIVE, Milliseconds, check

BUY, SELL = Side.BUY.value, Side.SELL.value
SIDES = {True: BUY, False: SELL}
HOUR_MS = 3_600_000
LONGEST = 40
"""Decimal places on either side of the point: no price has more, and a text of it stays short."""
ENCODE = msgspec.json.Encoder().encode
Microseconds: TypeAlias = Annotated[int, Meta(ge=0, lt=10**17)]
"""0 where there is none."""


class Push(Struct, gc=False, tag_field="type", kw_only=True):
    """What is subscribed to as ``order_book/0`` is called ``order_book:0`` here."""

    channel: str

    @property
    def market_id(self) -> str:
        return self.channel.split(":")[1]


class Level(Struct, gc=False):
    price: str
    size: str


class Book(Struct, gc=False):
    """``begin_nonce`` is the ``nonce`` of the frame before; ``offset`` skips, and is not used."""

    asks: list[Level]
    bids: list[Level]
    nonce: int
    begin_nonce: int
    last_updated_at: Microseconds = 0


class BookPush(Push):
    order_book: Book
    timestamp: Milliseconds

    @property
    def time(self) -> int:
        """When the book changed; of one that never did, when the frame was sent."""
        return self.order_book.last_updated_at or self.timestamp * 1000


class BookStart(BookPush, tag="subscribed/order_book"):
    def events(self, native: str) -> tuple[Event, ...]:
        book = self.order_book
        bids, asks = raw(book.bids), raw(book.asks)
        return (BookSnapshot(native, self.time, book.nonce, bids, asks, None, chained=True),)


class BookUpdate(BookPush, tag="update/order_book"):
    def events(self, native: str) -> tuple[Event, ...]:
        book = self.order_book
        first, last, previous = book.begin_nonce + 1, book.nonce, book.begin_nonce
        bids, asks = raw(book.bids), raw(book.asks)
        return (BookDelta(native, self.time, first, last, previous, bids, asks),)


def raw(levels: list[Level]) -> Raw:
    return Raw(ENCODE([(level.price, level.size) for level in levels]))


class Trade(Struct, gc=False):
    """Numbers ascend over all markets, so that those of one market have holes."""

    number: int = field(name="trade_id")
    kind: str = field(name="type")
    price: str
    size: str
    is_maker_ask: bool
    timestamp: Milliseconds

    def event(self, native: str) -> Event:
        if self.kind not in TRADED:
            return Ignored(f"trade:{self.kind}")
        check(self, POSITIVE, "price", "size")
        ts, side = self.timestamp * 1000, SIDES[self.is_maker_ask]
        number, forced = str(self.number), TRADED[self.kind]
        return TradeTick(native, ts, number, self.price, self.size, side, liquidation=forced)


class Trades(Push, tag="update/trade"):
    """Newest first. Forced trades come in a list of their own, which may be absent."""

    trades: list[Trade] | None
    liquidation_trades: list[Trade] | None = None

    def told(self) -> list[Trade]:
        return [*(self.trades or ()), *(self.liquidation_trades or ())]

    def events(self, native: str) -> tuple[Event, ...]:
        ordered = sorted(self.told(), key=lambda trade: trade.number)
        return tuple(trade.event(native) for trade in ordered)


class LastTrades(Trades, tag="subscribed/trade"):
    """The last 50. Forced ones reach back further, and would vouch for what is not told between."""

    def told(self) -> list[Trade]:
        oldest = min((trade.number for trade in self.trades or ()), default=0)
        return [trade for trade in Trades.told(self) if trade.number >= oldest]


class Top(Struct, gc=False):
    """The best of one side; absent or empty where the side is empty."""

    price: str = ""
    size: str = ""

    def told(self) -> tuple[str | None, str | None]:
        if not self.price:
            return (None, None)
        check(self, POSITIVE, "price", "size")
        return (self.price, self.size)


class Tops(Struct, gc=False):
    ask: Top = field(name="a", default_factory=Top)
    bid: Top = field(name="b", default_factory=Top)
    last_updated_at: Microseconds = 0


class Ticker(Push, tag="update/ticker"):
    nonce: int
    ticker: Tops
    timestamp: Milliseconds

    def events(self, native: str) -> tuple[Event, ...]:
        tops = self.ticker
        ts = tops.last_updated_at or self.timestamp * 1000
        return (BestTick(native, ts, self.nonce, *tops.bid.told(), *tops.ask.told()),)


class FirstTicker(Ticker, tag="subscribed/ticker"):
    pass


class Stats(wire.Row):
    """Open interest is in quote here. Rates are percent per hour: ``rate`` is the running estimate,
    while ``funding_rate`` was settled at ``settled_ms``, which is soon after the full hour.
    """

    signed = frozenset({"rate", "percent"})
    none_at_zero = frozenset({"mark_price", "index_price", "last_price", "high", "low"})

    mark_price: Decimal | None
    index_price: Decimal | None
    open_value: Decimal = field(name="open_interest")
    rate: Decimal = field(name="current_funding_rate")
    settled_ms: Milliseconds = field(name="funding_timestamp")
    last_price: Decimal | None = field(name="last_trade_price")
    high: Decimal | None = field(name="daily_price_high")
    low: Decimal | None = field(name="daily_price_low")
    volume: Decimal = field(name="daily_base_token_volume")
    turnover: Decimal = field(name="daily_quote_token_volume")
    percent: Decimal = field(name="daily_price_change")

    def events(self, native: str, ts: int) -> tuple[Event, ...]:
        """Settled each hour, so that the next is due at the next full hour."""
        due = (self.settled_ms // HOUR_MS + 1) * HOUR_MS * 1000
        rate = plain(self.rate.scaleb(-2))
        funding = FundingTick(native, ts, rate, due, plain(INTERVAL_HOURS))
        if self.mark_price is None:
            return (self.day(native, ts), funding)
        mark, index = plain(self.mark_price), text(self.index_price)
        value = plain(self.open_value)
        return (self.day(native, ts), MarkTick(native, ts, mark, index, None, value), funding)

    def day(self, native: str, ts: int) -> DayTick:
        return DayTick(
            native=native,
            ts=ts,
            last_price=text(self.last_price),
            high_price=text(self.high),
            low_price=text(self.low),
            volume=plain(self.volume),
            turnover=plain(self.turnover),
            change_pct=plain(self.percent.scaleb(-2)),
        )


class StatsPush(Push, tag="update/market_stats"):
    """Of one market; on the channel ``all``, of those that changed, by id."""

    market_stats: Raw
    timestamp: Milliseconds

    def events_of(self, natives: Mapping[str, str]) -> tuple[Event, ...]:
        one = self.market_id != "all"
        told = {self.market_id: self.market_stats} if one else BY_ID(self.market_stats)
        ours = [(natives[each], STATS(stats)) for each, stats in told.items() if each in natives]
        ts = self.timestamp * 1000
        return tuple(event for native, stats in ours for event in stats.events(native, ts))


class FirstStats(StatsPush, tag="subscribed/market_stats"):
    pass


class Candle(wire.Candle):
    """It changes until a later one comes; nothing says that it is closed."""

    def event(self, native: str, interval: str) -> Event:
        length = INTERVALS[interval] // MICROSECOND
        return KlineTick(
            native=native,
            interval=interval,
            open_ts=self.time * 1000,
            close_ts=self.time * 1000 + length,
            open=plain(self.open),
            high=plain(self.high),
            low=plain(self.low),
            close=plain(self.close),
            volume=plain(self.volume),
            turnover=plain(self.turnover),
            trades=None,
            closed=None,
        )


class Candles(Push, tag="update/candle"):
    candles: list[Candle] | None

    def events(self, native: str) -> tuple[Event, ...]:
        interval = self.channel.split(":")[2]
        return tuple(candle.event(native, interval) for candle in self.candles or ())


class FirstCandles(Candles, tag="subscribed/candle"):
    pass


class Unsubscription(Push, tag="unsubscribed"):
    @property
    def name(self) -> str:
        return self.channel.split(":")[0]


BY_ID = msgspec.json.Decoder(dict[str, Raw]).decode
STATS = msgspec.json.Decoder(Stats).decode
OfOneMarket: TypeAlias = (
    BookUpdate | BookStart | Trades | LastTrades | Ticker | FirstTicker | Candles | FirstCandles
)
AnyPush: TypeAlias = OfOneMarket | StatsPush | FirstStats | Unsubscription


def text(number: Decimal | None) -> str | None:
    return None if number is None else plain(number)


def plain(number: Decimal) -> str:
    if abs(number.adjusted()) > LONGEST:
        raise ValueError(f"no price or quantity is {number}")
    return f"{number:f}"


class Failure(Struct):
    code: int
    message: str


class Other(Struct, gc=False):
    """What any frame can be read as. Only errors have no ``type``."""

    kind: str = field(name="type", default="")
    error: Failure | None = None
