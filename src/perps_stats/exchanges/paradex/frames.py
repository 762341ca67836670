"""What Paradex pushes, and what it means. Numbers stay the text they were.

https://docs.paradex.trade/ws/general-information/introduction
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Literal, TypeAlias, TypeVar

import msgspec
from msgspec import Meta, Raw, Struct, field

from perps_stats.exchanges.events import (
    BestTick,
    BookDelta,
    BookSnapshot,
    DayTick,
    Event,
    FundingTick,
    Ignored,
    MarkTick,
    TradeTick,
)
from perps_stats.exchanges.paradex import wire
from perps_stats.exchanges.paradex.wire import Number, Side
from perps_stats.exchanges.wire import POSITIVE, Milliseconds, check

DEPTH = 15
"""Levels a side, in every feed of books that the documents name."""
Given: TypeAlias = Annotated[Number, Meta(min_length=1)]
T = TypeVar("T")
Read: TypeAlias = Callable[[Raw], tuple[Event, ...]]


class Failure(Struct, gc=False):
    code: int
    message: str = ""
    data: object = None


class Data(Struct, gc=False):
    channel: str
    data: Raw


class Ended(Struct, gc=False):
    channel: str = ""


class Frame(Struct, gc=False):
    """A push has ``params``; the answer to a request its ``id``, with ``result`` or ``error``."""

    params: Data | None = None
    id: int | None = None
    result: Ended | None = None
    error: Failure | None = None


class Level(Struct, gc=False):
    side: Side
    price: Given
    size: Given

    def __post_init__(self) -> None:
        check(self, POSITIVE, "price")


class BookFrame(Struct, gc=False):
    """``s`` is a book, ``d`` what changed since the frame before: sizes are absolute in both."""

    native: str = field(name="market")
    sequence: int = field(name="seq_no")
    time: Milliseconds = field(name="last_updated_at")
    kind: Literal["s", "d"] = field(name="update_type")
    inserts: list[Level]
    updates: list[Level]
    deletes: list[Level]

    def event(self) -> Event:
        set_levels, gone = self.inserts + self.updates, self.deletes
        bids, asks = levels_of("BUY", set_levels, gone), levels_of("SELL", set_levels, gone)
        number, ts = self.sequence, self.time * 1000
        if self.kind == "s":
            return BookSnapshot(self.native, ts, number, bids, asks, DEPTH, chained=True)
        return BookDelta(self.native, ts, number, number, number - 1, bids, asks)


def levels_of(side: Side, set_levels: Iterable[Level], gone: Iterable[Level]) -> Raw:
    levels = [f'["{each.price}","{each.size}"]' for each in set_levels if each.side == side]
    levels += [f'["{each.price}","0"]' for each in gone if each.side == side]
    return Raw(f"[{','.join(levels)}]".encode())


class Top(Struct, gc=False):
    """The best prices. An empty side is ``""`` or 0."""

    native: str = field(name="market")
    sequence: int = field(name="seq_no")
    bid: Number
    bid_size: Number
    ask: Number
    ask_size: Number
    time: Milliseconds = field(name="last_updated_at")

    def event(self) -> Event:
        bid, ask = side_of(self.bid, self.bid_size), side_of(self.ask, self.ask_size)
        return BestTick(self.native, self.time * 1000, self.sequence, *bid, *ask)


def side_of(price: str, size: str) -> tuple[str, str] | tuple[None, None]:
    return (price, size) if price and size and float(price) else (None, None)


def book_events(book: BookFrame) -> tuple[Event, ...]:
    return (book.event(),)


def best_events(top: Top) -> tuple[Event, ...]:
    return (top.event(),)


def trade_events(trade: wire.Trade) -> tuple[Event, ...]:
    if trade.kind in wire.NO_TRADES:
        return (Ignored(f"trade:{trade.kind}"),)
    side, forced = trade.side.lower(), trade.kind == "LIQUIDATION"
    time, price, size = trade.time * 1000, trade.price, trade.size
    return (TradeTick(trade.native, time, trade.name, price, size, side, liquidation=forced),)


def summary_events(said: wire.Summary) -> tuple[Event, ...]:
    """Turnover is in USD; a volume in base coin is not told."""
    day = DayTick(
        said.native,
        said.time * 1000,
        last_price=positive(said.last_price),
        turnover=said.turnover or None,
        change_pct=said.change or None,
    )
    mark = positive(said.mark_price)
    if mark is None:
        return (day,)
    index, held = positive(said.index_price), said.open_interest or None
    return (day, MarkTick(said.native, day.ts, mark, index, open_interest=held))


def positive(text: str) -> str | None:
    return text if text and float(text) else None


def funding_events(row: wire.Funding) -> tuple[Event, ...]:
    """The rate in force. It accrues all the time: there is no next settlement."""
    interval = f"{wire.hours(row.period):f}"
    return (FundingTick(row.native, row.time * 1000, row.rate, None, interval),)


def reader(kind: type[T], events: Callable[[T], tuple[Event, ...]]) -> Read:
    decode = msgspec.json.Decoder(kind).decode
    return lambda data: events(decode(data))


READERS: Mapping[str, Read] = {
    "order_book": reader(BookFrame, book_events),
    "bbo": reader(Top, best_events),
    "trades": reader(wire.Trade, trade_events),
    "markets_summary": reader(wire.Summary, summary_events),
    "funding_data": reader(wire.Funding, funding_events),
}
"""By what the name of a wire channel begins with."""
