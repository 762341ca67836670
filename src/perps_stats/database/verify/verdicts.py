"""What a check says of stored rows, and how it is counted."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

import asyncpg
from msgspec import Struct, field

DERIVED = "derived_"
SHOWN = 10
"""So many differences of each check and exchange are told; all are counted."""
Values: TypeAlias = Mapping[str, object]


class Verdict(Struct, frozen=True, kw_only=True):
    """On ``rows`` rows: not comparable for a ``reason``, or what differs, which may be nothing."""

    what: str
    ts: datetime | None = None
    rows: int = 1
    reason: str | None = None
    stored: Values = {}
    derived: Values = {}
    """The same fields, of the first row that differs."""


class Difference(Struct, frozen=True, kw_only=True):
    """``timestamp``: the exchange's time of the row."""

    check: str
    exchange: str
    symbol: str
    timestamp: datetime | None
    what: str
    field: str
    stored: str | None
    derived: str | None


class Outcome(Struct, kw_only=True):
    """Of a check, on the rows of an exchange. ``not_comparable`` by reason."""

    check: str
    exchange: str
    equal: int = 0
    different: int = 0
    not_comparable: Counter[str] = field(default_factory=Counter[str])
    first: list[Difference] = field(default_factory=list[Difference])

    @property
    def compared(self) -> int:
        return self.equal + self.different

    def count(self, verdict: Verdict, symbol: str) -> None:
        if verdict.reason is not None:
            self.not_comparable[verdict.reason] += verdict.rows
        elif not verdict.stored:
            self.equal += verdict.rows
        else:
            self.different += verdict.rows
            self.first += self._told(verdict, symbol)[: SHOWN - len(self.first)]

    def _told(self, verdict: Verdict, symbol: str) -> list[Difference]:
        return [
            Difference(
                check=self.check,
                exchange=self.exchange,
                symbol=symbol,
                timestamp=verdict.ts,
                what=verdict.what,
                field=name,
                stored=_text(value),
                derived=_text(verdict.derived.get(name)),
            )
            for name, value in verdict.stored.items()
        ]


def compared(what: str, ts: datetime, stored: Values, derived: Values) -> Verdict:
    """Fields that one side does not know are not compared."""
    known = [
        name
        for name, value in stored.items()
        if value is not None and derived.get(name) is not None
    ]
    if not known:
        return Verdict(what=what, ts=ts, reason="nothing of it is known twice")
    wrong = [name for name in known if stored[name] != derived[name]]
    return Verdict(
        what=what,
        ts=ts,
        stored={name: stored[name] for name in wrong},
        derived={name: derived[name] for name in wrong},
    )


def by_fields(row: asyncpg.Record) -> Iterable[Verdict]:
    """Of a row that holds ``x`` beside ``derived_x``."""
    what, ts = row["what"], row["ts"]
    if row["reason"] is not None:
        yield Verdict(what=what, ts=ts, reason=row["reason"])
        return
    derived = {
        name.removeprefix(DERIVED): value for name, value in row.items() if name.startswith(DERIVED)
    }
    yield compared(what, ts, {name: row[name] for name in derived}, derived)


def by_count(row: asyncpg.Record) -> Iterable[Verdict]:
    """Of a row that counts ``rows``, and those among them that are ``wrong``."""
    wrong = row["wrong"]
    yield Verdict(what=row["what"], rows=row["rows"] - wrong)
    if wrong:
        yield Verdict(
            what=row["what"],
            ts=row["ts"],
            rows=wrong,
            stored={"rows": row["stored"]},
            derived={"rows": row["derived"]},
        )


def total(outcomes: Sequence[Outcome]) -> tuple[int, int]:
    """Rows compared, and those that differ."""
    return sum(one.compared for one in outcomes), sum(one.different for one in outcomes)


def _text(value: object) -> str | None:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return None if value is None else str(value)
