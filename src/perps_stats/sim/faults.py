"""Trouble on request: what goes wrong, where, and when. Each fault happens once.

A fault is written ``KIND[:PATH]:N[:SECONDS]``, where N counts from 1:

* ``drop:N``               the N-th depth diff is never sent: the chain of its stream is broken
* ``disconnect:N``         a connection is cut after N frames
* ``silence:N:SECONDS``    after N frames a connection gets nothing for SECONDS; the market goes on
* ``badjson:N``            the N-th frame of a connection is cut in half
* ``429:N``, ``418:N``     the N-th REST request is refused; Retry-After is 5, 120 or SECONDS
* ``html:N``               it is answered with a web page
* ``truncated:N``          with the first half of the body
* ``wrongtype:N``          with true for every number of the answer, or of its first row
* ``negativeprice:N``      with a minus before every price
* ``crossed:N``            with bids and asks exchanged
* ``empty:N``              with no rows, in the exchange's own envelope
* ``shuffled:N``           with its rows in a wrong order
* ``doubled:N``            with its middle row twice
* ``wrongrow:N``           with true for every number of its middle row
* ``cutoff:N``             without the last third of its rows
* ``huge:N``               with 100 MB
* ``http500:N``            with HTTP 500
* ``hang:N``               never
* ``reset:N``              the TCP connection is reset instead of an answer

``disconnect``, ``silence`` and ``badjson`` hit the first connection that gets so far, counting data
frames. REST faults take a PATH, whole or its end (``html:depth:2``, ``429:/fapi/v1/klines:1``):
then N counts the requests of that path.

``random[:PATH]:SEED:PERCENT`` happens again and again: each REST request has that chance of a fault
out of ``CHANCES``, by the seed and its number alone. A refusal by chance lasts a second.
"""

import re
from collections import Counter
from collections.abc import Collection
from enum import StrEnum

from msgspec import Struct

from perps_stats.core.errors import BadInput
from perps_stats.sim.model.noise import dice

HUGE_BYTES = 100_000_000
GRAMMAR = (
    "write KIND[:PATH]:N[:SECONDS] with KIND drop, disconnect, silence, badjson (a stream's), or "
    "429, 418, html, truncated, wrongtype, negativeprice, crossed, empty, shuffled, doubled, "
    "wrongrow, cutoff, huge, http500, hang, reset (a REST request's, where PATH may be given): "
    "drop:100, silence:500:15, 429:depth:2:30; or random[:PATH]:SEED:PERCENT: random:7:0.5"
)


class Kind(StrEnum):
    DROP = "drop"
    DISCONNECT = "disconnect"
    SILENCE = "silence"
    BAD_JSON = "badjson"
    SLOW_DOWN = "429"
    BANNED = "418"
    HTML = "html"
    TRUNCATED = "truncated"
    WRONG_TYPE = "wrongtype"
    NEGATIVE_PRICE = "negativeprice"
    CROSSED = "crossed"
    EMPTY = "empty"
    SHUFFLED = "shuffled"
    DOUBLED = "doubled"
    WRONG_ROW = "wrongrow"
    CUT_OFF = "cutoff"
    HUGE = "huge"
    HTTP_500 = "http500"
    HANG = "hang"
    RESET = "reset"
    RANDOM = "random"


STREAM_KINDS = frozenset({Kind.DROP, Kind.DISCONNECT, Kind.SILENCE, Kind.BAD_JSON})
FRAME_KINDS = STREAM_KINDS - {Kind.DROP}
TIMED_KINDS = frozenset({Kind.SILENCE, Kind.SLOW_DOWN, Kind.BANNED, Kind.RANDOM})
CHANCES = (
    *(Kind.SLOW_DOWN, Kind.HTTP_500, Kind.RESET, Kind.HTML, Kind.TRUNCATED),
    *(Kind.WRONG_TYPE, Kind.NEGATIVE_PRICE, Kind.WRONG_ROW),
    *(Kind.EMPTY, Kind.SHUFFLED, Kind.DOUBLED, Kind.CUT_OFF),
)
"""What happens by chance: what costs a client no minutes, and is no matter of books."""
CHANCE_SECONDS = 1.0
DEFAULT_SECONDS = {Kind.SLOW_DOWN: 5.0, Kind.BANNED: 120.0}
_FORM = re.compile(
    r"([a-z0-9]+)(?::(/?[A-Za-z][\w./-]*))?:([1-9]\d{0,8})(?::(\d{1,6}(?:\.\d{1,3})?))?"
)


class Fault(Struct, frozen=True):
    """``path`` is empty for any; ``seconds`` is 0 where the kind has no time.

    Of a random one ``number`` is the seed, and ``seconds`` the percentage.
    """

    kind: Kind
    number: int
    path: str = ""
    seconds: float = 0.0

    def concerns(self, path: str) -> bool:
        return path == self.path or path.endswith("/" + self.path.lstrip("/"))


def parse_fault(text: str) -> Fault:
    """Raises ``BadInput`` that shows the grammar."""
    match = _FORM.fullmatch(text)
    if not match or match[1] not in set(Kind):
        raise BadInput("fault", text, GRAMMAR)
    kind = Kind(match[1])
    seconds = float(match[4]) if match[4] else DEFAULT_SECONDS.get(kind, 0.0)
    misplaced_path = match[2] is not None and kind in STREAM_KINDS
    misplaced_time = match[4] is not None and kind not in TIMED_KINDS
    lacks_time = kind in {Kind.SILENCE, Kind.RANDOM} and not seconds
    too_likely = kind is Kind.RANDOM and seconds > 100  # noqa: PLR2004
    if misplaced_path or misplaced_time or lacks_time or too_likely:
        raise BadInput("fault", text, GRAMMAR)
    return Fault(kind, int(match[3]), match[2] or "", seconds)


class Faults:
    """The faults still to come at one venue, and the counts that bring them about."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self._pending = [fault for fault in faults if fault.kind is not Kind.RANDOM]
        self._chances = [fault for fault in faults if fault.kind is Kind.RANDOM]
        self._diffs = 0
        self._requests: Counter[str] = Counter()

    def drops_diff(self) -> bool:
        """Count a depth diff that is about to be sent: is it one to drop?"""
        self._diffs += 1
        return self._fire({Kind.DROP}, self._diffs) is not None

    def drop_next(self) -> None:
        """The next diff that is about to be sent is one to drop."""
        self._pending.append(Fault(Kind.DROP, self._diffs + 1))

    def on_frame(self, number: int) -> Fault | None:
        """What happens at a connection's ``number``-th data frame."""
        return self._fire(FRAME_KINDS, number)

    def on_request(self, path: str) -> Fault | None:
        """Count a REST request: what happens to it?"""
        self._requests[path] += 1
        for fault in self._pending:
            if fault.kind not in STREAM_KINDS and fault.number == self._count_for(fault, path):
                self._pending.remove(fault)
                return fault
        return self._by_chance(path)

    def _by_chance(self, path: str) -> Fault | None:
        for chance in self._chances:
            number = self._count_for(chance, path)
            thrown = dice(chance.number, number)
            if number and thrown.random() * 100 < chance.seconds:
                kind = thrown.choice(CHANCES)
                return Fault(kind, number, path, CHANCE_SECONDS if kind in TIMED_KINDS else 0.0)
        return None

    def _count_for(self, fault: Fault, path: str) -> int:
        """How many requests the fault has seen with this one; 0 where it is none of its own."""
        if not fault.path:
            return self._requests.total()
        if not fault.concerns(path):
            return 0
        return sum(n for seen, n in self._requests.items() if fault.concerns(seen))

    def _fire(self, kinds: Collection[Kind], number: int) -> Fault | None:
        for fault in self._pending:
            if fault.kind in kinds and fault.number == number:
                self._pending.remove(fault)
                return fault
        return None
