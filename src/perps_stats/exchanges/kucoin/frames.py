"""What KuCoin's classic stream pushes, and what it means.

https://www.kucoin.com/docs-new/3470082w0 and the pages beside it. The market stands in the topic.
"""

from decimal import Decimal
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Raw, Struct, field

from perps_stats.core.types import Market
from perps_stats.exchanges.events import (
    BestTick,
    BookDelta,
    DayTick,
    Event,
    FundingTick,
    Ignored,
    KlineTick,
    MarkTick,
    TradeTick,
)
from perps_stats.exchanges.kucoin.units import (
    Level,
    Lots,
    Time,
    base_text,
    day_of,
    raw_levels,
    us_of,
)
from perps_stats.exchanges.wire import Milliseconds, Wire

EVERY_MINUTE = 60_000
"""The estimate of the coming rate; other frames of its kind repeat one that was settled."""
CANDLE, MINUTE_US = "_1min", 60_000_000
NO_LEVELS = Raw(b"[]")
UNWANTED = frozenset({"pong", "ticker", "funding.begin", "funding.end"})
OneChange: TypeAlias = Annotated[
    str, Meta(pattern=r"^[0-9]{1,15}(\.[0-9]{1,15})?(E-?[0-9]{1,2})?,(buy|sell),[0-9]{1,15}\Z")
]


class Push(Wire, tag_field="subject"):
    topic: str

    @property
    def native(self) -> str:
        return self.topic.rpartition(":")[2]


class Change(Wire):
    sequence: int
    time: Milliseconds = field(name="timestamp")
    change: OneChange | None = None


class Level2(Push, tag="level2"):
    """One level, its lots absolute; a price of 0 only counts the sequence on.

    The topics of the best 5 and 50 levels bear the same subject.
    """

    data: Change

    def event(self, market: Market) -> Event:
        if self.data.change is None:
            return Ignored(self._best_levels(), market.native)
        price, side, lots = self.data.change.split(",")
        bids = asks = NO_LEVELS
        if at := Decimal(price):
            levels = raw_levels(market, [Level(at, int(lots))])
            bids, asks = (levels, asks) if side == "buy" else (bids, levels)
        ts, last = self.data.time * 1000, self.data.sequence
        return BookDelta(market.native, ts, last, last, last - 1, bids, asks)

    def _best_levels(self) -> str:
        kind = self.topic.rpartition("/")[2].partition(":")[0]
        if kind == "level2":
            raise ValueError("a change of nothing")
        return kind


class Top(Wire):
    none_at_zero = frozenset({"best_bid_price", "best_ask_price"})

    best_bid_price: Decimal | None
    best_bid_size: Lots | None
    best_ask_price: Decimal | None
    best_ask_size: Lots | None
    time: Time = field(name="ts")
    sequence: int | None = None


class TickerV2(Push, tag="tickerV2"):
    data: Top

    def event(self, market: Market) -> Event:
        top = self.data
        bid = side_of(market, top.best_bid_price, top.best_bid_size)
        ask = side_of(market, top.best_ask_price, top.best_ask_size)
        return BestTick(market.native, us_of(top.time), top.sequence, *bid, *ask)


class Fill(Wire):
    positive = frozenset({"price"})

    id: str = field(name="tradeId")
    price: Decimal
    lots: Lots = field(name="size")
    side: Literal["buy", "sell"]
    time: Time = field(name="ts")


class Match(Push, tag="match"):
    data: Fill

    def event(self, market: Market) -> Event:
        fill = self.data
        quantity = base_text(market, fill.lots, fill.price)
        ts, price = us_of(fill.time), format(fill.price, "f")
        return TradeTick(market.native, ts, fill.id, price, quantity, fill.side)


class Marked(Wire):
    positive = frozenset({"mark_price"})
    none_at_zero = frozenset({"index_price"})

    mark_price: Decimal
    index_price: Decimal | None
    time: Milliseconds = field(name="timestamp")


class MarkIndex(Push, tag="mark.index.price"):
    data: Marked

    def event(self, market: Market) -> Event:
        marked = self.data
        prices = format(marked.mark_price, "f"), text(marked.index_price)
        return MarkTick(market.native, marked.time * 1000, *prices)


class Rate(Wire):
    signed = frozenset({"rate"})

    granularity: int
    rate: Decimal = field(name="fundingRate")
    time: Milliseconds = field(name="timestamp")


class Funding(Push, tag="funding.rate"):
    data: Rate

    def event(self, market: Market) -> Event:
        rate = self.data
        if rate.granularity != EVERY_MINUTE:
            return Ignored(f"funding.rate:{rate.granularity}", market.native)
        return FundingTick(market.native, rate.time * 1000, format(rate.rate, "f"))


class Day(Wire):
    signed = frozenset({"change", "change_pct"})
    none_at_zero = frozenset({"last_price", "high_price", "low_price"})

    volume: Decimal
    turnover: Decimal
    last_price: Decimal | None
    time: Time = field(name="ts")
    high_price: Decimal | None = None
    low_price: Decimal | None = None
    change: Decimal | None = field(name="priceChg", default=None)
    change_pct: Decimal | None = field(name="priceChgPct", default=None)


class Snapshot(Push, tag="snapshot.24h"):
    data: Day

    def event(self, market: Market) -> Event:
        day = self.data
        volume, turnover = day_of(market, day.volume, day.turnover)
        return DayTick(
            native=market.native,
            ts=us_of(day.time),
            last_price=text(day.last_price),
            high_price=text(day.high_price),
            low_price=text(day.low_price),
            volume=text(volume),
            turnover=text(turnover),
            change=text(day.change),
            change_pct=text(day.change_pct),
        )


class Candle(Wire, array_like=True):
    """Not the order of REST: the close comes second, and lots last. The time is in seconds."""

    positive = frozenset({"open", "close", "high", "low"})

    seconds: Annotated[int, Meta(gt=0, lt=10**11)]
    open: Decimal
    close: Decimal
    high: Decimal
    low: Decimal
    turnover: Decimal
    lots: Lots


class Candles(Wire):
    candles: Candle


class LimitCandle(Push, tag="candle.stick"):
    data: Candles

    @property
    def native(self) -> str:
        return self.topic.rpartition(":")[2].removesuffix(CANDLE)

    def event(self, market: Market) -> Event:
        candle, value = self.data.candles, market.contract_value
        opens = candle.seconds * 1_000_000
        return KlineTick(
            native=market.native,
            interval="1m",
            open_ts=opens,
            close_ts=opens + MINUTE_US,
            open=format(candle.open, "f"),
            high=format(candle.high, "f"),
            low=format(candle.low, "f"),
            close=format(candle.close, "f"),
            volume=base_text(market, candle.lots, candle.close),
            turnover=text(candle.turnover if value is None else candle.lots * value),
            trades=None,
            closed=None,
        )


AnyPush: TypeAlias = Level2 | TickerV2 | Match | MarkIndex | Funding | Snapshot | LimitCandle


class Other(Struct):
    """What any frame can be read as."""

    id: str | int | None = None
    type: str = ""
    topic: str = ""
    subject: str = ""
    code: int | None = None
    data: Raw = Raw()
    kind: str = field(name="T", default="")
    message: str = ""
    result: bool | None = None
    reason: str = ""


def side_of(
    market: Market, price: Decimal | None, lots: int | None
) -> tuple[str | None, str | None]:
    """An empty side has no price."""
    if price is None or lots is None:
        return None, None
    return format(price, "f"), base_text(market, lots, price)


def text(number: Decimal | None) -> str | None:
    return None if number is None else format(number, "f")
