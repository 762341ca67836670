"""Where answers come from: the repository, the names in use, the exchanges we can read."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

from perps_stats.api.filters import Filters
from perps_stats.api.listings import to_exchange, to_symbol, to_table
from perps_stats.api.names import Choice, Listing
from perps_stats.api.sizes import Sizes
from perps_stats.core.figures import Coverage
from perps_stats.core.ledger import StreamCoverage
from perps_stats.core.listings import ExchangeRecord, SymbolRecord, TableRecord
from perps_stats.core.live import LiveSource
from perps_stats.core.stored import Query
from perps_stats.core.traits import Repository
from perps_stats.core.types import Market
from perps_stats.exchanges import verifiable_streams
from perps_stats.exchanges.contract import Exchange

NO_FEES: Mapping[str, Decimal] = MappingProxyType({})


class Sources:
    """``live`` is what the process knows without the database, ``taker_fees`` what the settings say
    of exchanges.
    """

    def __init__(
        self,
        repository: Repository,
        exchanges: Mapping[str, Exchange],
        now: Callable[[], datetime],
        *,
        live: LiveSource | None = None,
        taker_fees: Mapping[str, Decimal] = NO_FEES,
    ) -> None:
        self.repository = repository
        self.listing = Listing(repository, exchanges)
        self.now = now
        self.live = live
        self.taker_fees = taker_fees
        self.sizes = Sizes(repository)
        self._exchanges = exchanges
        self._verifiable = verifiable_streams(exchanges)

    async def exchanges(self, choice: Choice) -> list[ExchangeRecord]:
        """Those we can read, and those that are stored."""
        names = choice.names
        counts = Counter(market.exchange for market in names.markets)
        return [
            to_exchange(
                name,
                self._exchanges.get(name),
                simulated=names.simulated.get(name),
                markets=counts[name],
            )
            for name in choice.exchanges or sorted({*self._exchanges, *names.simulated})
        ]

    async def symbols(self, choice: Choice) -> list[SymbolRecord]:
        return [to_symbol(market) for market in await self.markets(choice)]

    async def markets(self, choice: Choice) -> list[Market]:
        markets = choice.names.markets
        if choice.markets is None:
            return list(markets)
        chosen = set(choice.markets)
        return [market for market in markets if (market.exchange, market.symbol) in chosen]

    async def coverage(self, choice: Choice, filters: Filters) -> list[Coverage]:
        query = self._span(choice, filters)
        return await self.repository.get_coverage(query, filters.data, filters.intervals)

    async def stream_coverage(self, choice: Choice, filters: Filters) -> list[StreamCoverage]:
        query = self._span(choice, filters)
        return await self.repository.get_stream_coverage(
            query, filters.streams, by=filters.by, verifiable=self._verifiable
        )

    def _span(self, choice: Choice, filters: Filters) -> Query:
        """Until now where nothing is said; of a span that is still to come there is nothing."""
        start, now = filters.start, self.now()
        end = filters.end or (now if start is None else max(now, start))
        return Query(markets=choice.markets, start=start, end=end)

    async def tables(self) -> list[TableRecord]:
        now = self.now()
        return [to_table(table, now) for table in await self.repository.get_stats()]
