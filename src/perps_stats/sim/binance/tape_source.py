"""A tape answers questions: with what was played so far, and constants where it cannot know.

The constants: before the first trade, prices are the first trade's (without trades, the first
bid's) and volumes 0; mark and index are that price, the rate 0.00010000 and its settlement the next
at 00, 08 or 16 h UTC; open interest is 80000. Their time is the tape's start. The histories of
funding and open interest are empty. No answer ever holds the wall clock.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import groupby
from operator import mul
from typing import TypeVar

import msgspec

from perps_stats.sim.binance.recording import (
    AggregateFrame,
    MarkFrame,
    Recording,
    TopFrame,
    TradeFrame,
)
from perps_stats.sim.binance.streams import Kind
from perps_stats.sim.binance.tape_book import TapeBook
from perps_stats.sim.candles import MINUTE_MS, bar_start, minutes_of
from perps_stats.sim.facts import (
    AggregateFact,
    BarFact,
    BookFact,
    DayFact,
    InterestFact,
    MarkFact,
    SettlementFact,
    Span,
    TopFact,
    TradeFact,
)

_T = TypeVar("_T")
OPEN_INTEREST, RATE = "80000", "0.00010000"
FUNDING_MS = 28_800_000


class TapeSource:
    """``position`` tells how many frames were played."""

    def __init__(self, tape: Recording, position: Callable[[], int]) -> None:
        self._tape = tape
        self._position = position
        self._book = TapeBook(tape)
        self._trades = tape.known(Kind.TRADE, TradeFrame)
        self._aggregates = tape.known(Kind.AGG_TRADE, AggregateFrame)
        self._tops = tape.positions(Kind.BOOK_TICKER)
        self._marks = tape.positions(Kind.MARK)

    def time(self) -> int:
        position = self._position()
        return self._tape.frames[position - 1].time if position else self._tape.start

    def book(self, limit: int) -> BookFact | None:
        return self._book.at(self._position(), limit)

    def top(self) -> TopFact | None:
        top = self._latest(self._tops, TopFrame)
        if top is not None:
            return TopFact(top.u, top.T, (top.b, top.B), (top.a, top.A))
        book = self.book(1)
        if book is None or not book.bids or not book.asks:
            return None
        return TopFact(book.last, book.time, book.bids[0], book.asks[0])

    def day(self) -> DayFact:
        trades = self._market_trades()
        bar = bar_of(trades) if trades else self._flat()
        last = trades[-1] if trades else None
        change = Decimal(bar.close) - Decimal(bar.open)
        volume = Decimal(bar.volume)
        average = Decimal(bar.turnover) / volume if volume else Decimal(bar.open)
        return DayFact(
            open_time=self._tape.start,
            close_time=last.T if last else self._tape.start,
            open=bar.open,
            high=bar.high,
            low=bar.low,
            last=bar.close,
            last_quantity=last.q if last else self._tape.contract.quantity.text(0),
            average=f"{average:.{self._tape.contract.price.decimals}f}",
            change=str(change),
            change_pct=f"{change * 100 / Decimal(bar.open):.3f}",
            volume=bar.volume,
            turnover=bar.turnover,
            first_id=bar.first_id,
            last_id=bar.last_id,
            trades=bar.trades,
        )

    def mark(self) -> MarkFact:
        mark = self._latest(self._marks, MarkFrame)
        if mark is not None:
            settle, average = mark.P or mark.p, mark.ap or mark.p
            return MarkFact(
                time=mark.E,
                mark=mark.p,
                average=average,
                index=mark.i,
                settle=settle,
                rate=mark.r,
                next_time=mark.T,
            )
        price, start = self._first_price(), self._tape.start
        return MarkFact(
            time=start,
            mark=price,
            average=price,
            index=price,
            settle=price,
            rate=RATE,
            next_time=(start // FUNDING_MS + 1) * FUNDING_MS,
        )

    def mark_at(self, time: int) -> MarkFact | None:  # noqa: ARG002  # it may lie before the tape
        return None

    def open_interest(self) -> tuple[str, int]:
        return OPEN_INTEREST, self._tape.start

    def bars(self, interval: str, span: Span) -> list[BarFact]:
        length = minutes_of(interval)
        groups = groupby(
            self._market_trades(), lambda trade: bar_start(trade.T // MINUTE_MS, length)
        )
        bars = [
            bar_of(list(trades), start * MINUTE_MS, length * MINUTE_MS) for start, trades in groups
        ]
        return _chosen(bars, [bar.open_time for bar in bars], span)

    def aggregates(self, span: Span, from_id: int | None) -> list[AggregateFact]:
        """The tape's own; without any, its single trades."""
        facts = [
            AggregateFact(one.a, one.p, one.q, one.f, one.l, one.T, one.m)
            for one in self._until_now(self._aggregates)
        ] or [
            AggregateFact(one.t, one.p, one.q, one.t, one.t, one.T, one.m)
            for one in self._market_trades()
        ]
        if from_id is not None:
            return [fact for fact in facts if fact.id >= from_id][: span.limit]
        return _chosen(facts, [fact.time for fact in facts], span)

    def trades(self, limit: int) -> list[TradeFact]:
        return [
            TradeFact(one.t, one.p, one.q, str(Decimal(one.p) * Decimal(one.q)), one.T, one.m)
            for one in self._market_trades()[-limit:]
        ]

    def settlements(self, span: Span) -> list[SettlementFact]:  # noqa: ARG002  # it knows none
        return []

    def interests(self, interval: str, span: Span) -> list[InterestFact]:  # noqa: ARG002
        return []

    def _latest(self, positions: list[int], frame: type[_T]) -> _T | None:
        count = bisect_right(positions, self._position())
        return self._tape.read(positions[count - 1], frame) if count else None

    def _until_now(self, known: Sequence[tuple[int, _T]]) -> list[_T]:
        count = bisect_right(known, self._position(), key=lambda entry: entry[0])
        return [fact for _, fact in known[:count]]

    def _market_trades(self) -> list[TradeFrame]:
        return [trade for trade in self._until_now(self._trades) if trade.X == "MARKET"]

    def _first_price(self) -> str:
        if self._trades:
            return self._trades[0][1].p
        snapshot = self._tape.snapshot
        return snapshot.bids[0][0] if snapshot and snapshot.bids else "0"

    def _flat(self) -> BarFact:
        """No trade yet: the constant price, and nothing traded."""
        nothing = TradeFrame(
            -1, self._first_price(), self._tape.contract.quantity.text(0), self._tape.start, m=False
        )
        return msgspec.structs.replace(bar_of([nothing]), trades=0)


def bar_of(trades: Sequence[TradeFrame], open_time: int = 0, length: int = 0) -> BarFact:
    """The candle of at least one trade."""
    prices = [Decimal(trade.p) for trade in trades]
    sizes = [Decimal(trade.q) for trade in trades]
    bought = [0 if trade.m else size for trade, size in zip(trades, sizes, strict=True)]
    return BarFact(
        open_time=open_time,
        close_time=open_time + length - 1,
        open=trades[0].p,
        high=str(max(prices)),
        low=str(min(prices)),
        close=trades[-1].p,
        volume=str(sum(sizes)),
        turnover=str(sum(map(mul, prices, sizes))),
        taker_volume=str(sum(bought)),
        taker_turnover=str(sum(map(mul, prices, bought))),
        first_id=trades[0].t,
        last_id=trades[-1].t,
        trades=len(trades),
    )


def _chosen(facts: list[_T], times: list[int], span: Span) -> list[_T]:
    """Ascending: the oldest from the span's start, else the newest up to its end."""
    first = 0 if span.start is None else bisect_left(times, span.start)
    last = len(facts) if span.end is None else bisect_right(times, span.end)
    if span.start is not None:
        return facts[first : min(last, first + span.limit)]
    return facts[max(first, last - span.limit) : last]
