"""What KuCoin's newer stream (UTA, "Pro") pushes, and what it means. We do not subscribe to it.

https://www.kucoin.com/docs-new/3470221w0. Sizes and open interest are lots here too.
"""

from decimal import Decimal
from typing import Literal, TypeAlias

from msgspec import field

from perps_stats.core.types import Market
from perps_stats.exchanges.events import BookDelta, BookSnapshot, Event, FundingTick, MarkTick
from perps_stats.exchanges.kucoin.units import Level, Lots, Time, base_of, raw_levels, us_of
from perps_stats.exchanges.wire import Milliseconds, Wire

HOUR_MS = Decimal(3_600_000)


class Push(Wire, tag_field="T"):
    """``pushed`` is in nanoseconds."""

    pushed: Time = field(name="P")


class Changes(Wire):
    native: str = field(name="s")
    first: int = field(name="O")
    last: int = field(name="C")
    matched: Time = field(name="M")
    bids: list[Level] = field(name="b")
    asks: list[Level] = field(name="a")


class Book(Push, tag="obu.FUTURES"):
    """Each delta begins after the last of the one before. The depth is a number, or all."""

    data: Changes = field(name="d")
    kind: Literal["snapshot", "delta"] = field(name="t")
    depth: str = field(name="dp")

    def event(self, market: Market) -> Event:
        book, ts = self.data, us_of(self.data.matched)
        sides = raw_levels(market, book.bids), raw_levels(market, book.asks)
        if self.kind == "delta":
            return BookDelta(market.native, ts, book.first, book.last, book.first - 1, *sides)
        depth = int(self.depth) if self.depth.isdecimal() else None
        return BookSnapshot(market.native, ts, book.last, *sides, depth, chained=True)


class Marked(Wire):
    positive = frozenset({"mark", "index"})

    native: str = field(name="s")
    mark: Decimal = field(name="mp")
    index: Decimal = field(name="ip")
    lots: Lots = field(name="oi")
    time: Milliseconds = field(name="ts")


class Mark(Push, tag="mark-price"):
    data: Marked = field(name="d")

    def event(self, market: Market) -> Event:
        marked, value = self.data, market.contract_value
        held = base_of(market, marked.lots, marked.mark)
        worth = held * marked.mark if value is None else marked.lots * value
        texts = (format(each, "f") for each in (marked.mark, marked.index, held, worth))
        return MarkTick(market.native, marked.time * 1000, *texts)


class Rate(Wire):
    signed = frozenset({"rate"})

    native: str = field(name="s")
    rate: Decimal = field(name="fr")
    settles: Milliseconds = field(name="nt")
    granularity: int = field(name="gl")


class Funding(Push, tag="funding-fee"):
    data: Rate = field(name="d")

    def event(self, market: Market) -> Event:
        rate, hours = self.data, format(self.data.granularity / HOUR_MS, "f")
        settles = rate.settles * 1000
        return FundingTick(market.native, us_of(self.pushed), f"{rate.rate:f}", settles, hours)


AnyPush: TypeAlias = Book | Mark | Funding
