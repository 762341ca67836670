"""What is to be asked: all that is wanted, was listed, and is neither answered nor stored."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TypeAlias

from msgspec import Struct

from perps_stats.core.catalogue import KLINES, TRADES
from perps_stats.core.intervals import opening
from perps_stats.core.spans import Span, united, without
from perps_stats.core.stored import Progress
from perps_stats.core.traits import Repository
from perps_stats.core.types import Market
from perps_stats.exchanges.contract import Limit, Request
from perps_stats.feed.client import ExchangeClient
from perps_stats.ingest.backfill.beginning import DAY, beginning
from perps_stats.ingest.backfill.patience import Patience, Waits
from perps_stats.ingest.backfill.series import Series

EDGE = timedelta(seconds=1)
"""Where a stream of trades began or ended, it may have brought a part of what happened at once."""
Known: TypeAlias = Mapping[tuple[int, str, str], Progress]


class Cost(Struct, frozen=True):
    """What asking takes: ``weight`` counts against the ``pool`` of the exchange's limits.

    ``requests`` and ``rows`` are ``None`` where only the answers tell.
    """

    requests: int | None
    rows: int | None
    weight: int
    pool: str


class Job(Struct, frozen=True, kw_only=True):
    """The spans to ask for, and those that are stored without having been asked for."""

    series: Series
    limits: Mapping[str, Limit]
    spans: list[Span]
    stored: list[Span]

    def seconds(self) -> float | None:
        """At the exchange's limit, were this series alone."""
        cost = self.cost()
        limit = self.limits.get(cost.pool)
        if cost.requests is None or limit is None:
            return None
        return cost.weight / limit.weight * limit.seconds

    def cost(self) -> Cost:
        """As predicted: what goes wrong is asked for again, and costs more."""
        if not self.spans:
            return Cost(0, 0, 0, "")
        past, market = self.series.past, self.series.market
        ask = past.first_ask(market, past.window(market, self.spans[0]))
        request = ask if isinstance(ask, Request) else ask[0]
        requests = _sum([past.requests(market, span) for span in self.spans])
        rows = _sum([past.rows(market, span) for span in self.spans])
        return Cost(requests, rows, request.weight * (requests or 0), request.pool)


def _sum(counts: Sequence[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


class Planner:
    """Plans the series of one exchange. Where a market begins is looked for once and remembered."""

    def __init__(
        self,
        client: ExchangeClient,
        repository: Repository,
        *,
        patience: Patience,
        waits: Waits,
        now: Callable[[], datetime],
        force: bool,
    ) -> None:
        self._client = client
        self._repository = repository
        self._patience = patience
        self._waits = waits
        self._now = now
        self._force = force

    async def plan(self, some: Sequence[Series], wanted: Span) -> list[Job]:
        """Of one market. Raises ``ExchangeError`` where its beginning cannot be found."""
        market_id = some[0].market_id
        progress = await self._repository.get_progress([market_id])
        known = {(each.market_id, each.data_set, each.interval): each for each in progress}
        await self._note_wanted([series for series in some if series.key not in known], wanted)
        left = [(series, self._unanswered(series, wanted, known)) for series in some]
        earliest = next((each.earliest for each in progress if each.earliest), None)
        if (self._force or earliest is None) and any(
            spans and spans[0].start == self._whole(series, wanted).start for series, spans in left
        ):
            earliest = await self._beginning(some[0].market, wanted)
        if earliest == wanted.end:
            await self._note_empty(some, wanted)
        elif earliest is not None:
            await self._note_earliest(some, known, earliest)
        return [await self._job(series, spans, earliest) for series, spans in left]

    async def _note_wanted(self, some: Sequence[Series], wanted: Span) -> None:
        """What is never answered is a hole that is known, not a series that nobody knows."""
        if some:
            nothing = Span(wanted.start, wanted.start)
            await self._repository.write({}, filled=[series.filled(nothing) for series in some])

    def _whole(self, series: Series, wanted: Span) -> Span:
        return series.past.whole(wanted, self._now())

    def _unanswered(self, series: Series, wanted: Span, known: Known) -> list[Span]:
        answered = known.get(series.key)
        covered = answered.covered if answered and not self._force else []
        return without([self._whole(series, wanted)], covered)

    async def _beginning(self, market: Market, wanted: Span) -> datetime | None:
        find = partial(beginning, self._client, market, wanted)
        return await self._patience.keep_asking(find, self._waits)

    async def _note_earliest(
        self, some: Sequence[Series], known: Known, earliest: datetime
    ) -> None:
        news = [
            series.key[1:]
            for series in some
            if series.key not in known or known[series.key].earliest != earliest
        ]
        if news:
            await self._repository.store_earliest(some[0].market_id, news, earliest)

    async def _note_empty(self, some: Sequence[Series], wanted: Span) -> None:
        """There is nothing in what is wanted: that says nothing of what lies before, where a market
        that ended has all it had.
        """
        over = self._now() - DAY
        empty = [
            series.filled(Span(whole.start, min(whole.end, over)))
            for series in some
            if (whole := self._whole(series, wanted)).start < over
        ]
        await self._repository.write({}, filled=empty)

    async def _job(self, series: Series, spans: list[Span], earliest: datetime | None) -> Job:
        past = series.past
        if earliest is not None and spans:
            begins = opening(earliest, past.interval) if past.interval else earliest
            spans = without(spans, [Span(spans[0].start, begins)])
        stored = [] if self._force else await self._stored(series, spans)
        limits = self._client.exchange.rest.limits
        left = without(spans, stored)
        return Job(series=series, limits=limits, spans=left, stored=stored)

    async def _stored(self, series: Series, spans: Sequence[Span]) -> list[Span]:
        """What streams have collected: candles without a hole, trades that are vouched for."""
        found: list[Span] = []
        for span in spans:
            if series.past.data_set == KLINES.name:
                interval = series.past.interval
                found += await self._repository.get_stored_candles(series.market_id, interval, span)
            elif series.past.data_set == TRADES.name:
                vouched = await self._repository.get_vouched(series.market_id, TRADES.name, span)
                found += united(Span(each.start + EDGE, each.end - EDGE) for each in vouched)
        return found
