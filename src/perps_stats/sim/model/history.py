"""The past and the near future of a market: a function of the seed, its name and the time alone.

Nothing is recorded, so it is the same after a restart, however far back and in whatever order one
asks. Live trading plays the prints of the current minute as their times come.
"""

from bisect import bisect_right
from collections.abc import Iterable
from functools import lru_cache
from itertools import accumulate
from random import Random
from typing import NamedTuple

import msgspec

from perps_stats.sim.candles import MINUTE_MS
from perps_stats.sim.model.coins import Coin
from perps_stats.sim.model.noise import dice, drift, heads, wander
from perps_stats.sim.model.swing import Swing, Volumes, prints, split, swing_of

HOUR, DAY = 60, 1440
"""Minutes."""
DAY_UNIT, HOUR_UNIT, MINUTE_UNIT = 8, 4, 2
"""What the volumes of the legs are multiples of: each level halves them."""


class Print(NamedTuple):
    """One aggregated trade: price in ticks, quantity in lots, time in ms."""

    id: int
    time: int
    price: int
    quantity: int
    taker_buys: bool


class Candle(msgspec.Struct, frozen=True, gc=False):
    """In ticks and lots; turnover in their product. ``first`` to ``last`` are its prints."""

    open: int
    high: int
    low: int
    close: int
    volume: int
    turnover: int
    taker_volume: int
    taker_turnover: int
    first: int
    last: int


def joined(candles: Iterable[Candle]) -> Candle | None:
    """Adjacent candles as one, in order; ``None`` of none."""
    parts = tuple(candles)
    if len(parts) < 2:  # noqa: PLR2004
        return parts[0] if parts else None
    return Candle(
        parts[0].open,
        max(part.high for part in parts),
        min(part.low for part in parts),
        parts[-1].close,
        sum(part.volume for part in parts),
        sum(part.turnover for part in parts),
        sum(part.taker_volume for part in parts),
        sum(part.taker_turnover for part in parts),
        parts[0].first,
        parts[-1].last,
    )


def candle_of_print(trade: Print) -> Candle:
    turnover = trade.price * trade.quantity
    bought = trade.taker_buys
    return Candle(
        trade.price,
        trade.price,
        trade.price,
        trade.price,
        trade.quantity,
        turnover,
        trade.quantity if bought else 0,
        turnover if bought else 0,
        trade.id,
        trade.id,
    )


class History:
    """Markets of one coin follow one price; ``name`` tells their prints apart."""

    def __init__(self, seed: int, name: str, coin: Coin) -> None:
        self.coin = coin
        self.listed = coin.listed // MINUTE_MS
        self._key = f"{seed}:{coin.name}"
        self._own = f"{seed}:{name}"
        self._counts = coin.minute_prints
        self._reached = tuple(accumulate(self._counts, initial=0))
        self._day_prints = self._reached[DAY]
        self._skipped = self._prints_before(self.listed)
        self._since = tuple(map(self._minutes_since, range(DAY)))
        self.day = lru_cache(2048)(self._day)
        self.hours = lru_cache(256)(self._hours)
        self.minutes = lru_cache(256)(self._minutes)
        self.prints = lru_cache(3)(self._prints)

    def first_id(self, minute: int) -> int:
        """The id of the first print at or after the start of that minute."""
        return 1 + self._prints_before(minute) - self._skipped

    def minute_of(self, id_: int) -> int:
        """The minute whose prints hold that id."""
        days, rest = divmod(id_ - 1 + self._skipped, self._day_prints)
        return days * DAY + bisect_right(self._reached, rest) - 1

    def busy_before(self, minute: int) -> int | None:
        """The last minute before that one in which there was trading."""
        busy = minute - self._since[minute % DAY]
        return busy if busy >= self.listed else None

    def price_before(self, minute: int) -> int | None:
        """The last traded price before the start of that minute."""
        busy = self.busy_before(minute)
        candle = None if busy is None else self._candle(busy, 1)
        return None if candle is None else candle.close

    def span(self, start: int, end: int) -> Candle | None:
        """The candle over minutes ``[start, end)``; ``None`` where there was no trading."""
        first = max(start, self.listed)
        if first + 1 == end:
            return self._candle(first, 1)
        return joined(self._pieces(first, end))

    def _prints_before(self, minute: int) -> int:
        """Counted from 1970."""
        days, rest = divmod(minute, DAY)
        return days * self._day_prints + self._reached[rest]

    def _minutes_since(self, minute: int) -> int:
        """How long before that minute of a day there was trading."""
        return next(back for back in range(1, DAY + 1) if self._counts[(minute - back) % DAY])

    def _pieces(self, start: int, end: int) -> Iterable[Candle]:
        while start < end:
            length = next(
                size
                for size in (DAY, HOUR, 1)
                if start % size == 0 and (start + size <= end or size == 1)
            )
            candle = self._candle(start, length)
            if candle is not None:
                yield candle
            start += length

    def _candle(self, start: int, length: int) -> Candle | None:
        first, following = self.first_id(start), self.first_id(start + length)
        if first == following:
            return None
        swing = self._swing(start, length)
        one, two, three, four = swing.turns
        buys, sells = swing.buys, swing.sells
        middles = one + two, two + three, three + four  # doubled
        bought = middles[0] * buys[0] + middles[1] * buys[1] + middles[2] * buys[2]
        sold = middles[0] * sells[0] + middles[1] * sells[1] + middles[2] * sells[2]
        volume = buys[0] + buys[1] + buys[2]
        return Candle(
            one,
            max(two, three),
            min(two, three),
            four,
            volume + sells[0] + sells[1] + sells[2],
            (bought + sold) // 2,
            volume,
            bought // 2,
            first,
            following - 1,
        )

    def _swing(self, start: int, length: int) -> Swing:
        if length == DAY:
            return self.day(start // DAY)
        if length == HOUR:
            return self.hours(start // DAY)[start % DAY // HOUR]
        return self.minutes(start // HOUR)[start % HOUR]

    def _price(self, day: int) -> int:
        return round(self.coin.price * drift(self._key, day) / self.coin.tick.step)

    def _day(self, day: int) -> Swing:
        rng = dice(self._key, "day", day)
        start, end = self._price(day), self._price(day + 1)
        high = round(max(start, end) * (1.002 + 0.02 * rng.random()))
        low = round(min(start, end) * (0.998 - 0.02 * rng.random()))
        turns = (start, low, high, end) if heads(rng) else (start, high, low, end)
        return swing_of(turns, self._volumes(day, rng), DAY_UNIT, rng)

    def _volumes(self, day: int, rng: Random) -> Volumes:
        coin = self.coin
        lots = coin.turnover / coin.price / coin.lot.step
        lots *= 1 + 0.4 * wander(f"{self._key}:volume", day / 2)
        buys = 0.46 + 0.08 * rng.random()
        return Volumes(*(int(lots * part) // DAY_UNIT * DAY_UNIT for part in (buys, 1 - buys)))

    def _hours(self, day: int) -> dict[int, Swing]:
        busy, rng = self.coin.busy_hours, dice(self._key, "hours", day)
        return dict(zip(busy, split(self.day(day), len(busy), HOUR_UNIT, rng), strict=True))

    def _minutes(self, hour: int) -> dict[int, Swing]:
        busy, rng = self.coin.busy_minutes, dice(self._key, "minutes", hour)
        swing = self._swing(hour * HOUR, HOUR)
        return dict(zip(busy, split(swing, len(busy), MINUTE_UNIT, rng), strict=True))

    def _prints(self, minute: int) -> list[Print]:
        count = self._counts[minute % DAY]
        if not count:
            return []
        rng = dice(self._own, "prints", minute)
        parts = prints(self._swing(minute, 1), count, rng)
        times = sorted(int(rng.random() * MINUTE_MS) for _ in range(count))
        first, start = self.first_id(minute), minute * MINUTE_MS
        return [
            Print(first + i, start + times[i], part.price, part.quantity, part.taker_buys)
            for i, part in enumerate(parts)
        ]
