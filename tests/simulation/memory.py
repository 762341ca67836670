"""A database in memory, with the rules of the real one: keys, gaps, sessions, crashes.

It can be away, slow, or lose the answer to what it has committed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256

import msgspec
from msgspec import Struct, field

from perps_stats.core.catalogue import DATA_SETS, GAPS, DataSet
from perps_stats.core.stored import Mark, Row, Written
from perps_stats.core.types import Gap, GapCause
from perps_stats.database.rows import to_row
from perps_stats.database.staging import key_columns

END = datetime.max.replace(tzinfo=UTC)
Key = tuple[str | None, ...]
Stream = tuple[int, str]
LEARNT = ("end_time", "missed", "detail", "repaired_at", "rows_recovered")
"""Of a gap: see ``keep_gap.sql``."""
PLACES = {
    name: tuple(one.columns.index(column) for column in key_columns(one))
    for name, one in DATA_SETS.items()
}


class Session(Struct, eq=False):
    """``marks``: first and last of each stream; ``stopped``: when it was told to end."""

    started: datetime
    alive: bool = True
    ended: bool = False
    told: bool = False
    stopped: datetime = END
    marks: dict[Stream, tuple[datetime, datetime]] = field(default_factory=dict)


class Database:
    """What is committed. ``now`` is the server's clock, ``fresh`` are rows in their order."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.markets: dict[tuple[str, str], int] = {}
        self.rows: dict[str, dict[Key, Row]] = {name: {} for name in DATA_SETS}
        self.sessions: list[Session] = []
        self.contradicting: list[str] = []
        self.away_until = self.slow_until = 0.0
        self.loses_answer = False
        self.on_new: Callable[[str, Row], None] = lambda _name, _row: None
        self._now = now

    def number_of(self, exchange: str, symbol: str) -> int:
        return self.markets.setdefault((exchange, symbol), len(self.markets) + 1)

    def begin(self) -> Session:
        session = Session(self._now())
        self.sessions.append(session)
        return session

    def store(
        self,
        batch: Mapping[str, Sequence[Row]],
        marks: Sequence[Mark],
        gaps: Sequence[Gap],
        session: Session,
    ) -> Written:
        """One transaction."""
        new = 0
        for name, rows in batch.items():
            new += sum(self._keep(name, row) for row in rows)
        for gap in gaps:
            self.keep_gap(gap)
        for mark in marks:
            stream = (mark.market_id, mark.stream)
            first, last = session.marks.get(stream, (mark.first_ts, mark.last_ts))
            session.marks[stream] = min(first, mark.first_ts), max(last, mark.last_ts)
        if marks:
            session.told = False
        return Written(new, sum(map(len, batch.values())) - new, 0)

    def _keep(self, name: str, row: Row) -> bool:
        table, key = self.rows[name], _key(name, row)
        known = table.get(key)
        if known is None:
            table[key] = row
            self.on_new(name, row)
        elif name == GAPS.name:
            table[key] = _learnt(known, row)
        elif _contradicts(known, row):
            self.contradicting.append(f"{name}: {row} contradicts {known}")
        return known is None

    def keep_gap(self, gap: Gap) -> None:
        self._keep(GAPS.name, to_row(GAPS, gap, self.markets[gap.exchange, gap.symbol]))

    def names(self) -> dict[str, tuple[str, str]]:
        """Exchange and symbol by the number, as rows have it."""
        return {str(number): name for name, number in self.markets.items()}

    def gaps(self) -> Iterator[Gap]:
        names = self.names()
        for row in self.rows[GAPS.name].values():
            texts = (text and text.replace("+00", "+00:00") for text in row)
            told = dict(zip(GAPS.columns, texts, strict=True))
            exchange, symbol = names[told.pop("market_id") or ""]
            told |= {"start_time": told.pop("ts"), "exchange": exchange, "symbol": symbol}
            yield msgspec.convert(told, Gap, strict=False)

    def list_crashes(self) -> int:
        """As ``list_crashes.sql``."""
        dead = [each for each in self.sessions if not (each.alive or each.ended or each.told)]
        last: dict[Stream, datetime] = {}
        for session in dead:
            session.told = True
            for key, (_, until) in session.marks.items():
                last[key] = max(until, last.get(key, until))
        names = self.names()
        before = len(self.rows[GAPS.name])
        for (market_id, stream), until in sorted(last.items()):
            gap = Gap(
                exchange=names[str(market_id)][0],
                symbol=names[str(market_id)][1],
                stream=stream,
                start_time=until,
                cause=GapCause.CRASH,
                detail="the collector died without a stop",
                detected_at=self._now(),
            )
            row = to_row(GAPS, gap, market_id)
            if not self._went_on(dead, (market_id, stream), until):
                self._goes_on(row)
        return len(self.rows[GAPS.name]) - before

    def _goes_on(self, row: Row) -> None:
        """A gap that ended where the crash began is open again."""
        known = self.rows[GAPS.name].get(_key(GAPS.name, row), row)
        columns = zip(GAPS.columns, known, strict=True)
        self.rows[GAPS.name][_key(GAPS.name, row)] = tuple(
            None if name in {"end_time", "repaired_at", "rows_recovered"} else value
            for name, value in columns
        )

    def _went_on(self, dead: Sequence[Session], stream: Stream, until: datetime) -> bool:
        """Whether another session saw that moment and what came after."""
        seen = (each.marks.get(stream) for each in self.sessions if each not in dead)
        return any(marks and marks[0] <= until < marks[1] for marks in seen)

    def begun(self) -> dict[Stream, datetime]:
        """Since when each stream is covered."""
        first: dict[Stream, datetime] = {}
        for session in self.sessions:
            for stream, (begun, _) in session.marks.items():
                first[stream] = min(begun, first.get(stream, begun))
        return first

    def pauses(self, stream: Stream) -> list[tuple[datetime, datetime, datetime]]:
        """Of each stop as it should be: the stream's last word before, the stop itself (by the
        collector's clock), and the next beginning.
        """
        begun = [session.marks.get(stream, (END, END))[0] for session in self.sessions]
        return [
            (
                session.marks.get(stream, (END, session.started))[1],
                session.stopped,
                min(begun[number + 1 :], default=END),
            )
            for number, session in enumerate(self.sessions)
            if session.ended
        ]

    def dump(self) -> bytes:
        """All that is stored, in the order of the keys."""
        lines: list[object] = [sorted((*name, number) for name, number in self.markets.items())]
        for name, table in self.rows.items():
            lines += [(name, *row) for _, row in sorted(table.items(), key=repr)]
        lines += [sorted(session.marks.items()) for session in self.sessions]
        return b"\n".join(map(msgspec.json.encode, lines))

    def digest(self) -> str:
        return sha256(self.dump()).hexdigest()


def _key(name: str, row: Row) -> Key:
    return tuple(row[place] for place in PLACES[name])


def _learnt(known: Row, row: Row) -> Row:
    """What is known is never unlearnt; an end only moves on."""
    columns = zip(GAPS.columns, known, row, strict=True)
    told = [old if new is None or name not in LEARNT else new for name, old, new in columns]
    place = GAPS.columns.index("end_time")
    told[place] = max(known[place] or "", row[place] or "") or None
    return tuple(told)


def _contradicts(known: Row, row: Row) -> bool:
    """Null contradicts nothing; the last column says when it was received."""
    pairs = zip(known[:-1], row[:-1], strict=True)
    return any(old is not None and new is not None and old != new for old, new in pairs)


def column(data_set: DataSet, row: Row, name: str) -> str:
    return row[data_set.columns.index(name)] or ""


def time_of(data_set: DataSet, row: Row) -> datetime:
    return datetime.fromisoformat(column(data_set, row, "ts"))
