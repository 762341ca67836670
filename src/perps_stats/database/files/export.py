"""Rows of a data set to a file: the server's own COPY, streamed, at one moment of the database."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TypeAlias

import asyncpg
from msgspec import Struct

from perps_stats.core.catalogue import GAPS, KLINES, DataSet
from perps_stats.core.times import rfc3339
from perps_stats.database.failures import failures
from perps_stats.database.files.about import About, beside
from perps_stats.database.files.blocks import Blocks, blocks_to
from perps_stats.database.files.forms import needs_about, require_room, writer_to
from perps_stats.database.files.layout import columns_of, units_in
from perps_stats.database.files.place import placed, writing_to
from perps_stats.database.link import Connection, Link
from perps_stats.database.markets import to_markets
from perps_stats.database.staging import key_columns
from perps_stats.database.statements import statement

Tell: TypeAlias = Callable[[int, int], None]
"""So many rows of so many."""
REACHING = " or coalesce(r.end_time, 'infinity') > $3::text::timestamptz"
"""A gap that began before the span and reaches into it belongs to it."""


class Wanted(Struct, frozen=True, kw_only=True):
    """``None`` does not restrict. ``markets`` by exchange and symbol; ``intervals`` of candles; the
    span is half-open.
    """

    data_set: DataSet
    markets: Sequence[tuple[str, str]] | None = None
    intervals: Sequence[str] | None = None
    start: datetime | None = None
    end: datetime | None = None

    @property
    def span(self) -> tuple[str | None, str | None]:
        return _text(self.start), _text(self.end)


async def export(
    link: Link, wanted: Wanted, path: Path, form: str, *, version: str, tell: Tell
) -> About:
    """Writes ``path``, and beside csv what it is about. Raises ``BadInput`` for more rows than the
    form holds, ``Unwritable``, ``DatabaseError``.
    """
    async with _moment(link) as connection:
        counts = await _counts(connection, wanted)
        about = await _about(connection, wanted, counts, version)
        require_room(path, form, about.rows)

        def tell_rows(rows: int) -> None:
            tell(rows, about.rows)

        with placed(path) as part:
            with writer_to(path, part, form, wanted.data_set, about) as write:
                async with blocks_to(write) as blocks:
                    with failures(link.target):
                        await _copy(connection, wanted, counts, blocks, tell_rows)
            if needs_about(form):
                with placed(beside(path)) as note, writing_to(path):
                    note.write_bytes(about.encoded())
    return about


@asynccontextmanager
async def _moment(link: Link) -> AsyncGenerator[Connection]:
    """All that is asked sees the same rows. A connection of its own: who gives up in the middle of
    a COPY has no better use of it than to hang up.
    """
    connection = await link.connect()
    try:
        with failures(link.target):
            await connection.transaction(isolation="repeatable_read", readonly=True).start()
            yield connection
            await connection.close()
    finally:
        connection.terminate()


async def _counts(connection: Connection, wanted: Wanted) -> list[asyncpg.Record]:
    """The markets that have rows, and how many."""
    exchanges, symbols = None, None
    if wanted.markets is not None:
        exchanges = [exchange for exchange, _ in wanted.markets]
        symbols = [symbol for _, symbol in wanted.markets]
    text = export_statement("count_export", wanted.data_set)
    return await connection.fetch(text, exchanges, symbols, *wanted.span, wanted.intervals)


async def _copy(
    connection: Connection,
    wanted: Wanted,
    counts: Sequence[asyncpg.Record],
    blocks: Blocks,
    tell: Callable[[int], None],
) -> None:
    """Market by market, which the index answers without a sort."""

    async def take(piece: bytes) -> None:
        await blocks.take(piece)
        tell(blocks.rows)

    text = export_statement("export", wanted.data_set)
    for count in counts:
        names = count["exchange"], count["symbol"]
        values = (*names, *wanted.span, wanted.intervals, count["market_id"])
        await connection.copy_from_query(text, *values, output=take, format="csv")


async def _about(
    connection: Connection, wanted: Wanted, counts: Sequence[asyncpg.Record], version: str
) -> About:
    named = {(count["exchange"], count["symbol"]) for count in counts}
    markets = to_markets(await connection.fetch(statement("markets"), None, None))
    exchanges = sorted({exchange for exchange, _ in named})
    known = await connection.fetch(statement("exchanges"), exchanges)
    start, end = wanted.span
    return About(
        data_set=wanted.data_set.name,
        meaning=wanted.data_set.meaning,
        units=units_in(wanted.data_set),
        rows=sum(count["rows"] for count in counts),
        start=start,
        end=end,
        intervals=None if wanted.intervals is None else list(wanted.intervals),
        first=_text(min((count["first_ts"] for count in counts), default=None)),
        last=_text(max((count["last_ts"] for count in counts), default=None)),
        simulated={row["name"]: row["simulated"] for row in known},
        markets=[market for market in markets if (market.exchange, market.symbol) in named],
        version=version,
        written_at=rfc3339(datetime.now(UTC)),
    )


@cache
def export_statement(name: str, data_set: DataSet) -> str:
    return statement(name).format(
        table=data_set.table,
        columns=", ".join(column.selected for column in columns_of(data_set)),
        row_keys=", ".join(f'r."{column}"' for column in key_columns(data_set)[1:]),
        reaching=REACHING if data_set is GAPS else "",
        interval='r."interval"' if data_set is KLINES else "null",
    )


def _text(time: datetime | None) -> str | None:
    return None if time is None else rfc3339(time)
