"""Which trades of a market are new, which came already, and which never came.

Where the exchange counts its trades a jump is a hole. What comes late fills it: after a hand-over
from one connection to the next, both bring the same trades for a while. Elsewhere a trade is known
by its id. No I/O and no clock.
"""

from collections import Counter, deque

from msgspec import Struct

from perps_stats.core.times import from_us
from perps_stats.core.types import Gap, GapCause
from perps_stats.exchanges.events import NoTrade, TradeTick
from perps_stats.ingest.ledger import ChannelLedger

HOLES = 16
"""Of so many holes it is remembered what came late."""
IDS = 4096
IDS_US = 60_000_000
"""Ids are remembered for so long, in exchange time."""


class Hole(Struct):
    """Numbers that did not come: what a jump left out, or what was before the first. ``gap`` is
    how it was told.
    """

    numbers: range
    gap: Gap | None
    came: set[int] = set()

    def fill(self, number: int) -> bool:
        """Whether this is the first time that ``number`` comes."""
        if number in self.came:
            return False
        self.came.add(number)
        return True


class TradeSequence:
    """``counts``: ``duplicates`` that were let go, trades that came ``late``."""

    def __init__(self, ledger: ChannelLedger) -> None:
        self._ledger = ledger
        self._number: int | None = None
        self.newest = 0
        """The latest time of a trade, microseconds."""
        self._holes: deque[Hole] = deque(maxlen=HOLES)
        self._ids: set[str] = set()
        self._recent: deque[tuple[int, str]] = deque()
        self.counts: Counter[str] = Counter()

    def take(self, tick: TradeTick | NoTrade, recv_us: int) -> bool:
        """Whether it is new. It vouches for the channel up to its time, or tells the ledger of
        the hole before it.
        """
        new = True
        if tick.number is None:
            new = self._remember(tick.id, tick.ts)
            if new:
                self._ledger.vouch(tick.ts)
        elif self._number is None or tick.number > self._number:
            self._advance(self._number, tick.number, tick.ts, recv_us)
        elif tick.ts > self.newest:
            self._begin_anew(tick.number, tick.ts, recv_us)
        else:
            new = self._is_late(tick.number, recv_us)
        if not new:
            self.counts["duplicates"] += 1
            self._ledger.vouch_again(tick.ts)
        self.newest = max(self.newest, tick.ts)
        return new

    def _advance(self, last: int | None, number: int, ts: int, recv_us: int) -> None:
        self._number = number
        if last is None:
            self._holes.append(Hole(range(number), None))
            self._ledger.vouch(ts)
            return
        missed = number - last - 1
        if missed:
            detail = f"trade {last} was followed by {number}"
            self._ledger.doubt(GapCause.SEQUENCE, detail, from_us(recv_us))
        gap = self._ledger.vouch(ts, missed)
        if missed:
            self._holes.append(Hole(range(last + 1, number), gap))

    def _begin_anew(self, number: int, ts: int, recv_us: int) -> None:
        """A smaller number at a later time is no repetition: the exchange began another count."""
        detail = f"the number of trades went back from {self._number} to {number}"
        self._ledger.doubt(GapCause.SEQUENCE, detail, from_us(recv_us))
        self._holes.clear()
        self._advance(None, number, ts, recv_us)

    def _is_late(self, number: int, recv_us: int) -> bool:
        """A hole that is filled again was none: its gap says so."""
        hole = next((hole for hole in self._holes if number in hole.numbers), None)
        if hole is None or not hole.fill(number):
            return False
        self.counts["late"] += 1
        if hole.gap is not None and len(hole.came) == len(hole.numbers):
            self._ledger.repaired(hole.gap, len(hole.came), from_us(recv_us))
        return True

    def _remember(self, name: str, ts: int) -> bool:
        """Whether the id is new. Trades of one time may be many, and older ones are forgotten."""
        ids = self._ids
        if name in ids:
            return False
        ids.add(name)
        self._recent.append((ts, name))
        while len(ids) > IDS or self._recent[0][0] < ts - IDS_US:
            ids.remove(self._recent.popleft()[1])
        return True
