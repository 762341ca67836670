"""Keeping an order book in step with its exchange. No I/O and no clock: events in, a book out.

The rule of Binance futures (https://developers.binance.com/docs/derivatives/usds-margined-futures/
websocket-market-streams/How-to-manage-a-local-order-book-correctly), which holds for every exchange
that numbers its updates: keep deltas until the snapshot is there; drop those it already contains;
the first that is applied must follow or straddle it; each next one must follow exactly.
"""

from collections import deque
from collections.abc import Callable, Sequence
from typing import NoReturn

from perps_stats.core.errors import Unreadable
from perps_stats.core.times import from_us
from perps_stats.core.types import Market, Orderbook, OrderbookLevel
from perps_stats.exchanges.events import BookDelta, BookSnapshot
from perps_stats.feed.comparison import difference
from perps_stats.feed.sides import COMPILED, Digest, Ladder, Sides, TooLong, sides_of

WAITING_LIMIT = 20_000
WAITING_US = 30_000_000
"""Of the deltas that wait for a snapshot, those of the last seconds: it is asked for again."""
ANOTHER_COUNT_US = 1_000_000
"""What is numbered before the book's state and told so much after it is of another count."""


class OutOfStep(Exception):
    """A delta is missing, or the numbers went back: the book is suspect until the next snapshot.

    ``missed`` is the range of update ids that never came.
    """

    def __init__(self, native: str, last: int, delta: BookDelta) -> None:
        super().__init__(f"{native}: at {last}, but got what follows {delta.previous}")
        self.missed = (last, delta.previous)


class WrongBook(Exception):
    """The book cannot be the exchange's: crossed, or the exchange itself says otherwise."""


class LiveBook:
    """The book of one market: suspect until a snapshot is joined, verified on every step since.

    ``last`` is the update id and ``ts`` the exchange's time (microseconds) of its state, or of what
    was heard last before it became suspect; ``begun`` counts how often it became verified: once,
    and once more after each break.
    """

    def __init__(self, market: Market, *, compiled: bool = COMPILED) -> None:
        self._market = market
        self._sides = sides_of(market, compiled=compiled)
        self._joined = False
        self._waiting: deque[BookDelta] = deque(maxlen=WAITING_LIMIT)
        self._deepening = False
        self._deeper: BookSnapshot | None = None
        self._since: list[BookDelta] | None = None
        self.verified = False
        self.begun = 0
        self.last: int = 0
        self.ts: int = 0

    def suspect(self) -> None:
        """Whatever comes next is kept for the next snapshot; nothing is derived until then. What
        waited is let go, and only how far it came is remembered.
        """
        self.verified = self._deepening = False
        self._deeper = self._since = None
        for delta in self._waiting:
            if delta.last > self.last:
                self.last, self.ts = delta.last, delta.ts
        self._waiting.clear()

    def start(self, snapshot: BookSnapshot) -> list[BookDelta] | None:
        """Begin from a snapshot. Returns the deltas that waited for it, to be applied in order.

        ``None``: the snapshot is older than what waited can join, or than what was known; ask for
        another. One that came in the stream itself is newer than whatever waited.
        """
        if self.is_stale(snapshot):
            return None
        later = () if snapshot.chained else self._waiting
        waiting = [delta for delta in later if delta.last > snapshot.last]
        if waiting and waiting[0].previous > snapshot.last:
            return None
        self._waiting.clear()
        self._since = None
        self._read(snapshot, lambda sides: _replace(sides, snapshot))
        self.last, self.ts = snapshot.last, snapshot.ts
        self.begun += not self.verified
        self.verified, self._joined = True, snapshot.chained
        return waiting

    def is_stale(self, snapshot: BookSnapshot) -> bool:
        """Whether it is older than the book is, or was: by its number and its time. A smaller
        number at a later time is another count.
        """
        return snapshot.last < self.last and snapshot.ts <= self.ts

    def rejoin(self) -> None:
        """Another connection goes on from here: its first delta may straddle what is known."""
        self._joined = False

    def wait(self, delta: BookDelta) -> None:
        """Keep a delta for the snapshot: the last of so many, and of so long."""
        waiting = self._waiting
        waiting.append(delta)
        while waiting[0].ts < delta.ts - WAITING_US:
            waiting.popleft()

    def apply(self, delta: BookDelta) -> bool:
        """Take one step; ``False`` for a delta that the book already contains.

        Raises ``OutOfStep``, after which the book is suspect and the delta waits.
        """
        if delta.last <= self.last:
            if delta.ts > self.ts + ANOTHER_COUNT_US:
                self._break(delta)
            return False
        if delta.previous != self.last and (self._joined or delta.previous > self.last):
            self._break(delta)
        self._set_levels(delta)
        self.last, self.ts, self._joined = delta.last, delta.ts, True
        if self._since is not None:
            self._since.append(delta)
        if self._deepening:
            self._waiting.append(delta)
            self._merge()
        return True

    def _break(self, delta: BookDelta) -> NoReturn:
        last = self.last
        self.suspect()
        self.wait(delta)
        raise OutOfStep(delta.native, last, delta)

    def _set_levels(self, delta: BookDelta) -> None:
        try:
            self._sides.update(delta.bids, delta.asks)
        except ValueError:
            self._read(delta, lambda sides: sides.update(delta.bids, delta.asks))

    def _read(self, event: BookSnapshot | BookDelta, step: Callable[[Sides], None]) -> None:
        """Take a step; if the compiled twin cannot hold it, the plain one goes on."""
        try:
            try:
                step(self._sides)
            except TooLong as too_long:
                self._sides = too_long.plain
                step(self._sides)
        except ValueError as error:
            self.suspect()
            raise Unreadable(f"levels of {event.native}: {error}", bytes(event.bids)) from error

    def known_share(self) -> float:
        """How far both sides are known from their best, as a fraction of the price."""
        return self._sides.known_share()

    def begin_comparing(self) -> None:
        """The exchange is asked for its own book: what changes until its answer is remembered."""
        self._since = []

    def is_comparable(self, snapshot: BookSnapshot) -> bool:
        """Whether the book has come to the answer's update, without a break since it was asked."""
        if self._since is None or snapshot.last > self.last:
            return False
        later = next((delta for delta in self._since if delta.last > snapshot.last), None)
        return (self.last if later is None else later.previous) <= snapshot.last

    def end_comparing(self, snapshot: BookSnapshot | None) -> str | None:
        """What differs from an answer that is comparable, if anything does. Without one: given up.

        Raises ``ValueError`` for an answer that is no book.
        """
        since, self._since = self._since or [], None
        if snapshot is None:
            return None
        later = [delta for delta in since if delta.last > snapshot.last]
        return difference(self._market, snapshot, later, self._sides)

    def begin_deepening(self) -> None:
        """A further snapshot was asked for, to know more of a verified book."""
        self._deepening = True

    def deepen(self, snapshot: BookSnapshot) -> None:
        """It came. It is merged as soon as the book has reached its update."""
        if self._deepening:
            self._deeper = snapshot
            self._merge()

    def end_deepening(self) -> None:
        """Merged, or given up."""
        self._deepening, self._deeper = False, None
        self._waiting.clear()

    def _merge(self) -> None:
        snapshot = self._deeper
        if snapshot is None or snapshot.last > self.last:
            return
        later = [delta for delta in self._waiting if delta.last > snapshot.last]
        # The state at the snapshot must be reachable from what was kept; else it is too old.
        since = later[0].previous if later else self.last
        if since <= snapshot.last:
            self._read(snapshot, lambda sides: _deepen(sides, snapshot))
            for delta in later:
                self._set_levels(delta)
        self.end_deepening()

    def orderbook(self, depth: int) -> Orderbook:
        """The best ``depth`` levels a side of all that was received. Only of a verified book."""
        bids, asks = self._sides.received(depth)
        return self._to_orderbook(bids, asks, complete=False)

    def known_orderbook(self, within: float) -> Orderbook:
        """The levels of which none can be missing, no further from the best than a fraction of it.

        A side is empty here when the price has left what is known of it.
        """
        bids, asks = self._sides.known(within)
        return self._to_orderbook(bids, asks, complete=self._sides.is_whole() and within >= 1)

    def ladder(self, tenths: Sequence[int]) -> Ladder | None:
        """The value within distances from mid, in tenths of a basis point, nearest first.

        ``None`` where the known book has no mid, or only the plain twin is there.
        """
        return self._sides.ladder(tenths) if self.verified else None

    def digest(self, tenths: Sequence[int], amounts: Sequence[int], within: float) -> Digest | None:
        """The same, with what it takes to spend ``amounts`` (values of the market's scales,
        smallest first) on the levels of ``known_orderbook``. ``None`` as above.
        """
        return self._sides.digest(tenths, amounts, within) if self.verified else None

    def _to_orderbook(
        self, bids: list[OrderbookLevel], asks: list[OrderbookLevel], *, complete: bool
    ) -> Orderbook:
        if not self.verified:
            raise ValueError(f"the book of {self._market.native} is suspect")
        return Orderbook(
            exchange=self._market.exchange,
            symbol=self._market.symbol,
            bids=bids,
            asks=asks,
            timestamp=from_us(self.ts),
            sequence=self.last,
            complete=complete,
        )


def _replace(sides: Sides, snapshot: BookSnapshot) -> None:
    sides.replace(snapshot.bids, snapshot.asks, snapshot.depth)


def _deepen(sides: Sides, snapshot: BookSnapshot) -> None:
    sides.deepen(snapshot.bids, snapshot.asks, snapshot.depth)
