"""What the database holds and costs, and how to make it smaller."""

from collections.abc import Iterable
from datetime import datetime

import asyncpg
from msgspec import Struct

from perps_stats.core.catalogue import DATA_SETS, GAPS
from perps_stats.core.errors import DatabaseError
from perps_stats.database.failures import DatabaseAway
from perps_stats.database.link import Link
from perps_stats.database.statements import statement

COUNTED_BYTES = 256 << 20
"""Up to this size a table is counted; beyond it the planner's guess has to do."""
DROP_TRIES = 5
LEDGER = ("gaps", "coverage", "backfill_progress", "sessions", "markets", "exchanges")


class TableStats(Struct, frozen=True, kw_only=True):
    """``rows`` is exact, ``rows_estimate`` the planner's: one of them is always known."""

    table: str
    rows: int | None
    rows_estimate: int | None
    bytes: int
    bytes_per_row: float | None
    parts: int
    first_ts: datetime | None
    last_ts: datetime | None


class Holding(Struct, frozen=True, kw_only=True):
    """What a table holds of one market."""

    table: str
    exchange: str
    symbol: str
    rows: int | None
    first_ts: datetime
    last_ts: datetime


class DatabaseStats(Struct, frozen=True, kw_only=True):
    bytes: int
    tables: list[TableStats]
    holdings: list[Holding]


class Removed(Struct, frozen=True, kw_only=True):
    """What was, or would be, removed from a table. ``parts`` were dropped whole."""

    table: str
    rows: int
    parts: int = 0
    bytes: int = 0


async def stats(link: Link) -> DatabaseStats:
    tables: list[TableStats] = []
    holdings: list[Holding] = []
    for data_set in DATA_SETS.values():
        size = (await link.fetch(statement("table_size"), data_set.table))[0]
        found = await _holdings(link, data_set.table, counted=is_counted(size))
        tables.append(_table_stats(data_set.table, size, found))
        holdings += found
    total = (await link.fetch(statement("database_size")))[0][0]
    return DatabaseStats(bytes=total, tables=tables, holdings=holdings)


async def clean(link: Link, older_than: datetime, *, dry: bool = False) -> list[Removed]:
    """Remove what lies before ``older_than``. ``dry`` only tells what would be removed."""
    removed = await _remove_parts(link, older_than, dry=dry)
    for data_set in DATA_SETS.values():
        rows = await _remove_rows(link, data_set.table, older_than, dry=dry)
        dropped = removed.get(data_set.table, Removed(table=data_set.table, rows=0))
        removed[data_set.table] = _plus(dropped, rows=rows)
    if not dry:
        async with link.borrow() as connection, connection.transaction():
            for name in ("delete_old_coverage", "shorten_coverage", "shorten_backfill"):
                await connection.execute(statement(name), older_than)
    return list(removed.values())


async def truncate(link: Link, *, dry: bool = False) -> list[Removed]:
    """Remove everything but the schema. Refused while a session is collecting."""
    live = [str(row[0]) for row in await link.fetch(statement("live_sessions"))]
    if live and not dry:
        raise DatabaseError(f"session {', '.join(live)} is collecting: stop it first")
    removed = await _remove_parts(link, None, dry=dry)
    for table in LEDGER:
        rows = await _value(link, statement("count_part").format(part=table))
        removed[table] = Removed(table=table, rows=rows)
    if not dry:
        facts = [data_set.table for data_set in DATA_SETS.values() if data_set is not GAPS]
        async with link.borrow() as connection:
            await connection.execute(
                statement("empty_ledger").format(tables=", ".join([*facts, *LEDGER]))
            )
    return list(removed.values())


async def _holdings(link: Link, table: str, *, counted: bool) -> list[Holding]:
    counts: dict[tuple[str, str], int] = {}
    if counted:
        rows = await link.fetch(statement("count_rows").format(table=table))
        counts = {(row["exchange"], row["symbol"]): row["rows"] for row in rows}
    return [
        Holding(
            table=table,
            exchange=row["exchange"],
            symbol=row["symbol"],
            rows=counts.get((row["exchange"], row["symbol"])),
            first_ts=row["first_ts"],
            last_ts=row["last_ts"],
        )
        for row in await link.fetch(statement("holdings").format(table=table))
    ]


def is_counted(size: asyncpg.Record) -> bool:
    """A table that the planner knows nothing of yet is counted, however large."""
    return size["guess"] is None or size["bytes"] <= COUNTED_BYTES


def _table_stats(table: str, size: asyncpg.Record, found: Iterable[Holding]) -> TableStats:
    held = list(found)
    exact = [one.rows for one in held if one.rows is not None]
    rows = sum(exact) if is_counted(size) else None
    best = rows if rows is not None else size["guess"]
    return TableStats(
        table=table,
        rows=rows,
        rows_estimate=size["guess"],
        bytes=size["bytes"],
        bytes_per_row=size["bytes"] / best if best else None,
        parts=size["parts"],
        first_ts=min((one.first_ts for one in held), default=None),
        last_ts=max((one.last_ts for one in held), default=None),
    )


async def _remove_parts(
    link: Link, older_than: datetime | None, *, dry: bool
) -> dict[str, Removed]:
    removed: dict[str, Removed] = {}
    for row in await link.fetch(statement("old_parts"), older_than):
        rows = await _value(link, statement("count_part").format(part=row["part"]))
        if not dry:
            await _drop(link, row["part"])
        before = removed.get(row["fact"], Removed(table=row["fact"], rows=0))
        removed[row["fact"]] = _plus(before, rows=rows, parts=1, size=row["bytes"])
    return removed


def _plus(before: Removed, *, rows: int, parts: int = 0, size: int = 0) -> Removed:
    return Removed(
        table=before.table,
        rows=before.rows + rows,
        parts=before.parts + parts,
        bytes=before.bytes + size,
    )


async def _drop(link: Link, part: str) -> None:
    """Readers of the table are in the way for a moment: wait briefly, and let them pass."""
    for attempt in range(DROP_TRIES):
        try:
            async with link.borrow() as connection, connection.transaction():
                await connection.execute("set local lock_timeout = '2s'")
                await connection.execute(statement("drop_part").format(part=part))
        except DatabaseAway:
            if attempt == DROP_TRIES - 1:
                raise
        else:
            return


async def _remove_rows(link: Link, table: str, older_than: datetime, *, dry: bool) -> int:
    suffix = "_gaps" if table == GAPS.table else ""
    if dry:
        return await _value(link, statement(f"count_old{suffix}").format(table=table), older_than)
    async with link.borrow() as connection:
        text = statement(f"delete_old{suffix}").format(table=table)
        return int((await connection.execute(text, older_than)).rpartition(" ")[2])


async def _value(link: Link, text: str, *values: object) -> int:
    return int((await link.fetch(text, *values))[0][0])
