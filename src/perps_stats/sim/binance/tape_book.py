"""The order book of a tape at any position: its snapshot, and the diffs played since."""

from bisect import bisect_right

from perps_stats.sim.binance.recording import Diff, Recording, Snapshot
from perps_stats.sim.binance.streams import Kind
from perps_stats.sim.facts import BookFact, Level


class TapeBook:
    """Before the snapshot's own id is reached, the book is the snapshot."""

    def __init__(self, tape: Recording) -> None:
        self._tape = tape
        self._snapshot = tape.snapshot
        self._positions = tape.positions(Kind.DEPTH)
        self._applied = 0
        self._state: _State | None = None

    def at(self, position: int, limit: int) -> BookFact | None:
        """The best ``limit`` levels a side; ``None`` where the tape has no snapshot."""
        if self._snapshot is None:
            return None
        reached = bisect_right(self._positions, position)
        if self._state is None or reached < self._applied:
            self._state, self._applied = _State(self._snapshot), 0
        for diff in self._positions[self._applied : reached]:
            self._state.apply(self._tape.read(diff, Diff))
        self._applied = reached
        return self._state.book(limit)


class _State:
    def __init__(self, snapshot: Snapshot) -> None:
        self._bids = dict(snapshot.bids)
        self._asks = dict(snapshot.asks)
        self._last, self._sent, self._time = snapshot.lastUpdateId, snapshot.E, snapshot.T

    def apply(self, diff: Diff) -> None:
        if diff.u <= self._last:
            return
        _set(self._bids, diff.b)
        _set(self._asks, diff.a)
        self._last, self._sent, self._time = diff.u, diff.E, diff.T

    def book(self, limit: int) -> BookFact:
        bids = sorted(self._bids.items(), key=_price, reverse=True)[:limit]
        asks = sorted(self._asks.items(), key=_price)[:limit]
        return BookFact(self._last, self._sent, self._time, bids, asks)


def _set(side: dict[str, str], levels: list[Level]) -> None:
    for price, quantity in levels:
        if float(quantity) == 0:
            side.pop(price, None)
        else:
            side[price] = quantity


def _price(level: Level) -> float:
    return float(level[0])
