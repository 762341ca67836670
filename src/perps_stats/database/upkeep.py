"""How the database is made smaller."""

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime

from msgspec import Struct

from perps_stats.core.catalogue import DATA_SETS, GAPS, data_set
from perps_stats.core.errors import DatabaseError
from perps_stats.database.facts import size_of
from perps_stats.database.failures import DatabaseAway
from perps_stats.database.link import Link
from perps_stats.database.statements import statement

DROP_TRIES = 5
LEDGER = (
    "gaps",
    "contradictions",
    "coverage",
    "backfill_progress",
    "sessions",
    "markets",
    "exchanges",
)
STREAMS = {
    "orderbook": {"orderbooks", "liquidity", "liquidity_averages", "slippage"},
    "trades": {"trades"},
    "best": {"tickers"},
    "day": {"tickers"},
    "mark": {"tickers"},
    "funding": {"funding_rates"},
    "klines": {"klines"},
    "liquidations": {"liquidations"},
}
"""Which data sets are made of a stream: while one of them is kept, so is what was heard of it."""


class Removed(Struct, frozen=True, kw_only=True):
    """What was, or would be, removed from a table. ``parts`` were dropped whole."""

    table: str
    rows: int
    parts: int = 0
    bytes: int = 0


class Vacuumed(Struct, frozen=True, kw_only=True):
    table: str
    bytes_before: int
    bytes_after: int


async def clean(
    link: Link, older_than: datetime, names: Sequence[str] = (), *, dry: bool = False
) -> list[Removed]:
    """Remove what lies before ``older_than`` of these data sets, or of all. ``dry`` only tells what
    would be removed. Raises ``BadInput`` for a name that is none.

    What is removed no longer counts as held: where it was filled back it may be filled again.
    """
    chosen = [data_set(name) for name in names or DATA_SETS]
    removed = await _remove_parts(link, older_than, {one.table for one in chosen}, dry=dry)
    for one in chosen:
        rows = await _remove_rows(link, one.table, older_than, dry=dry)
        dropped = removed.get(one.table, Removed(table=one.table, rows=0))
        removed[one.table] = _plus(dropped, rows=rows)
    if not dry:
        await shorten_ledger(link, older_than, [one.name for one in chosen])
    return list(removed.values())


async def shorten_ledger(link: Link, older_than: datetime, names: Sequence[str]) -> None:
    """What was removed of these data sets no longer counts as held."""
    every = set(names) == set(DATA_SETS)
    streams = None if every else [name for name, fed in STREAMS.items() if fed <= set(names)]
    async with link.borrow() as connection, connection.transaction():
        for question in ("delete_old_coverage", "shorten_coverage"):
            await connection.execute(statement(question), older_than, streams)
        for question in ("shorten_backfill", "delete_old_contradictions"):
            await connection.execute(statement(question), older_than, names)


async def truncate(link: Link, *, dry: bool = False) -> list[Removed]:
    """Remove everything but the schema. Refused while a session is collecting."""
    live = [str(row[0]) for row in await link.fetch(statement("live_sessions"))]
    if live and not dry:
        raise DatabaseError(f"session {', '.join(live)} is collecting: stop it first")
    facts = {one.table for one in DATA_SETS.values() if one is not GAPS}
    removed = await _remove_parts(link, None, facts, dry=dry)
    for table in LEDGER:
        rows = await _value(link, statement("count_part").format(part=table))
        removed[table] = Removed(table=table, rows=rows)
    if not dry:
        async with link.borrow() as connection:
            await connection.execute(
                statement("empty_ledger").format(tables=", ".join([*sorted(facts), *LEDGER]))
            )
    return list(removed.values())


async def vacuum(link: Link) -> AsyncIterator[Vacuumed]:
    """Table by table: what was deleted becomes room for new rows, and the planner looks again."""
    for (table,) in await link.fetch(statement("own_tables")):
        before = size_of(await link.fetch(statement("parts"), table))
        async with link.borrow() as connection:
            await connection.execute(statement("vacuum").format(table=table))
        after = size_of(await link.fetch(statement("parts"), table))
        yield Vacuumed(table=table, bytes_before=before, bytes_after=after)


async def _remove_parts(
    link: Link, older_than: datetime | None, facts: Collection[str], *, dry: bool
) -> dict[str, Removed]:
    removed: dict[str, Removed] = {}
    for row in await link.fetch(statement("old_parts"), older_than, list(facts)):
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
