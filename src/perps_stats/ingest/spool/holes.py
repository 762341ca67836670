"""What is missing in the spool: records that were damaged, or dropped when there was no room.

Each batch says of each stream how far it had come before. So a lost record shows where the next one
that follows the stream begins: that span is a gap. Where none follows, the stream ends at its last
mark, and what comes after is the gap of the crash, or was not collected.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from perps_stats.core.catalogue import GAPS
from perps_stats.core.stored import Mark, Row
from perps_stats.core.times import rfc3339
from perps_stats.core.types import Gap, GapCause
from perps_stats.database.rows import to_row
from perps_stats.database.upkeep import STREAMS
from perps_stats.ingest.spool.batch import Batch, Stream

FED_BY = {name: stream for stream, fed in reversed(STREAMS.items()) for name in fed}
"""The stream that counts rows of a data set."""


class Hole(Struct, frozen=True):
    """A gap of a market that is known by its number."""

    market_id: int
    stream: str
    start: datetime
    end: datetime
    cause: GapCause
    rows: int = 0
    """How many were dropped; of a damaged record nobody knows."""

    @property
    def key(self) -> Stream:
        return self.market_id, self.stream

    @property
    def detail(self) -> str:
        dropped = f"{self.rows} rows dropped: the spool had no room"
        return dropped if self.cause is GapCause.OVERFLOW else "a record of the spool was damaged"

    def named(self) -> dict[str, object]:
        """For a line of the log."""
        return {
            "market_id": self.market_id,
            "stream": self.stream,
            "cause": self.cause.value,
            "start": rfc3339(self.start),
            "end": rfc3339(self.end),
            "detail": self.detail,
        }

    def row(self, now: datetime) -> Row:
        gap = Gap(
            exchange="",
            symbol="",
            stream=self.stream,
            start_time=self.start,
            end_time=self.end,
            cause=self.cause,
            detail=self.detail,
            detected_at=now,
        )
        return to_row(GAPS, gap, self.market_id)


class Following:
    """Follows the streams of a session from what is stored of them."""

    def __init__(self, stored: Iterable[Mark]) -> None:
        self._reached: dict[Stream, datetime] = {
            (mark.market_id, mark.stream): mark.last_ts for mark in stored
        }

    def holes(self, batch: Batch) -> list[Hole]:
        """Before the batch, or in it. It is not followed yet."""
        reached: dict[Stream, datetime] = {}
        found: list[Hole] = []
        for reach in batch.reaches:
            before = reached.get(reach.key) or self._reached.get(reach.key)
            if reach.since is not None and (before is None or before < reach.since):
                start = before or reach.first_ts
                found.append(Hole(*reach.key, start, reach.since, GapCause.CRASH))
            reached[reach.key] = max(before or reach.last_ts, reach.last_ts)
        return found

    def follow(self, batch: Batch) -> None:
        """The batch is stored, or told as dropped."""
        for reach in batch.reaches:
            self._reached[reach.key] = reach.last_ts


def dropped(batches: Sequence[Batch]) -> list[Hole]:
    """What is no longer there of each stream, with how many rows."""
    spans: dict[Stream, tuple[datetime, datetime]] = {}
    rows: Counter[Stream] = Counter()
    for batch in batches:
        for reach in batch.reaches:
            start, _ = spans.get(reach.key, (reach.since or reach.first_ts, reach.last_ts))
            spans[reach.key] = start, reach.last_ts
        rows.update(_rows_of(batch.rows))
    return [Hole(*key, *span, GapCause.OVERFLOW, rows[key]) for key, span in spans.items()]


def joined(holes: Iterable[Hole], later: Iterable[Hole]) -> list[Hole]:
    """One of each stream: what is dropped next follows what was dropped before."""
    whole = {hole.key: hole for hole in holes}
    for hole in later:
        before = whole.get(hole.key)
        if before is not None:
            hole = replace(hole, start=before.start, rows=before.rows + hole.rows)  # noqa: PLW2901
        whole[hole.key] = hole
    return list(whole.values())


def _rows_of(rows: Mapping[str, Sequence[Row]]) -> Counter[Stream]:
    counted: Counter[Stream] = Counter()
    for name, some in rows.items():
        if stream := FED_BY.get(name):
            counted.update((int(row[0] or 0), stream) for row in some)
    return counted
