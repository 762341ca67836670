"""A market of the model answers questions: its integers as exact text, its past on demand."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import islice

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
    Truth,
    exact,
)
from perps_stats.sim.model.history import Candle, Print
from perps_stats.sim.model.market import Market
from perps_stats.sim.model.trades import (
    aggregate_of,
    first_trade,
    last_trade,
    market_trades,
    trades_of,
)

HOUR, DAY = 60, 1440
MARKS_KEPT_SINCE = 1_698_710_400_000
"""Settlements before November 2023 were published without their mark price."""


class ModelSource:
    """``symbol`` is the exchange's name of the market."""

    def __init__(self, market: Market, symbol: str = "") -> None:
        self.market = market
        self.symbol = symbol
        coin = market.coin
        self._price = coin.tick.text
        self._quantity = coin.lot.text
        self._value = coin.tick.times(coin.lot).text

    def time(self) -> int:
        return self.market.time

    def book(self, limit: int) -> BookFact:
        book, time = self.market.book, self.market.time
        bids, asks = (
            [(self._price(price), self._quantity(lots)) for price, lots in half.ordered()[:limit]]
            for half in (book.bids, book.asks)
        )
        return BookFact(book.id, time, time, bids, asks)

    def top(self) -> TopFact:
        touch = self.market.touch
        return TopFact(
            touch.id,
            self.market.time,
            (self._price(touch.bid), self._quantity(touch.bid_lots)),
            (self._price(touch.ask), self._quantity(touch.ask_lots)),
        )

    def truth(self) -> Truth:
        book = self.book(len(self.market.book.bids.levels) + len(self.market.book.asks.levels))
        return Truth(book.last, book.time, exact(book.bids), exact(book.asks))

    def day(self) -> DayFact:
        """From the start of the minute 24 hours ago until now."""
        market, minute = self.market, self.market.time // MINUTE_MS
        candle = market.span(minute - DAY, minute + 1)
        if candle is None:
            raise ValueError(f"{market.name} was not listed yet")
        change = market.price - candle.open
        decimals = market.coin.tick.decimals
        average = candle.turnover / candle.volume * market.coin.tick.step
        return DayFact(
            open_time=(minute - DAY) * MINUTE_MS,
            close_time=market.time,
            open=self._price(candle.open),
            high=self._price(candle.high),
            low=self._price(candle.low),
            last=self._price(market.price),
            last_quantity=self._quantity(market.last.quantity),
            average=f"{average:.{decimals}f}",
            change=self._price(change),
            change_pct=f"{change * 100 / candle.open:.3f}",
            volume=self._quantity(candle.volume),
            turnover=self._value(candle.turnover),
            first_id=first_trade(candle.first),
            last_id=last_trade(candle.last),
            trades=market_trades(candle.first, candle.last),
        )

    def mark(self) -> MarkFact:
        touch = self.market.touch
        return self._mark(self.market.time, (touch.bid + touch.ask) / 2)

    def mark_at(self, time: int) -> MarkFact | None:
        """As it was at a past time, by the price at which its minute began."""
        price = self._opening(time // MINUTE_MS)
        return None if price is None or time > self.market.time else self._mark(time, price)

    def _mark(self, time: int, price: float) -> MarkFact:
        gauge = self.market.gauges.at(time, price)
        return MarkFact(
            time=time,
            mark=gauge.mark,
            average=gauge.average,
            index=gauge.spot,
            settle=gauge.settle,
            rate=gauge.rate,
            next_time=gauge.next_time,
        )

    def open_interest(self) -> tuple[str, int]:
        time = self.market.time
        return self._quantity(self.market.gauges.open_interest(time)), time

    def bars(self, interval: str, span: Span) -> list[BarFact]:
        """The last bar is open until its time is over."""
        length = minutes_of(interval)
        last = self.market.time if span.end is None else min(self.market.time, span.end)
        newest = bar_start(last // MINUTE_MS, length)
        listed = bar_start(self.market.history.listed, length)
        if span.start is None:
            oldest = max(newest - (span.limit - 1) * length, listed)
        else:
            asked = bar_start(-(-span.start // MINUTE_MS) + length - 1, length)
            oldest = max(asked, listed)
            newest = min(newest, oldest + (span.limit - 1) * length)
        bars = (self.bar(start, length) for start in range(oldest, newest + 1, length))
        return [bar for bar in bars if bar is not None]

    def bar(self, start: int, length: int) -> BarFact | None:
        """The candle of minutes ``[start, start + length)`` as far as it has happened."""
        candle = self.market.span(start, start + length) or self._flat(start)
        if candle is None:
            return None
        return BarFact(
            open_time=start * MINUTE_MS,
            close_time=(start + length) * MINUTE_MS - 1,
            open=self._price(candle.open),
            high=self._price(candle.high),
            low=self._price(candle.low),
            close=self._price(candle.close),
            volume=self._quantity(candle.volume),
            turnover=self._value(candle.turnover),
            taker_volume=self._quantity(candle.taker_volume),
            taker_turnover=self._value(candle.taker_turnover),
            first_id=first_trade(candle.first) if candle.volume else -1,
            last_id=last_trade(candle.last) if candle.volume else -1,
            trades=market_trades(candle.first, candle.last),
        )

    def aggregates(self, span: Span, from_id: int | None) -> list[AggregateFact]:
        return [aggregate_of(trade, self.market.coin) for trade in self._prints(span, from_id)]

    def trades(self, limit: int) -> list[TradeFact]:
        """Trades of the book alone: the insurance fund's are not listed."""
        facts = [
            fact
            for trade in self._prints(Span(None, None, limit), None)
            for fact in trades_of(trade, self.market.coin)
            if fact.market
        ]
        return facts[-limit:]

    def settlements(self, span: Span) -> list[SettlementFact]:
        gauges, step = self.market.gauges, self.market.gauges.interval_ms
        start, newest = span.start or 0, self.market.time
        end = newest if span.end is None else min(span.end, newest)
        first = max(start - step, self.market.coin.listed + 1)
        times = range(-(-first // step) * step, end + 1, step)
        found = (
            time
            for time in (reversed(times) if span.start is None else times)
            if gauges.settles(time) and start <= gauges.settled_at(time) <= end
        )
        return [self._settlement(time) for time in sorted(islice(found, span.limit))]

    def interests(self, interval: str, span: Span) -> list[InterestFact]:
        step = minutes_of(interval) * MINUTE_MS
        now, listed = self.market.time, self.market.coin.listed
        first = max(listed, span.start or 0)
        times = range(-(-first // step) * step, min(now, span.end or now) + 1, step)
        chosen = times[-span.limit :] if span.start is None else times[: span.limit]
        return [fact for time in chosen for fact in self._interest(time)]

    def _interest(self, time: int) -> Iterator[InterestFact]:
        mark = self.mark_at(time)
        if mark is not None:
            quantity = self._quantity(self.market.gauges.open_interest(time))
            yield InterestFact(time, quantity, f"{Decimal(quantity) * Decimal(mark.mark):f}")

    def _settlement(self, time: int) -> SettlementFact:
        gauges, price = self.market.gauges, self._opening(time // MINUTE_MS)
        mark = ""
        if price is not None and time >= MARKS_KEPT_SINCE:
            mark = gauges.at(time, price).mark
        return SettlementFact(gauges.settled_at(time), gauges.settled(time), mark)

    def _opening(self, minute: int) -> int | None:
        """The price at which a minute began, whether or not it is over: that of its full hour."""
        length = HOUR if minute % HOUR == 0 else 1
        candle = self.market.history.span(minute, minute + length)
        return candle.open if candle else self.market.history.price_before(minute)

    def _flat(self, start: int) -> Candle | None:
        """A candle without a trade repeats the last price."""
        if start > self.market.time // MINUTE_MS:
            return None
        price = self.market.price_before(start)
        if price is None:
            return None
        return Candle(price, price, price, price, 0, 0, 0, 0, 1, 0)

    def _prints(self, span: Span, from_id: int | None) -> list[Print]:
        if from_id is None and span.start is None:
            newest = self._backwards(span.end)
            return list(islice(newest, span.limit))[::-1]
        return list(islice(self._forwards(span, from_id), span.limit))

    def _backwards(self, end: int | None) -> Iterator[Print]:
        now = self.market.time
        last = now if end is None else min(end, now)
        for minute in range(last // MINUTE_MS, self.market.history.listed - 1, -1):
            for trade in reversed(self.market.prints_of(minute)):
                if trade.time <= last:
                    yield trade

    def _forwards(self, span: Span, from_id: int | None) -> Iterator[Print]:
        history, now = self.market.history, self.market.time
        start = (span.start or 0) // MINUTE_MS if from_id is None else history.minute_of(from_id)
        end = now if span.end is None else min(span.end, now)
        for minute in range(max(start, history.listed), end // MINUTE_MS + 1):
            for trade in self.market.prints_of(minute):
                if trade.id >= (from_id or 0) and (span.start or 0) <= trade.time <= end:
                    yield trade
