"""What is written at once: in memory, and as a record of the spool."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import chain
from typing import TypeAlias

from msgspec import MsgspecError, Struct, msgpack
from msgspec.structs import replace

from perps_stats.core.catalogue import DATA_SETS
from perps_stats.core.stored import Mark, Row
from perps_stats.core.types import Gap

Stream: TypeAlias = tuple[int, str]
"""A market and a channel."""


class Reach(Struct, frozen=True, array_like=True):
    """How far a stream has come with a batch, and had come before it: ``since``, ``None`` for the
    first batch of the stream in its session.
    """

    market_id: int
    stream: str
    first_ts: datetime
    last_ts: datetime
    since: datetime | None

    @property
    def key(self) -> Stream:
        return self.market_id, self.stream

    @property
    def mark(self) -> Mark:
        return Mark(self.market_id, self.stream, self.first_ts, self.last_ts)


class Batch(Struct, frozen=True, kw_only=True):
    """``begun`` is when the session began: that tells it from sessions of other databases."""

    session: int
    begun: datetime
    rows: Mapping[str, Sequence[Row]] = {}
    gaps: Sequence[Gap] = ()
    reaches: Sequence[Reach] = ()

    @property
    def size(self) -> int:
        return sum(map(len, self.rows.values()))

    @property
    def marks(self) -> list[Mark]:
        return [reach.mark for reach in self.reaches]


class _Record(Struct, frozen=True, array_like=True):
    """``columns`` are those that the rows have: a later program may know others."""

    batch: Batch
    columns: dict[str, tuple[str, ...]]


def encode(batch: Batch) -> bytes:
    columns = {name: DATA_SETS[name].columns for name in batch.rows}
    return msgpack.encode(_Record(batch, columns))


def readable(payloads: Iterable[bytes]) -> list[Batch]:
    """Those that can be decoded."""
    batches: list[Batch] = []
    for payload in payloads:
        with suppress(MsgspecError):
            batches.append(decode(payload))
    return batches


def decode(payload: bytes) -> Batch:
    """Rows have the columns of today: those that were not known then are null. Raises
    ``MsgspecError`` for what ``encode`` took though it is no batch, such as a row with a number.
    """
    record = msgpack.decode(payload, type=_Record)
    rows = {
        name: _fitted(some, record.columns[name], DATA_SETS[name].columns)
        for name, some in record.batch.rows.items()
    }
    return replace(record.batch, rows=rows)


def _fitted(rows: Sequence[Row], had: Sequence[str], have: Sequence[str]) -> Sequence[Row]:
    if tuple(had) == tuple(have):
        return rows
    places = [had.index(name) if name in had else None for name in have]
    return [tuple(None if at is None else row[at] for at in places) for row in rows]


def merged(batches: Sequence[Batch]) -> Batch:
    """One of all, in their order. They are of one session, and at least one."""
    rows: dict[str, list[Row]] = {}
    for batch in batches:
        for name, some in batch.rows.items():
            rows.setdefault(name, []).extend(some)
    return replace(
        batches[0],
        rows=rows,
        gaps=list(chain.from_iterable(batch.gaps for batch in batches)),
        reaches=list(chain.from_iterable(batch.reaches for batch in batches)),
    )


def halves(batch: Batch) -> tuple[Batch, Batch]:
    """Of rows. The second has what speaks for the rows: it comes when both are written."""
    listed = [(name, row) for name, some in batch.rows.items() for row in some]
    middle = len(listed) // 2
    first = replace(batch, rows=_by_name(listed[:middle]), gaps=(), reaches=())
    return first, replace(batch, rows=_by_name(listed[middle:]))


def _by_name(listed: Iterable[tuple[str, Row]]) -> dict[str, list[Row]]:
    rows: dict[str, list[Row]] = {}
    for name, row in listed:
        rows.setdefault(name, []).append(row)
    return rows
