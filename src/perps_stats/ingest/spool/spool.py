"""The spool: what the database did not take in time, on disk, in order, until it has.

Segments are only appended to, and removed as a whole when all of their records are stored. As rows
are stored once by their key, a segment may be replayed again and adds nothing: there is no position
to keep, and a crash between any two steps costs a repetition at most.
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import NamedTuple, TypeAlias

from msgspec import Struct

from perps_stats.ingest.spool.disk import Disk
from perps_stats.ingest.spool.frames import Damage, Place, frame, payload_of, scan

SEGMENT_BYTES = 16 << 20
Payload: TypeAlias = bytes
"""Of one record."""


class NoRoom(Exception):
    """Nothing was kept: the limit is reached, or the disk said no."""


class Position(NamedTuple):
    """The end of a record."""

    segment: int
    end: int


class Chunk(Struct, frozen=True):
    """Records from the oldest on, ``through`` the last of them. ``damaged`` could not be read."""

    payloads: list[Payload]
    through: Position
    damaged: int


class Recovered(Struct, frozen=True):
    """What an earlier process left: whole records, damaged places, bytes of an unfinished write."""

    records: int = 0
    damaged: int = 0
    torn_bytes: int = 0


class Segment:
    """``places`` are the records that are not stored yet; ``size`` counts what is stored too."""

    def __init__(self, number: int, size: int = 0, places: Iterable[Place] = ()) -> None:
        self.number = number
        self.size = size
        self.places = deque(places)


class Spool:
    """Blocking, and for one caller at a time; ``recover`` comes first.

    ``now_us`` says microseconds since 1970. More than ``max_bytes`` are never held; who writes then
    is to wait, or to drop the oldest: ``drops_oldest``.
    """

    def __init__(
        self,
        disk: Disk,
        now_us: Callable[[], int],
        *,
        max_bytes: int,
        drops_oldest: bool = False,
        segment_bytes: int = SEGMENT_BYTES,
    ) -> None:
        self._disk = disk
        self._now_us = now_us
        self.max_bytes = max_bytes
        self._segment_bytes = segment_bytes
        self.drops_oldest = drops_oldest
        self._segments: list[Segment] = []
        self._active: Segment | None = None
        self._next = 1

    @property
    def bytes(self) -> int:
        """On disk, also of records that are stored but share a segment with others."""
        return sum(segment.size for segment in self._segments)

    @property
    def records(self) -> int:
        """Not stored yet."""
        return sum(len(segment.places) for segment in self._segments)

    @property
    def oldest(self) -> float | None:
        """Seconds since the oldest record was written; ``None`` where there is none."""
        for segment in self._segments:
            with suppress(IndexError):  # it may be stored while we look
                return (self._now_us() - segment.places[0].written_us) / 1_000_000
        return None

    def recover(self) -> Recovered:
        """Take over what is there. Raises ``OSError``."""
        numbers = self._disk.numbers()
        damaged = torn_bytes = 0
        for number in numbers:
            segment, damages = self._scanned(number)
            for damage in damages:
                if damage.torn and number == numbers[-1]:
                    torn_bytes = damage.end - damage.start
                    self._disk.cut(number, damage.start)
                    self._disk.sync(number)
                    segment.size = damage.start
                else:
                    damaged += 1
            self._segments.append(segment)
            self._next = number + 1
        self._remove_stored()
        return Recovered(self.records, damaged, torn_bytes)

    def append(self, payloads: Sequence[Payload]) -> list[Position]:
        """Returns when they are durable, all or none. Raises ``NoRoom``."""
        now = self._now_us()
        frames = [frame(payload, now) for payload in payloads]
        size = sum(map(len, frames))
        if self.bytes + size > self.max_bytes:
            raise NoRoom(f"the limit of {self.max_bytes} bytes is reached")
        try:
            segment = self._writable()
            self._write(segment, b"".join(frames))
        except OSError as error:
            raise NoRoom(error.strerror or str(error)) from error
        return [self._appended(segment, len(each), now) for each in frames]

    def read(self, most_bytes: int) -> Chunk:
        """The oldest records, at least one; some must be held."""
        payloads: list[Payload] = []
        damaged = size = 0
        through = Position(0, 0)
        for segment in self._segments:
            for place in segment.places:
                size += place.end - place.start
                if through.segment and size > most_bytes:
                    return Chunk(payloads, through, damaged)
                through = Position(segment.number, place.end)
                payload = self._payload(segment, place)
                if payload is None:
                    damaged += 1
                else:
                    payloads.append(payload)
        return Chunk(payloads, through, damaged)

    def remove(self, through: Position) -> None:
        """These are stored."""
        for segment in self._segments:
            while segment.places and Position(segment.number, segment.places[0].end) <= through:
                segment.places.popleft()
        self._remove_stored()

    def drop_oldest(self) -> list[Payload]:
        """Remove the oldest segment, though it is not stored; what it held. Raises ``NoRoom``."""
        if not self._segments:
            raise NoRoom("nothing is left to drop")
        oldest = self._segments[0]
        held = [self._payload(oldest, place) for place in oldest.places]
        oldest.places.clear()
        self._remove_stored()
        if oldest in self._segments:
            raise NoRoom("the oldest segment cannot be removed")
        return [payload for payload in held if payload is not None]

    def _scanned(self, number: int) -> tuple[Segment, list[Damage]]:
        size = self._disk.size(number)
        found = list(scan(self._disk.read(number, 0, size)))
        places = [each for each in found if isinstance(each, Place)]
        return Segment(number, size, places), [each for each in found if isinstance(each, Damage)]

    def _appended(self, segment: Segment, size: int, now: int) -> Position:
        start, segment.size = segment.size, segment.size + size
        segment.places.append(Place(start, segment.size, now))
        return Position(segment.number, segment.size)

    def _writable(self) -> Segment:
        if self._active is None or self._active.size >= self._segment_bytes:
            number, self._next = self._next, self._next + 1
            self._disk.create(number)
            self._active = Segment(number)
            self._segments.append(self._active)
        return self._active

    def _write(self, segment: Segment, data: Payload) -> None:
        """After an error nobody knows what the file holds: it is cut, and not appended to again."""
        try:
            self._disk.append(segment.number, data)
            self._disk.sync(segment.number)
            if not segment.size:
                self._disk.sync_directory()
        except OSError:
            self._active = None
            with suppress(OSError):
                self._disk.cut(segment.number, segment.size)
            self._remove_stored()
            raise

    def _payload(self, segment: Segment, place: Place) -> Payload | None:
        try:
            return payload_of(self._disk.read(segment.number, place.start, place.end))
        except OSError:
            return None

    def _remove_stored(self) -> None:
        """Segments without a record that is still to be stored. One that cannot be removed is tried
        again with the next, and replayed after a restart.
        """
        kept = [each for each in self._segments if each.places or not self._removed(each)]
        if len(kept) < len(self._segments):
            with suppress(OSError):
                self._disk.sync_directory()
        self._segments = kept

    def _removed(self, segment: Segment) -> bool:
        if segment is self._active:
            self._active = None
        try:
            self._disk.remove(segment.number)
        except FileNotFoundError:
            return True
        except OSError:
            return False
        return True
