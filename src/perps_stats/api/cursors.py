"""Cursors: where a page ended, as a token that holds all it needs and shows when it was damaged."""

from base64 import b64decode, urlsafe_b64encode
from datetime import datetime
from hashlib import blake2b

import msgspec
from msgspec import Struct

from perps_stats.api.filters import Filters
from perps_stats.core.errors import BadInput
from perps_stats.core.times import to_us

CHECK_BYTES = 8
LONGEST_SHOWN = 40
MAY_CHANGE = frozenset({"cursor", "limit", "offset", "numbers", "format", "depth"})
DAMAGED = "it is damaged; use meta.next of the page before, unchanged"


class Position(Struct, frozen=True, array_like=True):
    """The last row of a page, and the span as it was for the first page: times in microseconds.

    ``question`` stands for the filters; ``rest`` tells rows of one time apart. Before the first
    page there is neither ``time`` nor ``rest``.
    """

    question: bytes
    start: int | None
    end: int | None
    time: int | None = None
    rest: tuple[str, ...] = ()


def position_of(path: str, filters: Filters) -> Position:
    """Where the answer begins. Raises ``BadInput`` for a cursor that is not of this question."""
    asked = _question(path, filters)
    if filters.cursor is not None:
        return _from_token(filters.cursor, asked)
    return Position(asked, _epoch(filters.start), _epoch(filters.end))


def _epoch(time: datetime | None) -> int | None:
    return None if time is None else to_us(time)


def _question(path: str, filters: Filters) -> bytes:
    """The same for every page of one walk: what was asked, save how to cut and show the pages."""
    asked = [each for each in filters.said if each[0] not in MAY_CHANGE]
    return blake2b(msgspec.msgpack.encode((path, asked)), digest_size=CHECK_BYTES).digest()


def to_token(position: Position) -> str:
    body = msgspec.msgpack.encode(position)
    return _text(_check(body) + body)


def _text(whole: bytes) -> str:
    return urlsafe_b64encode(whole).rstrip(b"=").decode("ascii")


def _from_token(token: str, asked: bytes) -> Position:
    """Raises ``BadInput`` for a damaged one, and for one of another question."""
    try:
        padded = token.encode("ascii") + b"=" * (-len(token) % 4)
        whole = b64decode(padded, b"-_", validate=True)
        check, body = whole[:CHECK_BYTES], whole[CHECK_BYTES:]
        if check != _check(body) or token != _text(whole):
            raise _bad(token, DAMAGED)
        position = msgspec.msgpack.decode(body, type=Position)
    except ValueError:
        raise _bad(token, DAMAGED) from None
    if position.question != asked:
        raise _bad(token, "it continues another question; repeat the parameters of the first page")
    return position


def _check(body: bytes) -> bytes:
    return blake2b(body, digest_size=CHECK_BYTES, person=b"perps cursor").digest()


def _bad(token: str, remedy: str) -> BadInput:
    shown = token if len(token) <= LONGEST_SHOWN else f"{token[:LONGEST_SHOWN]}…"
    return BadInput("cursor", shown, remedy)
