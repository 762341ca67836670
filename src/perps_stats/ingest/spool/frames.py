"""Records as they lie in a segment: each can be told from what is around it, and checked.

* magic     8 bytes: where a record begins, should the one before it be damaged
* length    4, of the payload
* written   8, microseconds since 1970
* checksum  4, CRC32C of length, written and payload
* payload
"""

import struct
from collections.abc import Iterator

from crc32c import crc32c
from msgspec import Struct

MAGIC = b"\xf5perps1\n"
"""The first byte occurs in no UTF-8 text, so no row of text looks like the begin of a record."""
CHECKED = struct.Struct("<IQ")
CHECKSUM = struct.Struct("<I")
HEAD_BYTES = len(MAGIC) + CHECKED.size + CHECKSUM.size


class Place(Struct, frozen=True):
    """Where a record lies in its segment, from ``start`` to ``end``, and when it was written."""

    start: int
    end: int
    written_us: int


class Damage(Struct, frozen=True):
    """Bytes that are no record. ``torn``: they end the segment, as an unfinished write does."""

    start: int
    end: int
    torn: bool


def frame(payload: bytes, written_us: int) -> bytes:
    checked = CHECKED.pack(len(payload), written_us)
    return b"".join((MAGIC, checked, CHECKSUM.pack(crc32c(payload, crc32c(checked))), payload))


def scan(segment: bytes) -> Iterator[Place | Damage]:
    """All that is whole, in order, and what lies between. After damage the next record is found by
    its magic and its checksum.
    """
    at = damaged = 0
    while at < len(segment):
        place = _record(segment, at)
        if place is None:
            at = _next_magic(segment, at + 1)
            continue
        if damaged < at:
            yield Damage(damaged, at, torn=False)
        yield place
        at = damaged = place.end
    if damaged < len(segment):
        yield Damage(damaged, len(segment), torn=True)


def payload_of(record: bytes) -> bytes | None:
    """``None`` if the bytes are not one whole record."""
    place = _record(record, 0)
    return record[HEAD_BYTES:] if place is not None and place.end == len(record) else None


def _record(segment: bytes, start: int) -> Place | None:
    body = start + HEAD_BYTES
    if body > len(segment) or not segment.startswith(MAGIC, start):
        return None
    checked = segment[start + len(MAGIC) : body - CHECKSUM.size]
    length, written_us = CHECKED.unpack(checked)
    (told,) = CHECKSUM.unpack_from(segment, body - CHECKSUM.size)
    payload = memoryview(segment)[body : body + length]
    if len(payload) < length or crc32c(payload, crc32c(checked)) != told:
        return None
    return Place(start, body + length, written_us)


def _next_magic(segment: bytes, start: int) -> int:
    found = segment.find(MAGIC, start)
    return len(segment) if found < 0 else found
