"""Rows of a file to the database, chunk by chunk: each is one transaction, and may come again."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from perps_stats.core.catalogue import DataSet, data_set
from perps_stats.core.errors import BadInput, DatabaseError
from perps_stats.core.stored import Row, Written
from perps_stats.core.types import Market
from perps_stats.database.failures import DatabaseAway
from perps_stats.database.files.about import About
from perps_stats.database.files.export import Tell
from perps_stats.database.files.layout import columns_of
from perps_stats.database.files.reading import Chunk, open_about, read_chunks
from perps_stats.database.files.values import to_sql
from perps_stats.database.repository import PostgresRepository

CHUNK_ROWS = 10_000


class Imported(Struct, frozen=True, kw_only=True):
    about: About
    rows: int
    written: Written

    @property
    def missing(self) -> int:
        """How many rows were written to the file and are no longer in it."""
        return self.about.rows - self.rows


async def import_file(
    repository: PostgresRepository, path: Path, form: str, *, tell: Tell
) -> Imported:
    """What was exported is stored; nothing is claimed of what lies between.

    Raises ``BadInput`` that names file, place, column and value, ``DatabaseError``. The chunks
    before the bad one are stored, of that one nothing.
    """
    about = open_about(path, form)
    target = data_set(about.data_set)
    ids = await _market_ids(repository, about)
    rows, written = 0, Written()
    for chunk in read_chunks(path, form, target, CHUNK_ROWS):
        ready = _to_rows(target, chunk, ids, path.name)
        written += await _write(repository, target, ready, chunk, path.name)
        rows += len(ready)
        tell(rows, about.rows)
    return Imported(about=about, rows=rows, written=written)


async def _market_ids(
    repository: PostgresRepository, about: About
) -> dict[tuple[str | None, str | None], str]:
    """By the names of the file. What the database knows of a market is never replaced by what the
    file does; a symbol that is another market's now stays with that one.
    """
    found: dict[tuple[str | None, str | None], str] = {}
    for exchange, simulated in about.simulated.items():
        theirs = [market for market in about.markets if market.exchange == exchange]
        known = {market.native: market for market in await repository.get_markets(exchange)}
        listed = [known.get(market.native) or _newcomer(market, known) for market in theirs]
        ids = await repository.store_markets(listed, simulated=simulated)
        found |= {(exchange, market.symbol): str(ids[market.native]) for market in theirs}
    return found


def _newcomer(market: Market, known: Mapping[str, Market]) -> Market:
    taken = {other.symbol for other in known.values()}
    return replace(market, symbol=market.native) if market.symbol in taken else market


def _to_rows(
    target: DataSet, chunk: Chunk, ids: Mapping[tuple[str | None, str | None], str], name: str
) -> list[Row]:
    def place_of(row: int) -> str:
        return f"{name} {chunk.place_of(row)}"

    exchanges, symbols, *values = zip(*chunk.rows, strict=True)
    pairs = list(zip(exchanges, symbols, strict=True))
    for row, pair in enumerate(pairs):
        if pair not in ids:
            remedy = "the file does not tell of such a market"
            raise BadInput(f"{place_of(row)}, symbol", ":".join(map(str, pair)), remedy)
    columns = [
        to_sql(column, texts, place_of)
        for column, texts in zip(columns_of(target), values, strict=True)
    ]
    return list(zip((ids[pair] for pair in pairs), *columns, strict=True))


async def _write(
    repository: PostgresRepository, target: DataSet, rows: Sequence[Row], chunk: Chunk, name: str
) -> Written:
    try:
        return await repository.write({target.name: rows}, ())
    except DatabaseAway:
        raise
    except DatabaseError as error:
        last = chunk.places[-1]
        raise DatabaseError(f"{name} {chunk.place_of(0)} to {last}: {error}") from error
