"""Keeping an order book in step with its exchange. No I/O and no clock: events in, a book out.

The rule of Binance futures (https://developers.binance.com/docs/derivatives/usds-margined-futures/
websocket-market-streams/How-to-manage-a-local-order-book-correctly), which holds for every exchange
that numbers its updates: keep deltas until the snapshot is there; drop those it already contains;
the first that is applied must follow or straddle it; each next one must follow exactly.
"""

from collections import deque

from perps_stats.core.errors import Unreadable
from perps_stats.core.times import from_us
from perps_stats.core.types import Market, Orderbook, OrderbookLevel
from perps_stats.exchanges.events import BookDelta, BookSnapshot, Stream
from perps_stats.feed.levels import LevelSide

WAITING_LIMIT = 20_000
UNKNOWN_SCALE = 0


class OutOfStep(Exception):
    """A delta is missing: the book is suspect until the next snapshot.

    ``missed`` is the range of update ids that never came.
    """

    def __init__(self, native: str, last: int, delta: BookDelta) -> None:
        super().__init__(f"{native}: at {last}, but got what follows {delta.previous}")
        self.missed = (last, delta.previous)


class LiveBook:
    """The book of one market: suspect until a snapshot is joined, verified on every step since.

    ``last`` is the update id and ``ts`` the exchange's time (microseconds) of its state.
    """

    def __init__(self, market: Market, stream: Stream) -> None:
        scales = {
            "price_scale": market.price_scale or UNKNOWN_SCALE,
            "quantity_scale": market.quantity_scale or UNKNOWN_SCALE,
        }
        self._market = market
        self._parse = stream.parse_levels
        self._bids = LevelSide(descending=True, **scales)
        self._asks = LevelSide(descending=False, **scales)
        self._joined = False
        self._waiting: deque[BookDelta] = deque(maxlen=WAITING_LIMIT)
        self._deepening = False
        self._deeper: BookSnapshot | None = None
        self.verified = False
        self.last = 0
        self.ts = 0

    def suspect(self) -> None:
        """Whatever comes next is kept for the next snapshot; nothing is derived until then."""
        self.verified = self._deepening = False
        self._deeper = None
        self._waiting.clear()

    def start(self, snapshot: BookSnapshot) -> list[BookDelta] | None:
        """Begin from a snapshot. Returns the deltas that waited for it, to be applied in order.

        ``None``: the snapshot is older than what waited can join; ask for another.
        """
        waiting = [delta for delta in self._waiting if delta.last > snapshot.last]
        if waiting and waiting[0].previous > snapshot.last:
            return None
        self._waiting.clear()
        self._bids.replace(self._parse(snapshot.bids), snapshot.depth)
        self._asks.replace(self._parse(snapshot.asks), snapshot.depth)
        self.last, self.ts = snapshot.last, snapshot.ts
        self.verified, self._joined = True, False
        return waiting

    def wait(self, delta: BookDelta) -> None:
        """Keep a delta for the snapshot. Beyond ``WAITING_LIMIT`` the oldest go."""
        self._waiting.append(delta)

    def apply(self, delta: BookDelta) -> bool:
        """Take one step; ``False`` for a delta that the book already contains.

        Raises ``OutOfStep``, after which the book is suspect and the delta waits.
        """
        if delta.last <= self.last:
            return False
        if delta.previous != self.last and (self._joined or delta.previous > self.last):
            last = self.last
            self.suspect()
            self.wait(delta)
            raise OutOfStep(delta.native, last, delta)
        self._set_levels(delta)
        self.last, self.ts, self._joined = delta.last, delta.ts, True
        if self._deepening:
            self._waiting.append(delta)
            self._merge()
        return True

    def _set_levels(self, delta: BookDelta) -> None:
        try:
            self._bids.update(self._parse(delta.bids))
            self._asks.update(self._parse(delta.asks))
        except ValueError as error:
            self.suspect()
            raise Unreadable(f"levels of {delta.native}: {error}", bytes(delta.bids)) from error

    def known_share(self) -> float:
        """How far both sides are known from their best, as a fraction of the price."""
        return min(self._bids.known_share(), self._asks.known_share())

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
            self._bids.deepen(self._parse(snapshot.bids), snapshot.depth)
            self._asks.deepen(self._parse(snapshot.asks), snapshot.depth)
            for delta in later:
                self._set_levels(delta)
        self.end_deepening()

    def orderbook(self, depth: int) -> Orderbook:
        """The best ``depth`` levels a side of all that was received. Only of a verified book."""
        bids, asks = self._bids.best_first(depth), self._asks.best_first(depth)
        return self._to_orderbook(bids, asks, complete=False)

    def known_orderbook(self, within: float) -> Orderbook:
        """The levels of which none can be missing, no further from the best than a fraction of it.

        A side is empty here when the price has left what is known of it.
        """
        whole = self._bids.edge is None and self._asks.edge is None
        bids, asks = self._bids.known(within), self._asks.known(within)
        return self._to_orderbook(bids, asks, complete=whole and within >= 1)

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
