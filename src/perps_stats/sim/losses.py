"""The truth about what a client did not get, in the venue's own time: for comparison.

A ``Loss`` is of a market in a topic: from the frame before, which was delivered, to the next one
that was. *Delivered* is written to the socket of a connection that listens. What a fault means:

* ``drop``, ``silence``, ``badjson``, ``truncate``, ``oversized``: the frames that did not come, or
  not whole, are ``lost``
* a connection that is cut (``disconnect``, ``rst``, ``truncate``, ``restart``) or ``halfopen``
  loses every frame from then on until somebody subscribes to the topic again and gets one: the
  exchange goes on, and what it would have told is counted; where nothing was due meanwhile it is
  ``harmless``
* a client that reads too slowly is cut as well (``overflow``); who is parted with by the venue's
  rules, for a flood, a missing pong or its age, has lost nothing by a fault
* what a client misses because it hung up itself within ``BLAME_SECONDS`` of such a fault counts as
  that fault's; what it misses of its own accord is no loss
* ``reorder`` and ``delay`` lose nothing, but who follows numbers cannot follow: ``broken`` where a
  book is told change by change, else ``harmless``; ``jump``, ``rewind``, ``cross`` and ``oldbook``
  break a book, too, from the last frame that was right to the first that was not
* what the exchange replays to who comes back (Lighter the last 50 trades) is not lost
* ``duplicate`` and ``storm`` are ``harmless``: a client has all it had, and more

A loss is as of all connections: one client a venue is assumed, and where two of its connections
hold a topic, what one of them loses is told although the other may have it.
"""

from collections import Counter, deque
from collections.abc import Iterator
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

MOST = 20_000
"""Intervals that are kept, the newest."""
BLAME_SECONDS = 10.0
Key: TypeAlias = tuple[str, str, tuple[str, ...]]


class Told(Struct, frozen=True):
    """A frame of a topic: what it tells of ``symbol``, the exchange's own, and when, in ms.

    ``number`` counts those of its key: frames wait for their readers, while what is not told is
    known at once.
    """

    topic: str
    symbol: str
    coin: str
    streams: tuple[str, ...]
    time: int
    number: int

    @property
    def key(self) -> Key:
        return self.topic, self.symbol, self.streams


class Harm(StrEnum):
    """From bad to worse."""

    HARMLESS = "harmless"
    BROKEN = "broken"
    LOST = "lost"


WORSE = tuple(Harm)


class Loss(Struct, frozen=True, kw_only=True):
    """``streams`` are channels' names. ``since`` is ``None`` where no frame came before, ``until``
    while none came after. ``frames`` were lost; ``fault`` is the first of the worst.
    """

    topic: str
    symbol: str
    streams: tuple[str, ...]
    since: int | None
    until: int | None
    frames: int
    fault: str
    harm: Harm


class Cut(Struct, frozen=True):
    """A connection that a fault ended. ``time`` is its last frame's, ``None``: it had none."""

    time: int | None
    fault: str


class _Note(Struct):
    """Of the frames ``first`` to ``last``, by their numbers."""

    since: int | None
    first: int
    last: int
    fault: str
    harm: Harm
    frames: int = 0


class Losses:
    """``for loss in venue.losses``: in the order of their ends, then those that have none yet."""

    def __init__(self) -> None:
        self.cuts: deque[Cut] = deque(maxlen=MOST)
        self._closed: deque[Loss] = deque(maxlen=MOST)
        self._open: dict[Key, list[_Note]] = {}
        self._last: dict[Key, int] = {}
        self._numbers: Counter[Key] = Counter()

    def __iter__(self) -> Iterator[Loss]:
        yield from self._closed
        for key, notes in self._open.items():
            yield from (_loss(key, note, None) for note in notes)

    def told(self, topic: str, symbol: str, coin: str, streams: tuple[str, ...], time: int) -> Told:
        """The next frame of its key."""
        key = topic, symbol, streams
        self._numbers[key] += 1
        return Told(topic, symbol, coin, streams, time, self._numbers[key])

    def delivered(self, told: Told) -> None:
        key = told.key
        self._last[key] = max(told.time, self._last.get(key, told.time))
        notes = self._open.pop(key, None)
        if notes is None:
            return
        over = [note for note in notes if note.last <= told.number]
        self._closed.extend(_loss(key, note, told.time) for note in over)
        still = [note for note in notes if note.last > told.number]
        for note in still:
            note.since = self._last[key]
        if still:
            self._open[key] = still

    def lost(self, told: Told, fault: str) -> None:
        """The frame does not come."""
        self._note(told, fault, Harm.LOST).frames += 1

    def disturbed(self, told: Told, fault: str, harm: Harm) -> None:
        """It comes, but not as or when it should."""
        self._note(told, fault, harm)

    def made_good(self, told: Told, most: int) -> None:
        """So many of the last frames are told again: what was lost may be among them."""
        for note in self._open.get(told.key, ()):
            if note.frames <= most:
                note.frames, note.harm = 0, Harm.HARMLESS

    def cut(self, time: int | None, fault: str) -> None:
        self.cuts.append(Cut(time, fault))

    def _note(self, told: Told, fault: str, harm: Harm) -> _Note:
        """Together with the frames right before it, if they are noted."""
        key, number = told.key, told.number
        notes = self._open.setdefault(key, [])
        for note in notes:
            if note.first - 1 <= number <= note.last + 1:
                note.first, note.last = min(note.first, number), max(note.last, number)
                if WORSE.index(harm) > WORSE.index(note.harm):
                    note.fault, note.harm = fault, harm
                return note
        notes.append(_Note(self._last.get(key), number, number, fault, harm))
        return notes[-1]


def _loss(key: Key, note: _Note, until: int | None) -> Loss:
    topic, symbol, streams = key
    return Loss(
        topic=topic,
        symbol=symbol,
        streams=streams,
        since=note.since,
        until=until,
        frames=note.frames,
        fault=note.fault,
        harm=note.harm,
    )
