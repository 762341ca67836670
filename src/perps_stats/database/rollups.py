"""Hourly figures that are stored as hours end: ``tickers_1h``, ``liquidity_1h``, ``klines_1h``."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from perps_stats.core.catalogue import DataSet
from perps_stats.core.stored import Row
from perps_stats.database.link import Borrowed, Link
from perps_stats.database.statements import statement

LATE = timedelta(minutes=10)
"""How long after its end an hour is stored: until then it is computed when it is asked for."""
LOCK_TIMEOUT = "5s"
ROLLED_UP = frozenset({"klines", "liquidity_depth", "tickers"})
"""The tables that hours are made of."""


class Rollup(Struct, frozen=True):
    """``fact`` is the table it is made of."""

    name: str
    fact: str


async def is_timescale(link: Link) -> bool:
    return bool((await link.fetch(statement("engine")))[0][0] == "timescaledb")


async def rollups(link: Link) -> list[Rollup]:
    return [Rollup(*row) for row in await link.fetch(statement("rollups"))]


async def note_hours(connection: Borrowed, data_set: DataSet, rows: Sequence[Row]) -> None:
    """In the transaction that writes the rows: where their hours are stored, they are anew."""
    if data_set.table not in ROLLED_UP:
        return
    market, time = (data_set.columns.index(name) for name in ("market_id", "ts"))
    hours = {(row[market], (row[time] or "")[:13]) for row in rows}
    market_ids = [market_id for market_id, _ in hours]
    starts = [f"{hour}:00+00" for _, hour in hours]
    await connection.execute(statement("note_hours"), data_set.table, market_ids, starts)


async def roll_up(link: Link, kept: Mapping[str, timedelta | None], *, now: datetime) -> None:
    """Store the hours that are over, and those anew that changed; not where TimescaleDB does it.
    Hours older than the rows of their table are kept stay as they are.
    """
    over = (now - LATE).replace(minute=0, second=0, microsecond=0)
    async with link.borrow() as connection, connection.transaction():
        await connection.execute(f"set local lock_timeout = '{LOCK_TIMEOUT}'")
        await connection.execute(statement("note_late_hours_before"), over)
    for rollup in await rollups(link):
        span = kept.get(rollup.fact)
        since = None if span is None else now - span
        async with link.borrow() as connection:
            while await connection.fetchval(statement("roll_up"), rollup.name, since):
                pass


async def drop_hours(link: Link, before: datetime) -> None:
    """Stored hours that ended before a time are expired; not where TimescaleDB does it."""
    async with link.borrow() as connection:
        for rollup in await rollups(link):
            await connection.execute(statement("drop_hours"), rollup.name, before)


async def forget_hours(link: Link, before: datetime | None, tables: Collection[str]) -> None:
    """The rows of these tables that lie before a time, or all, were removed: so are their hours."""
    timescale = await is_timescale(link)
    for rollup in await rollups(link):
        if rollup.fact not in tables:
            continue
        async with link.borrow() as connection:
            if timescale:
                text = statement("refresh_rollup").format(rollup=rollup.name)
                await connection.execute(text, before)
            else:
                await connection.execute(statement("drop_hours"), rollup.name, before)
