"""Filling back the past of several exchanges at once, each within its own budget."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

import structlog
from msgspec import Struct

from perps_stats.core.catalogue import FUNDING_RATES, KLINES, OPEN_INTEREST, TRADES
from perps_stats.core.errors import DatabaseError, ExchangeError, UnknownMarket
from perps_stats.core.figures import IntervalChange
from perps_stats.core.spans import Span
from perps_stats.core.times import rfc3339
from perps_stats.core.traits import Repository
from perps_stats.core.types import Market, MarketStatus
from perps_stats.exchanges.contract import Exchange
from perps_stats.feed.client import ExchangeClient
from perps_stats.ingest.backfill.candles import KlinePast
from perps_stats.ingest.backfill.filling import Filler, Outcome, Watch
from perps_stats.ingest.backfill.interests import InterestPast
from perps_stats.ingest.backfill.patience import Patience, once_more
from perps_stats.ingest.backfill.planning import Job, Planner
from perps_stats.ingest.backfill.prints import TradePast
from perps_stats.ingest.backfill.series import Past, Series
from perps_stats.ingest.backfill.settlements import FundingPast
from perps_stats.net.http import HttpSender

log = structlog.get_logger()
SERIES_AT_ONCE = 8
"""Of one exchange: so many requests are under way at most."""


class Origin(Struct, frozen=True):
    """An exchange as its history is asked for."""

    client: ExchangeClient
    sender: HttpSender

    @property
    def exchange(self) -> Exchange:
        return self.client.exchange


class Wish(Struct, frozen=True, kw_only=True):
    """``symbols`` empty: all that trade. ``force``: also what was answered before."""

    symbols: Sequence[str]
    data: Sequence[str]
    intervals: Sequence[str]
    span: Span
    force: bool = False


class Note(Struct, frozen=True):
    """What is wanted and an exchange does not have: no fault."""

    exchange: str
    text: str


class Failure(Struct, frozen=True):
    """What could not even be planned: a market of an exchange, or without a symbol all of it."""

    exchange: str
    symbol: str
    error: ExchangeError


class Plan(Struct):
    simulated: list[str] = []
    """The exchanges whose data is simulated."""
    jobs: list[Job] = []
    notes: list[Note] = []
    failures: list[Failure] = []


class Backfill:
    """``now`` tells the time in UTC."""

    def __init__(
        self,
        origins: Sequence[Origin],
        repository: Repository,
        *,
        now: Callable[[], datetime],
        watch: Watch | None = None,
        patience: Patience | None = None,
        series_at_once: int = SERIES_AT_ONCE,
    ) -> None:
        self._origins = {origin.exchange.name: origin for origin in origins}
        self._repository = repository
        self._now = now
        self._watch = watch or Watch()
        self._patience = patience or Patience()
        self._series_at_once = series_at_once

    async def plan(self, wish: Wish) -> Plan:
        """Raises ``ExchangeError`` where no exchange can be asked, or nobody lists a symbol."""
        plan = Plan()
        unlisted: list[UnknownMarket] = []
        origins = self._origins.values()
        await asyncio.gather(*(self._plan(each, wish, plan, unlisted) for each in origins))
        order = list(self._origins)
        plan.jobs.sort(key=lambda job: order.index(job.series.exchange))
        whole = [failure for failure in plan.failures if not failure.symbol]
        if whole and len(whole) == len(origins):
            raise whole[0].error
        for symbol in wish.symbols:
            nowhere = [each for each in unlisted if each.symbol == symbol]
            if len(nowhere) == len(origins):
                raise nowhere[0]
        plan.notes += [Note(each.exchange, str(each)) for each in unlisted]
        return plan

    async def run(self, plan: Plan) -> list[Outcome]:
        """In the order of the plan. Raises ``DatabaseError``; what is done by then is kept."""
        gates = {name: asyncio.Semaphore(self._series_at_once) for name in self._origins}
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._fill(job, gates)) for job in plan.jobs]
        except ExceptionGroup as errors:
            known, _ = errors.split(DatabaseError)
            raise known.exceptions[0] if known else errors from errors
        return [task.result() for task in tasks]

    async def _fill(self, job: Job, gates: dict[str, asyncio.Semaphore]) -> Outcome:
        series = job.series
        client = self._origins[series.exchange].client
        patience, watch = self._patience, self._watch
        filler = Filler(client, self._repository, watch=watch, patience=patience, now=self._now)
        async with gates[series.exchange]:
            if stored := [series.filled(span) for span in job.stored]:
                await once_more(lambda: self._repository.write({}, filled=stored))
            outcome = await filler.fill(series, job.spans)
            if series.past.data_set == FUNDING_RATES.name:
                outcome.changes = await self._interval_changes(job)
        return outcome

    async def _interval_changes(self, job: Job) -> list[IntervalChange]:
        market = job.series.market
        asked = [self._repository.get_interval_changes(market, span) for span in job.spans]
        changes = [change for found in await asyncio.gather(*asked) for change in found]
        for change in changes:
            hours = {"before": f"{change.before:f}", "after": f"{change.after:f}"}
            names = {"exchange": change.exchange, "symbol": change.symbol}
            log.warning(
                "funding interval changed", **names, **hours, since=rfc3339(change.timestamp)
            )
        return changes

    async def _plan(
        self, origin: Origin, wish: Wish, plan: Plan, unlisted: list[UnknownMarket]
    ) -> None:
        name = origin.exchange.name
        pasts, missing = pasts_of(origin.exchange, wish, self._repository)
        plan.notes += [Note(name, f"does not offer {what}") for what in missing]
        if not pasts:
            return
        waits = partial(self._watch.on_wait, name)
        try:
            markets = await self._patience.at_first().keep_asking(origin.client.get_markets, waits)
        except ExchangeError as error:
            plan.failures.append(Failure(name, "", error))
            return
        wanted = await _wanted(origin.client, markets, wish.symbols, unlisted)
        simulated = origin.sender.simulated is True
        plan.simulated += [name] if simulated else []
        ids = await once_more(lambda: self._repository.store_markets(wanted, simulated=simulated))
        planner = Planner(
            origin.client,
            self._repository,
            patience=self._patience,
            waits=waits,
            now=self._now,
            force=wish.force,
        )
        gate = asyncio.Semaphore(self._series_at_once)
        families = [
            [Series(market=each, market_id=ids[each.native], past=past) for past in pasts]
            for each in wanted
        ]
        planned = (self._plan_market(planner, some, wish.span, gate) for some in families)
        for found in await asyncio.gather(*planned):
            if isinstance(found, Failure):
                plan.failures.append(found)
            else:
                plan.jobs += found

    async def _plan_market(
        self, planner: Planner, some: Sequence[Series], span: Span, gate: asyncio.Semaphore
    ) -> list[Job] | Failure:
        market = some[0].market
        async with gate:
            try:
                return await planner.plan(some, span)
            except ExchangeError as error:
                return Failure(market.exchange, market.symbol, error)
            finally:
                self._watch.on_planned(market.exchange)


def pasts_of(
    exchange: Exchange, wish: Wish, repository: Repository
) -> tuple[list[Past], list[str]]:
    """What the exchange offers of what is wanted, and the names of what it does not."""
    pasts: list[Past] = []
    missing: list[str] = []
    for data_set in wish.data:
        if data_set == KLINES.name and exchange.klines is not None:
            offered = [each for each in wish.intervals if each in exchange.intervals]
            pasts += [KlinePast(exchange, interval) for interval in offered]
            missing += [f"{each} candles" for each in wish.intervals if each not in offered]
        elif data_set == FUNDING_RATES.name and exchange.funding_history is not None:
            pasts.append(FundingPast(exchange))
        elif data_set == OPEN_INTEREST.name and exchange.interest_history is not None:
            pasts.append(InterestPast(exchange))
        elif data_set == TRADES.name and exchange.aggregated_trades is not None:
            pasts.append(TradePast(exchange, repository))
        else:
            missing.append(f"the history of {data_set.replace('_', ' ')}")
    return pasts, missing


async def _wanted(
    client: ExchangeClient,
    listed: Sequence[Market],
    symbols: Sequence[str],
    unlisted: list[UnknownMarket],
) -> list[Market]:
    if not symbols:
        return [market for market in listed if market.status is MarketStatus.TRADING]
    found: dict[str, Market] = {}
    for symbol in symbols:
        try:
            market = await client.get_market(symbol)
            found[market.native] = market
        except UnknownMarket as error:
            unlisted.append(error)
    return list(found.values())
