"""Filling one series: window after window, each kept before the next is asked for.

So a kill at any moment loses one page at most, and what is kept is known to be.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial

from msgspec import Struct

from perps_stats.core.errors import ExchangeError, Unreadable
from perps_stats.core.figures import IntervalChange
from perps_stats.core.spans import Span, without
from perps_stats.core.stored import Written
from perps_stats.core.traits import Repository
from perps_stats.feed.client import ExchangeClient
from perps_stats.ingest.backfill.patience import Patience, once_more
from perps_stats.ingest.backfill.series import Page, Series

TRIES = 4
"""Of a doubtful page: until two answers agree."""


class Missing(Struct, frozen=True):
    """A span that is not filled, and why."""

    span: Span
    reason: str


class Outcome(Struct):
    """What became of a series. ``absent`` counts the stretches where the exchange has nothing."""

    series: Series
    pages: int = 0
    written: Written = Written()
    absent: int = 0
    missing: list[Missing] = []
    changes: list[IntervalChange] = []


class Watch(Struct, frozen=True):
    """Who looks on is told of each market that is planned, each window that is done with, and each
    wait for an exchange.
    """

    on_planned: Callable[[str], None] = lambda _exchange: None
    on_page: Callable[[Series, Span, Written], None] = lambda _series, _span, _written: None
    on_wait: Callable[[str, float, str], None] = lambda _exchange, _seconds, _reason: None


class Filler:
    """``now`` tells the time in UTC."""

    def __init__(
        self,
        client: ExchangeClient,
        repository: Repository,
        *,
        watch: Watch,
        patience: Patience,
        now: Callable[[], datetime],
    ) -> None:
        self._client = client
        self._repository = repository
        self._watch = watch
        self._patience = patience
        self._now = now

    async def fill(self, series: Series, spans: Sequence[Span]) -> Outcome:
        """Raises ``DatabaseError``; what the exchange fails at is in the outcome."""
        outcome = Outcome(series)
        for span in spans:
            await self._fill(series, span, outcome)
        outcome.missing = joined(outcome.missing)
        return outcome

    async def _fill(self, series: Series, span: Span, outcome: Outcome) -> None:
        left = span
        while left.start < left.end:
            window = series.past.window(series.market, left)
            try:
                page = await self._answered(series, window)
            except Unreadable as error:
                outcome.missing.append(Missing(window, str(error)))
                left = Span(window.end, left.end)
                continue
            except ExchangeError as error:
                outcome.missing.append(Missing(left, str(error)))
                return
            await self._keep(series, window, page, outcome)
            if page.until < window.end and not page.more:
                return
            left = Span(page.until, left.end)

    async def _answered(self, series: Series, window: Span) -> Page:
        """Asked again while it is doubtful, until the same is said twice."""
        page = await self._asked(series, window)
        for _ in range(TRIES - 1):
            if not page.doubtful:
                break
            before, page = page, await self._asked(series, window)
            if page.rows == before.rows and page.flaws == before.flaws:
                return page._replace(doubtful=page.flaws > 0)
        return page

    async def _asked(self, series: Series, window: Span) -> Page:
        def ask() -> Awaitable[Page]:
            past, market = series.past, series.market
            return past.page(self._client, market, series.market_id, window, self._now())

        return await self._patience.keep_asking(ask, partial(self._watch.on_wait, series.exchange))

    async def _keep(self, series: Series, window: Span, page: Page, outcome: Outcome) -> None:
        answered = Span(window.start, page.until)
        believed = without([answered], page.holes if page.doubtful else [])
        filled = [series.filled(span) for span in believed]
        rows = {series.past.data_set: page.rows}
        written = await once_more(lambda: self._repository.write(rows, filled=filled))
        outcome.pages += 1
        outcome.written += written
        if page.doubtful:
            told = f"{page.flaws} rows cannot be read" if page.flaws else "each answer differs"
            outcome.missing += [Missing(hole, told) for hole in page.holes]
        else:
            outcome.absent += len(page.holes)
        self._watch.on_page(series, answered, written)


def joined(missing: Sequence[Missing]) -> list[Missing]:
    """In order; neighbours with the same reason are one."""
    found: list[Missing] = []
    for each in sorted(missing, key=lambda each: each.span):
        if found and found[-1].reason == each.reason and found[-1].span.end >= each.span.start:
            start, end = found[-1].span.start, max(found[-1].span.end, each.span.end)
            found[-1] = Missing(Span(start, end), each.reason)
        else:
            found.append(each)
    return found
