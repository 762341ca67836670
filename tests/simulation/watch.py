"""Looks at the collector's books after each step, and at each row when it is committed."""

import asyncio
from collections.abc import Callable, Mapping
from decimal import Decimal

from msgspec import Struct
from tests.simulation.life import Life
from tests.simulation.memory import column, time_of
from tests.simulation.truth import Levels, Reference
from tests.simulation.venue import Venue

from perps_stats.core.catalogue import ORDERBOOKS
from perps_stats.core.stored import Row
from perps_stats.core.times import to_us
from perps_stats.core.types import Orderbook
from perps_stats.exchanges.events import Channel
from perps_stats.ingest.market import MarketFeed

COMPARE_SECONDS = 5.0
NEAR, ALL = 0.001, 1.0
"""How far from the best a book is compared, as a fraction of the price."""


class Seen(Struct):
    """Of one book: since when it could be verified, as its topic is heard; when to compare it."""

    verified: bool = False
    possible: float | None = None
    due: float = 0.0


class Watch:
    """``wrong`` are differences from the truth; ``resyncs`` seconds until a book was whole."""

    def __init__(
        self,
        venues: Mapping[str, Venue],
        numbers: Callable[[], Mapping[str, tuple[str, str]]],
        life: Callable[[], Life | None],
    ) -> None:
        self.wrong: list[str] = []
        self.resyncs: list[float] = []
        self.compared = self.rows_compared = 0
        self._venues = venues
        self._numbers = numbers
        self._life = life
        self._excused = 0.0
        self._seen: dict[tuple[str, str], Seen] = {}

    def excuse(self, until: float) -> None:
        """No book can be had before."""
        self._excused = max(self._excused, until)

    def feeds(self) -> list[tuple[Venue, MarketFeed]]:
        life = self._life()
        if life is None:
            self._seen.clear()
            return []
        return [
            (self._venues[feed.market.exchange], feed)
            for collector in life.collecting.collectors
            for feed in collector.feeds.values()
        ]

    def look(self) -> None:
        now = asyncio.get_running_loop().time()
        for venue, feed in self.feeds():
            seen = self._seen.setdefault((venue.name, feed.market.native), Seen())
            if feed.book.verified:
                self._verified(venue, feed, seen, now)
            else:
                self._suspect(venue, feed, seen, now)

    def _verified(self, venue: Venue, feed: MarketFeed, seen: Seen, now: float) -> None:
        if not seen.verified and seen.possible is not None:
            self.resyncs.append(max(now - max(seen.possible, self._excused), 0.0))
        if not seen.verified or now >= seen.due:
            seen.due = now
            if self.compare(venue, feed, NEAR if seen.verified else ALL):
                seen.due += COMPARE_SECONDS
        seen.verified, seen.possible = True, None

    def _suspect(self, venue: Venue, feed: MarketFeed, seen: Seen, now: float) -> None:
        seen.verified = False
        if not self._is_heard(venue, feed.market.native):
            seen.possible = None
        elif seen.possible is None:
            seen.possible = now

    def _is_heard(self, venue: Venue, native: str) -> bool:
        life, topic = self._life(), venue.topic_of(native, Channel.ORDERBOOK)
        wires = life.open_wires(venue.name) if life else []
        return any(
            topic in wire.manners.topics and topic not in wire.muted and wire.is_sound
            for wire in wires
        )

    def compare(self, venue: Venue, feed: MarketFeed, within: float) -> bool:
        """False where it is between two states of the truth, or crossed and not noticed yet."""
        known = feed.book.known_orderbook(within)
        if known.bids and known.asks and known.bids[0].price >= known.asks[0].price:
            return False
        reference, native = venue.references[feed.market.native], feed.market.native
        if not reference.reach(feed.book.last):
            return False
        self.compared += bool(known.bids and known.asks)
        if difference := _difference(known, reference):
            self.wrong.append(f"{venue.name} {native} at {feed.book.last}: {difference}")
        return True

    def row(self, name: str, row: Row) -> None:
        """A book that is stored is the truth of its time."""
        if name != ORDERBOOKS.name:
            return
        exchange, symbol = self._numbers()[row[0] or ""]
        venue = self._venues[exchange]
        native = next(m.native for m in venue.markets.values() if m.symbol == symbol)
        time = to_us(time_of(ORDERBOOKS, row)) // 1000
        reference = venue.rows_references[native]
        self.rows_compared += 1
        sides = [
            _levels(
                column(ORDERBOOKS, row, f"{side}_prices"),
                column(ORDERBOOKS, row, f"{side}_quantities"),
            )
            for side in ("bid", "ask")
        ]
        if not reference.reach_time(time):
            self.wrong.append(f"{exchange} {symbol}: a book of {time}, when there was none")
        elif reference.best(len(sides[0]), len(sides[1])) != tuple(sides):
            self.wrong.append(f"{exchange} {symbol}: the stored book of {time} was none")

    def settle(self) -> None:
        """In the end every book is verified, and the venue's own."""
        for venue, feed in self.feeds():
            native = feed.market.native
            if not feed.book.verified:
                self.wrong.append(f"{venue.name} {native} is suspect in the end")
            elif not self.compare(venue, feed, ALL):
                self.wrong.append(f"{venue.name} {native} is behind in the end")


def _difference(book: Orderbook, reference: Reference) -> str:
    bids, asks = reference.best(len(book.bids), len(book.asks))
    for name, ours, theirs in (("bid", book.bids, bids), ("ask", book.asks, asks)):
        for place, (level, exact) in enumerate(zip(ours, theirs, strict=True)):
            if (level.price, level.quantity) != exact:
                return f"{name} {place} is {level.price} {level.quantity}, not {exact}"
    return ""


def _levels(prices: str, quantities: str) -> Levels:
    both = zip(prices.strip("{}").split(","), quantities.strip("{}").split(","), strict=True)
    return [(Decimal(price), Decimal(quantity)) for price, quantity in both if price]
