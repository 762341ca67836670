"""One topic: what is said of it, numbered, encoded once, and remembered for a while.

Numbers grow by one from message to message. The first is the time at which the topic began, in
microseconds: so they grow over a restart, too, and what was heard before it is known to be so.
"""

from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

from msgspec import Struct

from perps_stats.api.live import messages
from perps_stats.api.live.requests import Key
from perps_stats.core.live import EVENTS, STREAMS, LiveSource, Stop
from perps_stats.core.types import Gap

REMEMBERED_SECONDS = 120.0
REMEMBERED_BYTES = 1 << 20
ROWS_AT_ONCE = 500
"""In one message: clients have bounds, too."""


class Said(NamedTuple):
    seq: int
    frame: bytes
    time: float


class Memory:
    """What was said last: all of the last two minutes, up to a megabyte. Of a state only the last
    counts. ``floor``: all that was said after it, and counts, is here.
    """

    def __init__(self, floor: int) -> None:
        self.floor = floor
        self._said: deque[Said] = deque()
        self._bytes = 0
        self._state: Said | None = None

    def add(self, said: Said) -> None:
        self._said.append(said)
        self._bytes += len(said.frame)
        while len(self._said) > 1 and (
            self._bytes > REMEMBERED_BYTES or self._said[0].time < said.time - REMEMBERED_SECONDS
        ):
            forgotten = self._said.popleft()
            self._bytes -= len(forgotten.frame)
            self.floor = forgotten.seq

    def replace(self, said: Said) -> None:
        self._state = said

    def since(self, seq: int) -> list[bytes]:
        """What counts of what was said after a number."""
        said = [each for each in self._said if each.seq > seq]
        if self._state is not None and self._state.seq > seq:
            said = sorted((*said, self._state))
        return [each.frame for each in said]


class Topic:
    """``clients`` are given what ``take`` returns. ``seconds`` is a clock that only grows."""

    def __init__(
        self, key: Key, source: LiveSource, began_us: int, seconds: Callable[[], float]
    ) -> None:
        self.key = key
        self.seq = began_us
        self.is_event = key.data_set in EVENTS
        self.left_at = seconds()
        """When its last client left."""
        self._source = source
        self._seconds = seconds
        self._name = messages.encode(messages.named(key))[1:-1]
        self._memory = Memory(began_us)
        self._rows: list[Struct] = []
        self._gaps: list[Gap] = []
        self._new: list[bytes] = []
        self._version = 0
        market = (key.exchange, key.symbol)
        self._stops: list[Stop] = [source.follow(key.data_set, *market, self._hear)]
        if STREAMS[key.data_set]:
            self._stops.append(source.follow("gaps", *market, self._hear_gaps))

    def end(self) -> None:
        for stop in self._stops:
            stop()

    def take(self) -> bytes:
        """The messages since the last call, framed: empty where there is nothing new."""
        if self._gaps:
            gaps, self._gaps = self._gaps, []
            self._remember(messages.feed_gap(self._name, self._next(), gaps, self._simulated()))
        if self.is_event:
            self._say_rows()
        else:
            self._say_state()
        new, self._new = self._new, []
        return b"".join(new)

    def snapshot(self) -> bytes:
        """What holds as of the last number, and the gaps that are open."""
        gaps = [gap for gap in self._newest("gaps") if self._is_of(gap)]
        told = messages.rows(gaps, self._simulated())
        data = messages.rows(self._newest(self.key.data_set), self._simulated())
        return messages.snapshot(self._name, self.seq, data, told)

    def since(self, seq: int, reason: str) -> tuple[list[bytes], bool]:
        """What was said after a number, and whether it is all. If not, it begins by saying so; of a
        state what holds now follows.
        """
        begin = max(min(seq, self.seq), self._memory.floor)
        if begin == seq:
            return self._memory.since(seq), True
        lost = messages.delivery_gap(self._name, begin, seq, reason)
        known = self._memory.since(begin) if self.is_event else [self.snapshot()]
        return [lost, *known], False

    def _hear(self, records: Sequence[Struct]) -> None:
        self._rows += records

    def _hear_gaps(self, gaps: Sequence[Struct]) -> None:
        self._gaps += [gap for gap in gaps if isinstance(gap, Gap) and self._is_of(gap)]

    def _is_of(self, gap: Struct) -> bool:
        return isinstance(gap, Gap) and gap.stream in STREAMS[self.key.data_set]

    def _say_rows(self) -> None:
        rows, self._rows = self._rows, []
        for first in range(0, len(rows), ROWS_AT_ONCE):
            some = messages.rows(rows[first : first + ROWS_AT_ONCE], self._simulated())
            self._remember(messages.update(self._name, self._next(), some))

    def _say_state(self) -> None:
        key = self.key
        version = self._source.version(key.data_set, key.exchange, key.symbol)
        if version == self._version:
            return
        self._version = version
        data = messages.rows(self._newest(key.data_set), self._simulated())
        frame = messages.update(self._name, self._next(), data)
        self._memory.replace(Said(self.seq, frame, self._seconds()))
        self._new.append(frame)

    def _newest(self, data_set: str) -> Sequence[Struct]:
        key = self.key
        if key.depth:
            return self._source.newest(data_set, key.exchange, key.symbol, key.depth)
        return self._source.newest(data_set, key.exchange, key.symbol)

    def _next(self) -> int:
        self.seq += 1
        return self.seq

    def _remember(self, frame: bytes) -> None:
        self._memory.add(Said(self.seq, frame, self._seconds()))
        self._new.append(frame)

    def _simulated(self) -> dict[str, bool]:
        return dict(self._source.simulated())
