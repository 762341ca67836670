"""What an exchange can be asked, in no exchange's words: the answers of a market or of a tape.

Prices and quantities are exact decimal text, times are ms since 1970.
"""

from decimal import Decimal
from typing import Protocol, TypeAlias

from msgspec import Struct

Level: TypeAlias = tuple[str, str]


class BookFact(Struct, frozen=True):
    """Best first. ``last`` is the update id of the state, ``time`` its matching-engine time."""

    last: int
    sent: int
    time: int
    bids: list[Level]
    asks: list[Level]


class TopFact(Struct, frozen=True):
    last: int
    time: int
    bid: Level
    ask: Level


class DayFact(Struct, frozen=True, kw_only=True):
    """The last 24 hours. ``change_pct`` is in percent; the ids are those of single trades."""

    open_time: int
    close_time: int
    open: str
    high: str
    low: str
    last: str
    last_quantity: str
    average: str
    change: str
    change_pct: str
    volume: str
    turnover: str
    first_id: int
    last_id: int
    trades: int


class MarkFact(Struct, frozen=True, kw_only=True):
    """``rate`` is the running estimate of what settles at ``next_time``; 0 is never."""

    time: int
    mark: str
    average: str
    index: str
    settle: str
    rate: str
    next_time: int


class BarFact(Struct, frozen=True, kw_only=True):
    """A candle; ``trades`` are single trades, ``first_id`` to ``last_id``."""

    open_time: int
    close_time: int
    open: str
    high: str
    low: str
    close: str
    volume: str
    turnover: str
    taker_volume: str
    taker_turnover: str
    first_id: int
    last_id: int
    trades: int


class AggregateFact(Struct, frozen=True):
    """One taker's fills at one price: the single trades ``first`` to ``last``.

    ``forced`` is true where they closed the taker's position.
    """

    id: int
    price: str
    quantity: str
    first: int
    last: int
    time: int
    maker_buys: bool
    forced: bool = False


class TradeFact(Struct, frozen=True):
    """``market`` is false where no taker of the book was part of it (an insurance fund's).

    ``forced`` is true where it closed the taker's position.
    """

    id: int
    price: str
    quantity: str
    value: str
    time: int
    maker_buys: bool
    market: bool = True
    forced: bool = False


class SettlementFact(Struct, frozen=True):
    """``mark`` is empty where the exchange no longer knows it."""

    time: int
    rate: str
    mark: str


class InterestFact(Struct, frozen=True):
    """Open interest in base coin, and its exact value at the mark price."""

    time: int
    quantity: str
    value: str


class Span(Struct, frozen=True):
    """Both ends inclusive. From ``start`` the oldest come, else the newest up to ``end``."""

    start: int | None
    end: int | None
    limit: int


class Source(Protocol):
    """One market's answers at this moment."""

    def time(self) -> int: ...
    def book(self, limit: int) -> BookFact | None: ...
    def top(self) -> TopFact | None: ...
    def day(self) -> DayFact: ...
    def mark(self) -> MarkFact: ...
    def mark_at(self, time: int) -> MarkFact | None:
        """At a past time; ``None`` where it is not known."""
        ...

    def open_interest(self) -> tuple[str, int]:
        """In base coin, and its time."""
        ...

    def bars(self, interval: str, span: Span) -> list[BarFact]: ...
    def aggregates(self, span: Span, from_id: int | None) -> list[AggregateFact]: ...
    def trades(self, limit: int) -> list[TradeFact]: ...
    def settlements(self, span: Span) -> list[SettlementFact]: ...
    def interests(self, interval: str, span: Span) -> list[InterestFact]:
        """As it was whenever an interval was full."""
        ...


class Truth(Struct, frozen=True):
    """The exact book of a market: every level it has, best first."""

    last_update_id: int
    time: int
    bids: tuple[tuple[Decimal, Decimal], ...]
    asks: tuple[tuple[Decimal, Decimal], ...]


def exact(levels: list[Level]) -> tuple[tuple[Decimal, Decimal], ...]:
    return tuple((Decimal(price), Decimal(quantity)) for price, quantity in levels)
