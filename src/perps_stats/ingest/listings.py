"""Which markets of an exchange are wanted, and how that changes: new ones, and ones that ended."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from perps_stats.core.errors import UnknownMarket
from perps_stats.core.types import Market, MarketStatus
from perps_stats.feed.client import ExchangeClient


class News(NamedTuple):
    """``ended`` are native names."""

    new: list[Market]
    ended: list[str]


class Listings:
    """``symbols`` empty: all that trade. ``unknown`` are those that the exchange does not list."""

    def __init__(self, client: ExchangeClient, symbols: Sequence[str]) -> None:
        self._client = client
        self._symbols = symbols
        self._missing: set[str] = set()
        self.unknown: list[UnknownMarket] = []

    async def wanted(self) -> list[Market]:
        """Raises ``UnknownMarket`` where the exchange lists none of the symbols."""
        if not self._symbols:
            return [market for market in await self._client.get_markets() if _trades(market)]
        found: dict[str, Market] = {}
        self.unknown = []
        for symbol in self._symbols:
            try:
                market = await self._client.get_market(symbol)
            except UnknownMarket as error:
                self.unknown.append(error)
            else:
                found[market.native] = market
        if not found:
            raise self.unknown[0]
        return list(found.values())

    async def trading(self) -> set[str]:
        """Symbols of all markets that trade."""
        return {market.symbol for market in await self._client.get_markets() if _trades(market)}

    async def ask_anew(self) -> None:
        await self._client.load()

    async def news(self, collected: Collection[str]) -> News:
        """What has changed for who collects these markets, by native name.

        One that is not listed at all has ended when that is said twice: a list may have a hole.
        """
        await self.ask_anew()
        listed = {market.native: market for market in await self._client.get_markets()}
        missing = {native for native in collected if native not in listed}
        ended = [
            native
            for native in collected
            if native in missing & self._missing
            or (native in listed and not _trades(listed[native]))
        ]
        self._missing = missing
        try:
            wanted = await self.wanted()
        except UnknownMarket:
            wanted = []
        new = [one for one in wanted if _trades(one) and one.native not in collected]
        return News(new, ended)


def _trades(market: Market) -> bool:
    return market.status is MarketStatus.TRADING
