"""The past of funding: what was settled, each with its interval; never an estimate.

The interval is the time since the settlement before, so that of a page with an unreadable row none
is kept: the row after it would seem to have another interval.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from msgspec import Struct

from perps_stats.core.catalogue import FUNDING_RATES
from perps_stats.core.errors import NotOffered, Unreadable
from perps_stats.core.spans import Span, united
from perps_stats.core.types import FundingRate, Market
from perps_stats.database.rows import to_row
from perps_stats.exchanges.contract import Ask, Exchange, Flow
from perps_stats.feed.client import ExchangeClient
from perps_stats.feed.flow import first_ask
from perps_stats.ingest.backfill.series import HOUR, SETTLING, Page, cut, parts

LONGEST = 8 * HOUR
"""Between two settlements, where nobody says."""
LATE = 1.5
"""So many intervals after the last settlement the next one is missing."""


class FundingPast(Struct, frozen=True):
    exchange: Exchange
    interval: str = ""
    data_set: str = FUNDING_RATES.name

    def whole(self, span: Span, now: datetime) -> Span:
        return Span(span.start, max(span.start, min(span.end, now - SETTLING)))

    def window(self, market: Market, span: Span) -> Span:
        return cut(span, self._page_length(market))

    def requests(self, market: Market, span: Span) -> int:
        size = self.exchange.funding_page
        pages = parts(span, self._page_length(market)) * size.requests
        return pages + (self.rows(market, span) if size.row_by_row else 0)

    def rows(self, market: Market, span: Span) -> int:
        return parts(span, usual_interval(market))

    def first_ask(self, market: Market, window: Span) -> Ask:
        return first_ask(self._history(market, window))

    async def page(
        self, client: ExchangeClient, market: Market, market_id: int, window: Span, _now: datetime
    ) -> Page:
        flaws: list[Unreadable] = []
        found = await client.put(self._history(market, window), flaws.append)
        if flaws:
            return Page([], window.end, [window], doubtful=True, flaws=len(flaws))
        holes = holes_in(found, window, usual_interval(market))
        return Page(
            rows=[to_row(FUNDING_RATES, each, market_id) for each in found],
            until=window.end,
            holes=holes,
            doubtful=bool(holes),
        )

    def _history(self, market: Market, window: Span) -> Flow[list[FundingRate]]:
        if self.exchange.funding_history is None:
            raise NotOffered("the history of funding rates")
        return self.exchange.funding_history(market, window, None)

    def _page_length(self, market: Market) -> timedelta:
        """By the market's interval of today: where it was shorter, a page takes more requests."""
        return self.exchange.funding_page.rows * usual_interval(market)


def usual_interval(market: Market) -> timedelta:
    hours = market.funding_interval
    return LONGEST if hours is None else float(hours) * HOUR


def holes_in(found: Sequence[FundingRate], asked: Span, usual: timedelta) -> list[Span]:
    """Where, by the interval of the settlement after, another should have been before it.

    So it is, too, where a single interval is longer than those around it.
    """
    inside = [
        (rate.timestamp, rate.funding_interval)
        for rate in found
        if rate.timestamp is not None and rate.timestamp < asked.end
    ]
    settled = [(asked.start, None), *inside, (asked.end, None)]
    late = [
        Span(before, after)
        for (before, earlier), (after, later) in pairwise(settled)
        if after - before > LATE * (float(later or earlier or 0) * HOUR or usual)
    ]
    return united([*late, *_lone(inside)])


def holes_by_time(times: Sequence[datetime], asked: Span, step: timedelta) -> list[Span]:
    """Where, of rows that come every ``step``, another should have been."""
    edges = [asked.start, *times, asked.end]
    return [
        Span(before, after) for before, after in pairwise(edges) if after - before > LATE * step
    ]


def _lone(settled: Sequence[tuple[datetime, Decimal | None]]) -> Iterator[Span]:
    for before, this, after in zip(settled, settled[1:], settled[2:], strict=False):
        hours, usual = this[1], before[1]
        if hours is not None and usual is not None and hours > usual == after[1]:
            yield Span(before[0], this[0])
