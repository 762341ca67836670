"""What the backfill can ask for is repaired by it: missed candles, open interest, settled funding.

Of funding the stream tells estimates, which cannot be had again. What was settled in a gap is
fetched, and the gap stays: its estimates are missing.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from perps_stats.core.catalogue import FUNDING_RATES
from perps_stats.core.spans import Span, without
from perps_stats.core.stored import ClosedGap
from perps_stats.core.traits import Repository
from perps_stats.core.types import FundingKind, Market
from perps_stats.exchanges.contract import Exchange
from perps_stats.exchanges.events import Channel
from perps_stats.feed.client import ExchangeClient
from perps_stats.ingest.backfill.candles import KlinePast
from perps_stats.ingest.backfill.filling import Filler, Watch
from perps_stats.ingest.backfill.interests import InterestPast
from perps_stats.ingest.backfill.patience import Patience
from perps_stats.ingest.backfill.series import HOUR, Past, Series
from perps_stats.ingest.backfill.settlements import FundingPast
from perps_stats.ingest.repair.verdict import UNREPAIRED, End, Verdict

ONCE = Patience(unreachable=(), unreadable=(), longest=0)
"""Who repairs has a patience of its own: see ``Repair``."""
WHOLE_HOUR = timedelta(minutes=1)
"""So long after it, at most, is what settles at a full hour told."""
FINAL = 2 * HOUR
"""After so long what can be asked for of a span changes no more."""


class PastRepair:
    """``now`` tells the time in UTC."""

    def __init__(
        self, client: ExchangeClient, repository: Repository, now: Callable[[], datetime]
    ) -> None:
        self._repository = repository
        self._now = now
        self._exchange = client.exchange
        self._filler = Filler(client, repository, watch=Watch(), patience=ONCE, now=now)

    async def repair(self, closed: ClosedGap, market: Market) -> Verdict:
        past = past_of(self._exchange, closed.gap.stream)
        if past is None:
            what = closed.gap.stream.replace("_", " ")
            return Verdict(End.LOST, 0, f"{UNREPAIRED}the exchange lists no past {what}")
        series = Series(market=market, market_id=closed.market_id, past=past)
        if past.data_set == FUNDING_RATES.name:
            return await self._settled(closed, series)
        return await self._fill(closed, series)

    async def _fill(self, closed: ClosedGap, series: Series) -> Verdict:
        now, past, span = self._now(), series.past, _span(closed)
        whole = past.whole(span, now)
        if past.whole(span, now + FINAL).end > whole.end:
            return Verdict(End.EARLY)
        covered = await self._covered(series)
        outcome = await self._filler.fill(series, without([whole], covered))
        if without([whole], await self._covered(series)):
            reasons = [missing.reason for missing in outcome.missing]
            end = End.LATER if reasons else End.EARLY
            return Verdict(end, note="".join(reasons[:1]))
        rows = await self._repository.count_recovered(*series.key[:2], _variant(series), whole)
        if past.whole(span, span.end).start < whole.start:
            return Verdict(End.LOST, rows, f"{UNREPAIRED}the exchange has not kept its beginning")
        return Verdict(End.REPAIRED, rows)

    async def _settled(self, closed: ClosedGap, series: Series) -> Verdict:
        done = Verdict(End.REPAIRED, 0)
        if has_full_hour(_span(closed)):
            done = await self._fill(closed, series)
        if done.end is not End.REPAIRED:
            return done
        note = f"{UNREPAIRED}estimates cannot be had again; of what was settled nothing is missing"
        return Verdict(End.LOST, done.rows, note)

    async def _covered(self, series: Series) -> list[Span]:
        progress = await self._repository.get_progress([series.market_id])
        keys = {(each.market_id, each.data_set, each.interval): each for each in progress}
        return keys[series.key].covered if series.key in keys else []


def past_of(exchange: Exchange, stream: str) -> Past | None:
    """``None`` where the exchange keeps no such history."""
    match Channel(stream):
        case Channel.KLINES if exchange.klines is not None:
            interval = exchange.stream.kline_interval if exchange.stream else "1m"
            return KlinePast(exchange, interval)
        case Channel.FUNDING if exchange.funding_history is not None:
            return FundingPast(exchange)
        case Channel.OPEN_INTEREST if exchange.interest_history is not None:
            return InterestPast(exchange)
        case _:
            return None


def has_full_hour(span: Span) -> bool:
    """Nothing settles but at full hours."""
    hour = (span.start - WHOLE_HOUR).replace(minute=0, second=0, microsecond=0) + HOUR
    return hour < span.end


def _span(closed: ClosedGap) -> Span:
    gap = closed.gap
    return Span(gap.start_time, gap.end_time or gap.start_time)


def _variant(series: Series) -> str:
    settled = series.past.data_set == FUNDING_RATES.name
    return FundingKind.SETTLED.value if settled else series.past.interval
