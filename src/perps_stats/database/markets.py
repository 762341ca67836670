"""Exchanges and markets, and the numbers by which fact tables know them."""

from collections.abc import Sequence

import asyncpg
import msgspec
from msgspec import structs

from perps_stats.core.errors import DatabaseError
from perps_stats.core.types import Market
from perps_stats.database.failures import RowRefused
from perps_stats.database.link import Borrowed, Link
from perps_stats.database.statements import statement

FIELDS = tuple(field.name for field in structs.fields(Market))


class Markets:
    """Remembers the numbers it has learnt; they never change."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._ids: dict[tuple[str, str], int] = {}

    async def store(self, markets: Sequence[Market], *, simulated: bool) -> dict[str, int]:
        exchanges = sorted({market.exchange for market in markets})
        _require_distinct(markets)
        listed = msgspec.json.encode(markets).decode()
        async with self._link.borrow() as connection, connection.transaction():
            await self._store_exchanges(connection, exchanges, simulated=simulated)
            await connection.execute(statement("free_symbols"), listed)
            await connection.execute(statement("store_markets"), listed)
            rows = await connection.fetch(statement("market_ids"), exchanges)
        wanted = {(market.exchange, market.native) for market in markets}
        ids = {row["native"]: row["market_id"] for row in rows if (row[0], row[2]) in wanted}
        self._ids.update({(row["exchange"], row["symbol"]): row["market_id"] for row in rows})
        return ids

    async def get(self, exchange: str | None, symbol: str | None) -> list[Market]:
        return to_markets(await self._link.fetch(statement("markets"), exchange, symbol))

    async def id_of(self, exchange: str, symbol: str) -> int:
        """Raises ``RowRefused`` for a market that was never stored."""
        if (exchange, symbol) not in self._ids:
            rows = await self._link.fetch(statement("market_ids"), [exchange])
            self._ids.update({(exchange, row["symbol"]): row["market_id"] for row in rows})
        try:
            return self._ids[exchange, symbol]
        except KeyError:
            raise RowRefused(f"{exchange}: no market {symbol!r} was ever stored") from None

    def forget(self) -> None:
        self._ids.clear()

    async def _store_exchanges(
        self, connection: Borrowed, exchanges: Sequence[str], *, simulated: bool
    ) -> None:
        await connection.execute(statement("note_exchanges"), exchanges, simulated)
        for row in await connection.fetch(statement("exchanges"), exchanges):
            if row["simulated"] != simulated:
                holds, comes = ("simulated", "live") if row["simulated"] else ("live", "simulated")
                raise DatabaseError(
                    f"{row['name']}: {self._link.target} holds {holds} data and this is {comes}; "
                    "the two are never mixed: set PERPS_STATS__DATABASE__DIR or DATABASE_URL to "
                    "another database"
                )


def to_markets(rows: Sequence[asyncpg.Record]) -> list[Market]:
    """Of ``markets.sql``."""
    found = [{field: row[field] for field in FIELDS} for row in rows]
    return msgspec.convert(found, list[Market])


def _require_distinct(markets: Sequence[Market]) -> None:
    natives: dict[tuple[str, str], str] = {}
    for market in markets:
        name = (market.exchange, market.symbol)
        other = natives.setdefault(name, market.native)
        if not market.exchange or not market.symbol or other != market.native:
            raise DatabaseError(
                f"{market.exchange or 'no exchange'}: {other} and {market.native} cannot both be "
                f"kept under the symbol {market.symbol!r}"
            )
