"""Rows that say otherwise than the stored row of the same key: found, kept, told."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog
from msgspec import Struct

from perps_stats.core.catalogue import DataSet
from perps_stats.core.times import rfc3339
from perps_stats.database.link import Borrowed
from perps_stats.database.staging import key_columns, staging_names
from perps_stats.database.statements import statement

log = structlog.get_logger()
LINES = 5
"""So many of a data set are logged in ``LINES_SECONDS``; all are kept and counted."""
LINES_SECONDS = 60.0
OURS = frozenset({"recv_ts", "detected_at", "closed", "aggregated_from"})
"""Columns that state no fact of the exchange: ours, or the same in every row."""


class Contradiction(Struct, frozen=True, kw_only=True):
    """``key``, ``stored`` and ``offered`` are JSON objects: columns beside market and time."""

    exchange: str
    symbol: str
    data_set: str
    ts: datetime
    key: str
    stored: str
    offered: str
    first_seen_at: datetime
    last_seen_at: datetime
    times: int


class Found(Struct, frozen=True):
    """How many rows contradicted, and some of those that did so for the first time."""

    rows: int = 0
    fresh: tuple[Contradiction, ...] = ()


async def keep_contradictions(
    connection: Borrowed, data_set: DataSet, days: Sequence[str]
) -> Found:
    """Of the rows that are staged on this connection and lie in ``days``."""
    text = statement("keep_contradictions").format(**contradiction_names(data_set))
    rows = await connection.fetch(text, min(days), max(days), LINES)
    fields = Contradiction.__struct_fields__
    fresh = (Contradiction(**{name: row[name] for name in fields}) for row in rows if row["is_new"])
    return Found(rows[0]["rows"] if rows else 0, tuple(fresh))


def contradiction_names(data_set: DataSet) -> dict[str, str]:
    """What fills in ``keep_contradictions.sql``."""
    key = key_columns(data_set)
    facts = [name for name in data_set.columns if name not in {*key, *OURS}]
    return {
        **staging_names(data_set),
        "data_set": data_set.name,
        "key_object": _object("r", key[2:]),
        "stored": f"jsonb_strip_nulls({_object('r', facts)})",
        "offered": f"jsonb_strip_nulls({_object('s', facts)})",
        "same_key": " and ".join(f'r."{name}" = s."{name}"' for name in key),
        "differs": " or ".join(f'r."{name}" <> s."{name}"' for name in facts) or "false",
    }


def _object(row: str, columns: Sequence[str]) -> str:
    pairs = ", ".join(f"'{name}', {row}.\"{name}\"" for name in columns)
    return f"jsonb_build_object({pairs})"


class Teller:
    """Logs contradictions, each once and few of many; ``clock`` counts seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since = float("-inf")
        self._lines: Counter[str] = Counter()

    def tell(self, found: Sequence[Found]) -> None:
        if self._clock() - self._since > LINES_SECONDS:
            self._since = self._clock()
            self._lines.clear()
        for one in (contradiction for each in found for contradiction in each.fresh):
            self._lines[one.data_set] += 1
            if self._lines[one.data_set] <= LINES:
                log.warning(
                    "contradiction",
                    data_set=one.data_set,
                    exchange=one.exchange,
                    symbol=one.symbol,
                    time=rfc3339(one.ts),
                    key=one.key,
                    stored=one.stored,
                    offered=one.offered,
                )
