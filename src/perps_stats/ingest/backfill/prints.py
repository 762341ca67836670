"""The past of trades: as the exchange lists them, fills of one order at one price as one.

A page ends after so many trades, wherever that is in time. Their ids begin with ``a``, so that they
are told from the single trades of the stream. What a stream vouches for is not asked for; where it
begins and ends, what it has brought of an aggregate is taken off.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from msgspec import Struct

from perps_stats.core.catalogue import TRADES
from perps_stats.core.errors import NotOffered, Unreadable
from perps_stats.core.spans import Span
from perps_stats.core.times import from_ms, to_ms
from perps_stats.core.traits import Repository
from perps_stats.core.types import Market, Trade
from perps_stats.database.rows import to_row
from perps_stats.exchanges.contract import Ask, Exchange, Fills, Flow
from perps_stats.feed.client import ExchangeClient
from perps_stats.feed.flow import first_ask
from perps_stats.ingest.backfill.series import HOUR, Page, cut
from perps_stats.ingest.fills import quantities, rest_of, singles_around

PAGE, MOST = 1000, 1_000_000
SETTLING = timedelta(minutes=1)


class TradePast(Struct, frozen=True):
    exchange: Exchange
    repository: Repository
    interval: str = ""
    data_set: str = TRADES.name

    def whole(self, span: Span, now: datetime) -> Span:
        """In milliseconds, as the exchange counts."""
        end = max(span.start, min(span.end, now - SETTLING))
        return Span(from_ms(to_ms(span.start)), from_ms(to_ms(end)))

    def window(self, _market: Market, span: Span) -> Span:
        return cut(span, HOUR)

    def requests(self, _market: Market, _span: Span) -> None:
        return None

    def rows(self, _market: Market, _span: Span) -> None:
        return None

    def first_ask(self, market: Market, window: Span) -> Ask:
        return first_ask(self._fills(market, window, PAGE))

    async def page(
        self, client: ExchangeClient, market: Market, market_id: int, window: Span, _now: datetime
    ) -> Page:
        """A millisecond that holds more than a page is asked for with more at once."""
        flaws: list[Unreadable] = []
        limit, until = PAGE, window.start
        found: list[Fills] = []
        while until <= window.start and limit <= MOST:
            found = await client.put(self._fills(market, window, limit), flaws.append)
            if len(found) < limit:
                until = window.end
                break
            until = found[-1].trade.timestamp  # of which the next page may hold more
            limit *= 10
        final = [each for each in found if each.trade.timestamp < until]
        kept = await self._unstored(market, Span(window.start, until), final)
        holes = [Span(window.start, until)] if flaws or not final else _jumps(final)
        return Page(
            rows=[to_row(TRADES, each, market_id) for each in kept],
            until=until,
            holes=holes,
            doubtful=bool(holes),
            flaws=len(flaws),
            more=until < window.end,
        )

    def _fills(self, market: Market, window: Span, limit: int) -> Flow[list[Fills]]:
        fills = self.exchange.fills or self._aggregated
        return fills(market, window, limit)

    def _aggregated(self, market: Market, window: Span, limit: int) -> Flow[list[Fills]]:
        """Of an exchange whose stream tells the same aggregates."""
        if self.exchange.aggregated_trades is None:
            raise NotOffered("the history of trades")
        found = yield from self.exchange.aggregated_trades(market, window, limit)
        return [Fills(each, range(0)) for each in found]

    async def _unstored(self, market: Market, span: Span, some: list[Fills]) -> list[Trade]:
        if self.exchange.fills is None:
            return [each.trade for each in some]
        held = quantities(await singles_around(self.repository, market, span))
        rest = (rest_of(each, held) for each in some)
        return [each for each in rest if each is not None]


def _jumps(found: Sequence[Fills]) -> list[Span]:
    """Where the exchange's running number leaves some out."""
    trades = [each.trade for each in found]
    numbers = [(int(each.id.removeprefix("a")), each.timestamp) for each in trades]
    return [
        Span(earlier, later)
        for (before, earlier), (after, later) in pairwise(numbers)
        if after != before + 1
    ]
