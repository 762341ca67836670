"""The truth about what a client did not get, in the venue's own time: for comparison.

A ``Loss`` is of a market in a topic: from the frame before, which was delivered, to the next one
that was. *Delivered* is written to the socket of a connection that listens. What a fault means:

* ``drop``, ``silence``, ``badjson``, ``truncate``, ``oversized``: the frames that did not come, or
  not whole, are ``lost``
* a connection that is cut (``disconnect``, ``rst``, ``truncate``, ``restart``) or ``halfopen``
  loses every frame from then on until somebody subscribes to the topic again and gets one: the
  exchange goes on, and what it would have told is counted
* what a client misses because it hung up itself within ``BLAME_SECONDS`` of such a fault counts as
  that fault's; what it misses of its own accord is no loss
* ``reorder`` and ``delay`` lose nothing, but who follows numbers cannot follow: ``broken`` where a
  book is told change by change, else ``harmless``; ``jump``, ``rewind``, ``cross`` and ``oldbook``
  break a book, too, from the last frame that was right to the first that was not
* ``duplicate`` and ``storm`` are ``harmless``: a client has all it had, and more

A loss is as of all connections: one client a venue is assumed, and where two of its connections
hold a topic, what one of them loses is told although the other may have it.
"""

from collections import deque
from collections.abc import Iterator
from enum import StrEnum
from itertools import count
from typing import TypeAlias

from msgspec import Struct

MOST = 20_000
"""Intervals that are kept, the newest."""
BLAME_SECONDS = 10.0
Key: TypeAlias = tuple[str, str, tuple[str, ...]]


class Told(Struct, frozen=True):
    """A frame of a topic: what it tells of ``symbol``, the exchange's own, and when, in ms.

    ``order`` grows with each: frames wait for their readers, while what is not told is known at
    once.
    """

    topic: str
    symbol: str
    coin: str
    streams: tuple[str, ...]
    time: int
    order: int

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


class _Open(Struct):
    since: int | None
    fault: str
    harm: Harm
    order: int = 0
    frames: int = 0


class Losses:
    """``for loss in venue.losses``: in the order of their ends, then those that have none yet."""

    def __init__(self) -> None:
        self.cuts: deque[Cut] = deque(maxlen=MOST)
        self._closed: deque[Loss] = deque(maxlen=MOST)
        self._open: dict[Key, _Open] = {}
        self._last: dict[Key, int] = {}
        self._orders = count(1)

    def __iter__(self) -> Iterator[Loss]:
        yield from self._closed
        for key, still in self._open.items():
            yield _loss(key, still, None)

    def next_order(self) -> int:
        return next(self._orders)

    def delivered(self, told: Told) -> None:
        key = told.key
        self._last[key] = max(told.time, self._last.get(key, told.time))
        still = self._open.get(key)
        if still is None:
            return
        if told.order < still.order:
            still.since = self._last[key]
        else:
            del self._open[key]
            self._closed.append(_loss(key, still, told.time))

    def lost(self, told: Told, fault: str) -> None:
        """The frame does not come."""
        self._note(told, fault, Harm.LOST).frames += 1

    def disturbed(self, told: Told, fault: str, harm: Harm) -> None:
        """It comes, but not as or when it should."""
        self._note(told, fault, harm)

    def cut(self, time: int | None, fault: str) -> None:
        self.cuts.append(Cut(time, fault))

    def _note(self, told: Told, fault: str, harm: Harm) -> _Open:
        key = told.key
        noted = self._open.get(key)
        if noted is None:
            noted = self._open[key] = _Open(self._last.get(key), fault, harm)
        elif WORSE.index(harm) > WORSE.index(noted.harm):
            noted.fault, noted.harm = fault, harm
        noted.order = max(noted.order, told.order)
        return noted


def _loss(key: Key, noted: _Open, until: int | None) -> Loss:
    topic, symbol, streams = key
    return Loss(
        topic=topic,
        symbol=symbol,
        streams=streams,
        since=noted.since,
        until=until,
        frames=noted.frames,
        fault=noted.fault,
        harm=noted.harm,
    )
