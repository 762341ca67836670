"""What the server tells of a table: its parts, its rows, from when to when it holds each market.

Fast however much it is: what is large is estimated, and says so.
"""

from collections.abc import Iterable, Mapping, Sequence

import asyncpg
from msgspec import Struct

from perps_stats.core.catalogue import KLINES
from perps_stats.database.link import Link
from perps_stats.database.statements import statement

COUNTED_BYTES = 128 << 20
"""Of each table so much is counted; beyond it the planner's guess has to do."""


class Count(Struct, frozen=True):
    """``parts`` are the rows of each part, ``None`` where the table was counted as a whole."""

    rows: int
    exact: bool
    parts: list[int] | None = None


class Facts(Struct, frozen=True):
    """``parts`` as ``parts.sql`` tells them, the newest first; ``spans`` as ``holdings.sql`` does.
    ``contradictions`` are counted by market.
    """

    table: str
    count: Count
    parts: list[asyncpg.Record]
    spans: list[asyncpg.Record]
    contradictions: Mapping[int, int]

    @property
    def bytes(self) -> int:
        return size_of(self.parts)


async def facts(link: Link, table: str, contradictions: Mapping[int, int]) -> Facts:
    parts = await link.fetch(statement("parts"), table)
    spans = await link.fetch(holdings_statement(table))
    return Facts(table, await _count(link, table, parts), parts, spans, contradictions)


def holdings_statement(table: str) -> str:
    """The key of candles does not begin with the time: they have a statement of their own."""
    name = "kline_holdings" if table == KLINES.table else "holdings"
    return statement(name).format(table=table)


async def is_small(link: Link, table: str) -> bool:
    """Whether its rows may be counted while somebody waits."""
    return size_of(await link.fetch(statement("parts"), table)) <= COUNTED_BYTES


def size_of(parts: Iterable[asyncpg.Record]) -> int:
    return sum(part["bytes"] for part in parts)


async def _count(link: Link, table: str, parts: Sequence[asyncpg.Record]) -> Count:
    """Of a large table only parts that changed since the planner looked are counted, the newest
    first, as far as ``COUNTED_BYTES`` goes.
    """
    if size_of(parts) <= COUNTED_BYTES:
        return Count(await _rows(link, table), exact=True)
    left = COUNTED_BYTES
    rows: list[int | None] = []
    for part in parts:
        if part["bytes"] <= left and (part["changed"] or part["guess"] is None):
            left -= part["bytes"]
            rows.append(await _rows(link, part["part"]))
        else:
            rows.append(part["guess"])
    if not any(rows):
        return Count(await _rows(link, table), exact=True)
    counts = filled(rows, [part["bytes"] for part in parts])
    return Count(sum(counts), exact=False, parts=counts)


def filled(rows: Sequence[int | None], sizes: Sequence[int]) -> list[int]:
    """Parts that nobody looked at are as dense as the others."""
    known = [(size, count) for size, count in zip(sizes, rows, strict=True) if count]
    density = sum(count for _, count in known) / (sum(size for size, _ in known) or 1)
    return [
        round(size * density) if count is None else count
        for size, count in zip(sizes, rows, strict=True)
    ]


async def _rows(link: Link, part: str) -> int:
    return int((await link.fetch(statement("count_part").format(part=part)))[0][0])
