"""A simulated KuCoin's markets as they are in base coin, whatever the wire counts in.

The model's quantities are lots of an inverse contract, dollars, to what it lists itself.
"""

from collections.abc import Callable
from decimal import Context, Decimal

from msgspec.structs import replace

from perps_stats.sim.facts import (
    BarFact,
    BookFact,
    DayFact,
    InterestFact,
    Level,
    MarkFact,
    SettlementFact,
    Span,
    TopFact,
    TradeFact,
    Truth,
    exact,
)
from perps_stats.sim.kucoin.listing import HOUR_MS, Contract, day_of, running_rate
from perps_stats.sim.model.source import ModelSource

FIFTEEN = Context(prec=15)
"""Base coin of dollars is told to so many digits."""
DEEPEST = 1_000_000


def coins(dollars: str, price: str) -> str:
    return format(FIFTEEN.divide(Decimal(dollars), Decimal(price)), "f")


class ListedSource(ModelSource):
    """``number`` is the book's sequence, which is not the model's count."""

    def __init__(self, told: ModelSource, contract: Contract, number: Callable[[], int]) -> None:
        super().__init__(told.market)
        self._told = told
        self._contract = contract
        self._number = number

    def book(self, limit: int) -> BookFact:
        return replace(self._told.book(limit), last=self._number())

    def top(self) -> TopFact:
        return replace(self._told.top(), last=self._number())

    def mark(self) -> MarkFact:
        return replace(self._told.mark(), rate=running_rate(self._contract, self._told))

    def settlements(self, span: Span) -> list[SettlementFact]:
        facts = self._told.settlements(span)
        return [replace(fact, time=fact.time - fact.time % HOUR_MS) for fact in facts]

    def truth(self) -> Truth:
        book = self.book(DEEPEST)
        return Truth(book.last, book.time, exact(book.bids), exact(book.asks))


class InverseSource(ListedSource):
    """Coins at the price of a level or a trade; at the close of a candle, at the mark price."""

    def book(self, limit: int) -> BookFact:
        book = super().book(limit)
        return replace(book, bids=_levels(book.bids), asks=_levels(book.asks))

    def top(self) -> TopFact:
        top = super().top()
        bid, ask = _levels([top.bid, top.ask])
        return replace(top, bid=bid, ask=ask)

    def day(self) -> DayFact:
        day = self._told.day()
        dollars, base = day_of(self._contract, day)
        return replace(day, volume=base, turnover=dollars)

    def open_interest(self) -> tuple[str, int]:
        dollars, time = self._told.open_interest()
        return coins(dollars, self.mark().mark), time

    def interests(self, interval: str, span: Span) -> list[InterestFact]:
        found = self._told.interests(interval, span)
        marks = ((fact, self.mark_at(fact.time)) for fact in found)
        return [
            replace(fact, quantity=coins(fact.quantity, mark.mark), value=fact.quantity)
            for fact, mark in marks
            if mark is not None
        ]

    def bars(self, interval: str, span: Span) -> list[BarFact]:
        return [
            replace(bar, volume=coins(bar.volume, bar.close), turnover=bar.volume)
            for bar in self._told.bars(interval, span)
        ]

    def trades(self, limit: int) -> list[TradeFact]:
        return [
            replace(fact, quantity=coins(fact.quantity, fact.price), value=fact.quantity)
            for fact in self._told.trades(limit)
        ]


def _levels(levels: list[Level]) -> list[Level]:
    return [(price, coins(dollars, price)) for price, dollars in levels]
