"""The past of open interest: a row every few minutes, for as long as the exchange keeps them."""

from datetime import datetime, timedelta

from msgspec import Struct

from perps_stats.core.catalogue import OPEN_INTEREST
from perps_stats.core.errors import NotOffered, Unreadable
from perps_stats.core.spans import Span
from perps_stats.core.types import Market, OpenInterest
from perps_stats.database.rows import to_row
from perps_stats.exchanges.contract import Ask, Exchange, Flow
from perps_stats.feed.client import ExchangeClient
from perps_stats.feed.flow import first_ask
from perps_stats.ingest.backfill.series import Page, cut, parts
from perps_stats.ingest.backfill.settlements import holes_by_time


class InterestPast(Struct, frozen=True):
    exchange: Exchange
    interval: str = ""
    data_set: str = OPEN_INTEREST.name

    def whole(self, span: Span, now: datetime) -> Span:
        """What the exchange still has, but not the step that is under way."""
        step = self.exchange.interest_step
        start = max(span.start, now - self.exchange.interest_kept + step)
        return Span(start, max(start, min(span.end, now - 2 * step)))

    def window(self, _market: Market, span: Span) -> Span:
        return cut(span, self._page_length)

    def requests(self, _market: Market, span: Span) -> int:
        return parts(span, self._page_length) * self.exchange.interest_page.requests

    def rows(self, _market: Market, span: Span) -> int:
        return parts(span, self.exchange.interest_step)

    def first_ask(self, market: Market, window: Span) -> Ask:
        return first_ask(self._history(market, window))

    async def page(
        self, client: ExchangeClient, market: Market, market_id: int, window: Span, _now: datetime
    ) -> Page:
        flaws: list[Unreadable] = []
        found = await client.put(self._history(market, window), flaws.append)
        times = [each.timestamp for each in found if each.timestamp is not None]
        holes = holes_by_time(times, window, self.exchange.interest_step)
        return Page(
            rows=[to_row(OPEN_INTEREST, each, market_id) for each in found],
            until=window.end,
            holes=holes,
            doubtful=bool(flaws or holes),
            flaws=len(flaws),
        )

    def _history(self, market: Market, window: Span) -> Flow[list[OpenInterest]]:
        if self.exchange.interest_history is None:
            raise NotOffered("the history of open interest")
        return self.exchange.interest_history(market, window)

    @property
    def _page_length(self) -> timedelta:
        return self.exchange.interest_page.rows * self.exchange.interest_step
