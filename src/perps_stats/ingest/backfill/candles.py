"""The past of candles: only closed ones, and every one that is not there is seen."""

from datetime import datetime, timedelta
from itertools import pairwise, repeat
from math import gcd

from msgspec import Struct

from perps_stats.core.catalogue import KLINES
from perps_stats.core.errors import NotOffered, Unreadable
from perps_stats.core.intervals import interval_length, opening
from perps_stats.core.spans import Span
from perps_stats.core.stored import Row
from perps_stats.core.times import MICROSECOND, from_ms, text_of_minute, to_ms
from perps_stats.core.types import Market
from perps_stats.exchanges.contract import Ask, Candle, Candles, Exchange, Flow
from perps_stats.feed.client import ExchangeClient
from perps_stats.feed.flow import first_ask
from perps_stats.ingest.backfill.series import SETTLING, Page, cut, parts

MILLISECOND, MINUTE = timedelta(milliseconds=1), timedelta(minutes=1)
MINUTE_MS = MINUTE // MILLISECOND
EDGE = 20
"""The part of a page whose absence at an end of it is doubted: a page may have been cut short."""


class KlinePast(Struct, frozen=True):
    exchange: Exchange
    interval: str
    data_set: str = KLINES.name

    @property
    def _length(self) -> timedelta:
        return interval_length(self.interval)

    @property
    def _page_length(self) -> timedelta:
        return self.exchange.kline_page(self.interval).rows * self._length

    def whole(self, span: Span, now: datetime) -> Span:
        first = opening(span.start - MICROSECOND, self.interval) + self._length
        return Span(first, max(first, opening(min(span.end, now), self.interval)))

    def window(self, _market: Market, span: Span) -> Span:
        return cut(span, self._page_length)

    def requests(self, _market: Market, span: Span) -> int:
        size = self.exchange.kline_page(self.interval)
        return parts(span, self._page_length) * size.requests

    def rows(self, _market: Market, span: Span) -> int:
        return parts(span, self._length)

    def first_ask(self, market: Market, window: Span) -> Ask:
        return first_ask(self._klines(market, window))

    async def page(
        self, client: ExchangeClient, market: Market, market_id: int, window: Span, now: datetime
    ) -> Page:
        flaws: list[Unreadable] = []
        found = await client.put(self._klines(market, window), flaws.append)
        until = answered_until(found, window, self._length, opening(now - SETTLING, self.interval))
        end = to_ms(until)
        final = [each for each in found.rows if each.time < end]
        holes = holes_in(final, Span(window.start, until), self._length)
        return Page(
            rows=kline_rows(market_id, self.interval, final, found.aggregated_from),
            until=until,
            holes=holes,
            doubtful=bool(flaws) or self._are_doubtful(holes, Span(window.start, until)),
            flaws=len(flaws),
        )

    def _klines(self, market: Market, window: Span) -> Flow[Candles]:
        if self.exchange.klines is None:
            raise NotOffered("klines")
        return self.exchange.klines(market, self.interval, window, None)

    def _are_doubtful(self, holes: list[Span], asked: Span) -> bool:
        if self.exchange.has_quiet_candles:
            return bool(holes)
        at_an_end = [hole for hole in holes if hole.start == asked.start or hole.end == asked.end]
        return any(hole.length * EDGE >= self._page_length for hole in at_an_end)


def answered_until(found: Candles, window: Span, length: timedelta, settled: datetime) -> datetime:
    """A later candle proves that all before it are final; without one, only age does."""
    if found.rows and found.closed == len(found.rows):
        return window.end
    if found.rows:
        last = from_ms(found.rows[-1].time)
        if last + length > settled:
            return last
    return max(window.start, min(window.end, settled))


def holes_in(candles: list[Candle], asked: Span, length: timedelta) -> list[Span]:
    """Where a candle would begin and none does."""
    step = length // MILLISECOND
    if len(candles) == asked.length // length:
        return []
    edges = [to_ms(asked.start) - step, *(each.time for each in candles), to_ms(asked.end)]
    return [
        Span(from_ms(before + step), from_ms(after))
        for before, after in pairwise(edges)
        if before + step < after
    ]


def kline_rows(
    market_id: int, interval: str, candles: list[Candle], aggregated_from: str | None = None
) -> list[Row]:
    """Column by column: the text of the exchange stays as it is. Raises ``Unreadable`` for times
    that no candle begins at.
    """
    if not candles:
        return []
    step = interval_length(interval) // MINUTE
    times, *prices, volumes, turnovers, counts = zip(*candles, strict=True)
    if gcd(*times) % MINUTE_MS:
        raise Unreadable(f"candles that open between minutes, such as {candles[0]}")
    minutes = [time // MINUTE_MS for time in times]
    opens = list(map(text_of_minute, minutes))
    if minutes == list(range(minutes[0], minutes[-1] + 1, step)):
        closes = [*opens[1:], text_of_minute(minutes[-1] + step)]
    else:
        closes = [text_of_minute(minute + step) for minute in minutes]
    trades = [None if count is None else str(count) for count in counts]
    return list(
        zip(
            *(repeat(str(market_id), len(opens)), repeat(interval, len(opens)), opens, closes),
            *(*prices, volumes, turnovers, trades),
            *(repeat(value, len(opens)) for value in ("t", aggregated_from, None)),
            strict=True,
        )
    )
