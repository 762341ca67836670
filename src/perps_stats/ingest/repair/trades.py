"""Missed trades, fetched again under the ids that the stream would have told them by.

Some exchanges list the trades of any span; of others only the last ones can be had, which do for a
gap that they reach back over. Binance lists older ones as aggregates: see ``fills``.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from perps_stats.core.catalogue import TRADES
from perps_stats.core.errors import NotOffered, Unreadable
from perps_stats.core.spans import Span, united, without
from perps_stats.core.stored import ClosedGap, Filled
from perps_stats.core.times import from_ms, rfc3339, to_ms
from perps_stats.core.traits import Repository
from perps_stats.core.types import Market, Trade
from perps_stats.database.rows import to_row
from perps_stats.exchanges.contract import Flow
from perps_stats.feed.client import ExchangeClient
from perps_stats.feed.flow import Report
from perps_stats.ingest.backfill.patience import once_more
from perps_stats.ingest.backfill.prints import SETTLING
from perps_stats.ingest.backfill.series import HOUR, cut
from perps_stats.ingest.repair.fills import around, missed_fills
from perps_stats.ingest.repair.verdict import UNREPAIRED, End, Verdict

MILLISECOND = timedelta(milliseconds=1)


class TradeRepair:
    """``now`` tells the time in UTC."""

    def __init__(
        self, client: ExchangeClient, repository: Repository, now: Callable[[], datetime]
    ) -> None:
        self._client = client
        self._repository = repository
        self._now = now

    async def repair(self, closed: ClosedGap, market: Market) -> Verdict:
        """Raises ``ExchangeError``. What was answered before is not asked for again."""
        if closed.gap.missed == 0:
            return Verdict(End.REPAIRED, 0)
        exchange, span = self._client.exchange, whole_milliseconds(closed)
        left = without([span], await self._answered(closed.market_id))
        if not left:
            return await self._done(closed, End.REPAIRED)
        if exchange.trades_between is not None:
            return await self._span(closed, market, Span(left[0].start, left[-1].end))
        if exchange.trades is not None and exchange.newest_trades:
            return await self._newest(closed, market, left)
        return await self._done(closed, End.LOST, "the exchange lists no past trades")

    async def _span(self, closed: ClosedGap, market: Market, asked: Span) -> Verdict:
        left = asked
        while left.start < left.end:
            part = cut(left, HOUR)
            found, flaws = await self._listed(self._between(market, part))
            is_last = part.end == asked.end
            sound = not flaws and (not is_last or self._is_settled(closed, found))
            await self._keep(closed, found, [part] if sound else [])
            if not sound:
                return Verdict(End.LATER, note=_unsound(flaws))
            left = Span(part.end, left.end)
        return await self._done(closed, End.REPAIRED)

    async def _newest(self, closed: ClosedGap, market: Market, left: Sequence[Span]) -> Verdict:
        """Only of what is left: the rest may have been answered by aggregates."""
        asked = Span(left[0].start, left[-1].end)
        found, flaws = await self._listed(self._last(market))
        sound = not flaws and self._is_settled(closed, found)
        since = found[0].timestamp if found else asked.end
        begins = max(asked.start, from_ms(to_ms(since)) + MILLISECOND)
        inside = [
            each for each in found if any(part.start <= each.timestamp < part.end for part in left)
        ]
        await self._keep(closed, inside, united([Span(begins, asked.end)] if sound else []))
        if not sound:
            return Verdict(End.LATER, note=_unsound(flaws))
        if since < asked.start:
            return await self._done(closed, End.REPAIRED)
        if self._client.exchange.fills is not None:
            return await self._aggregated(closed, market, asked)
        reach = f"of the trades the exchange gives the last {len(found)}, from {rfc3339(since)} on"
        return await self._done(closed, End.LOST, reach)

    async def _aggregated(self, closed: ClosedGap, market: Market, asked: Span) -> Verdict:
        known = await around(self._repository, closed, market)
        if known is None:
            return await self._done(closed, End.LOST, "the trades around it are not stored")
        async for missed in missed_fills(self._client, market, known):
            await self._keep(closed, missed, [])
        await self._keep(closed, [], [asked])
        return await self._done(closed, End.REPAIRED, "older ones as aggregates")

    async def _listed(self, flow: Flow[list[Trade]]) -> tuple[list[Trade], int]:
        flaws: list[Unreadable] = []
        report: Report = flaws.append
        return await self._client.put(flow, report), len(flaws)

    def _between(self, market: Market, part: Span) -> Flow[list[Trade]]:
        if self._client.exchange.trades_between is None:
            raise NotOffered("the trades of a span")
        return self._client.exchange.trades_between(market, part)

    def _last(self, market: Market) -> Flow[list[Trade]]:
        exchange = self._client.exchange
        if exchange.trades is None:
            raise NotOffered("recent trades")
        return exchange.trades(market, exchange.newest_trades)

    def _is_settled(self, closed: ClosedGap, found: Sequence[Trade]) -> bool:
        """Whether the answer knows the trade that ended the gap; an older one it is believed to."""
        end = closed.gap.end_time or self._now()
        return self._now() - end >= SETTLING or bool(found and found[-1].timestamp >= end)

    async def _answered(self, market_id: int) -> list[Span]:
        progress = await self._repository.get_progress([market_id])
        return [span for each in progress if each.data_set == TRADES.name for span in each.covered]

    async def _keep(
        self, closed: ClosedGap, trades: Sequence[Trade], answered: Sequence[Span]
    ) -> None:
        rows = {TRADES.name: [to_row(TRADES, each, closed.market_id) for each in trades]}
        filled = [Filled(closed.market_id, TRADES.name, "", span) for span in answered]
        await once_more(lambda: self._repository.write(rows, filled=filled))

    async def _done(self, closed: ClosedGap, end: End, note: str = "") -> Verdict:
        span, missed = whole_milliseconds(closed), closed.gap.missed
        rows = await self._repository.count_recovered(closed.market_id, TRADES.name, "", span)
        differs = missed is not None and missed != rows
        count = f"{missed} numbers were missed, and {rows} trades recovered" if differs else ""
        said = "; ".join(part for part in (note, count) if part)
        return Verdict(end, rows, said if end is End.REPAIRED else UNREPAIRED + said)


def whole_milliseconds(closed: ClosedGap) -> Span:
    """Both ends are of trades that came; others of their milliseconds may not have come."""
    gap = closed.gap
    end = gap.end_time or gap.start_time
    return Span(from_ms(to_ms(gap.start_time)), from_ms(to_ms(end)) + MILLISECOND)


def _unsound(flaws: int) -> str:
    return f"{flaws} rows cannot be read" if flaws else "the exchange does not list its end yet"
