"""Asks one question of one exchange again and again, on a grid of wall time.

What is asked market by market is spread over the period. What fails for more than some periods is a
gap, from the last answer to the next.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence

import structlog

from perps_stats.core.errors import ExchangeError, Unreachable
from perps_stats.core.times import to_us
from perps_stats.core.types import GapCause
from perps_stats.feed.client import ExchangeClient
from perps_stats.ingest.market import MarketFeed, Sink
from perps_stats.ingest.outside import Outside, steady
from perps_stats.ingest.poll.questions import Question, Told

log = structlog.get_logger()
SECOND_US = 1_000_000
JITTER = 0.05
"""Of the time between two questions: not all that poll ask in the same instant."""
LATE_SECONDS = 1.0
PERIODS = 3
"""Without an answer for so long, nothing can be said."""


class Poll:
    """``feeds`` tells which markets are wanted now. ``counts``: ``asked``, ``failed``, ``rows``;
    ``untimed`` answers without a time, which are not kept; ``late`` questions, of which the last
    one came ``drift_seconds`` after its time; ``skipped`` points of the grid, where a round took
    longer than the period.
    """

    def __init__(
        self,
        question: Question,
        client: ExchangeClient,
        *,
        feeds: Callable[[], Sequence[MarketFeed]],
        sink: Sink,
        outside: Outside,
        period: float,
    ) -> None:
        self.exchange = client.get_name()
        self.data_set = question.data_set
        self.channels = question.channels
        self._question = question
        self._client = client
        self._feeds = feeds
        self._sink = sink
        self._outside = outside
        self._period_us = round(period * SECOND_US)
        self._answered: dict[int, float] = {}
        self._log = log.bind(exchange=self.exchange, data_set=self.data_set)
        self.counts: Counter[str] = Counter()
        self.drift_seconds = 0.0

    async def run(self) -> None:
        """Until it is cancelled, or the exchange is found to tell no times."""
        last = self._outside.now_us() // self._period_us
        while self.counts["rows"] or not self.counts["untimed"]:
            point = max(last + 1, self._outside.now_us() // self._period_us)
            if skipped := point - last - 1:
                self.counts["skipped"] += skipped
                self._log.warning("polls are late", skipped=skipped, drift=self.drift_seconds)
            await self._round(point * self._period_us)
            last = point
        self._log.warning("not kept", reason="the answers bear no time")

    async def _round(self, point_us: int) -> None:
        await self._wait_for(point_us)
        feeds = list(self._feeds())
        parts = [feeds] if self._question.of_all and feeds else [[feed] for feed in feeds]
        spacing = self._period_us / max(len(parts), 1)
        for number, part in enumerate(parts):
            jitter = self._outside.chance.uniform(0, JITTER)
            due_us = point_us + round((number + jitter) * spacing)
            await self._wait_for(due_us)
            self._asks_after(due_us)
            await self._ask(part)

    async def _wait_for(self, due_us: int) -> None:
        await asyncio.sleep(max(due_us - self._outside.now_us(), 0) / SECOND_US)

    def _asks_after(self, due_us: int) -> None:
        self.counts["asked"] += 1
        self.drift_seconds = (self._outside.now_us() - due_us) / SECOND_US
        if self.drift_seconds > LATE_SECONDS:
            self.counts["late"] += 1

    async def _ask(self, feeds: Sequence[MarketFeed]) -> None:
        try:
            told = await self._question.ask(self._client, feeds, self._outside.now)
        except ExchangeError as error:
            self.counts["failed"] += 1
            self._log.debug("poll failed", error=str(error))
            self._failed(feeds, error)
            return
        for feed in feeds:
            self._answered[feed.market_id] = steady()
        for each in told:
            self._keep(each)

    def _keep(self, told: Told) -> None:
        if told.until is None:
            self.counts["untimed"] += 1
            return
        for row in told.rows:
            self._sink.keep(self._question.data_set, row)
        self.counts["rows"] += len(told.rows)
        for channel in self._question.channels:
            told.feed.ledger[channel].vouch(to_us(told.until))

    def _failed(self, feeds: Sequence[MarketFeed], error: ExchangeError) -> None:
        is_away = isinstance(error, Unreachable)
        cause = GapCause.DISCONNECT if is_away else GapCause.EXCHANGE
        longest = PERIODS * self._period_us / SECOND_US
        for feed in feeds:
            since = self._answered.setdefault(feed.market_id, steady())
            if steady() - since < longest:
                continue
            for channel in self._question.channels:
                feed.doubt(channel, cause, str(error), self._outside.now())
