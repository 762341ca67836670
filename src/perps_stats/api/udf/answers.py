"""The answers of the UDF protocol. Each raises ``BadInput`` and ``DatabaseError``."""

from msgspec import Struct

from perps_stats.api.sources import Sources
from perps_stats.api.udf.asked import (
    HISTORY,
    MOST_FOUND,
    SEARCH,
    SYMBOL,
    USUALLY_FOUND,
    read,
    time,
    whole,
)
from perps_stats.api.udf.bars import MOST_BARS, Bars, NoData, Wanted, history, seconds
from perps_stats.api.udf.resolutions import EVERY, interval_of
from perps_stats.api.udf.symbols import TYPE, Found, SymbolInfo, market_of, search, symbol_info


class Config(Struct, frozen=True, kw_only=True):
    """``DatafeedConfiguration`` of the library. A symbol may have fewer resolutions."""

    supported_resolutions: list[str]
    exchanges: list[dict[str, str]]
    symbols_types: list[dict[str, str]]
    supports_search: bool = True
    supports_group_request: bool = False
    supports_marks: bool = False
    supports_timescale_marks: bool = False
    supports_time: bool = True


class Udf:
    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    async def config(self, query: bytes) -> Config:
        read(query, ())
        stored = (await self._sources.listing.names()).simulated
        return Config(
            supported_resolutions=EVERY.all,
            exchanges=[
                {"value": "", "name": "All exchanges", "desc": ""},
                *(
                    {"value": name, "name": name, "desc": "simulated" if stored[name] else ""}
                    for name in sorted(stored)
                ),
            ],
            symbols_types=[{"name": "Perpetual futures", "value": TYPE}],
        )

    async def symbols(self, query: bytes) -> SymbolInfo:
        return await symbol_info(self._sources, read(query, (SYMBOL,))["symbol"])

    async def search(self, query: bytes) -> list[Found]:
        given = read(query, SEARCH)
        limit = whole("limit", given.get("limit", USUALLY_FOUND), MOST_FOUND)
        text, exchange, kind = (given.get(name, "") for name in ("query", "exchange", "type"))
        return search(await self._sources.listing.names(), text, exchange, kind, limit)

    async def history(self, query: bytes) -> Bars | NoData:
        given = read(query, HISTORY)
        interval = interval_of(given["resolution"])
        begin, count = given.get("from"), given.get("countback")
        span = Wanted(
            None if begin is None else time("from", begin),
            time("to", given["to"]),
            None if count is None else whole("countback", count, MOST_BARS),
        )
        market, _ = await market_of(self._sources, given["symbol"])
        return await history(self._sources.repository, market, interval, span)

    async def time(self, query: bytes) -> int:
        read(query, ())
        return seconds(self._sources.now())
