"""Filling back history: alone, or each hour beside what is collected."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

import structlog
from msgspec.structs import replace

from perps_stats.app.clients import Asked, open_exchanges
from perps_stats.app.storage import open_storage
from perps_stats.core.catalogue import FUNDING_RATES, KLINES, OPEN_INTEREST, TRADES
from perps_stats.core.errors import BadInput, PerpsError, near_names
from perps_stats.core.intervals import interval_length
from perps_stats.core.spans import Span
from perps_stats.core.times import rfc3339
from perps_stats.core.traits import Repository
from perps_stats.ingest.backfill.backfill import SERIES_AT_ONCE, Backfill, Origin, Plan, Wish
from perps_stats.ingest.backfill.filling import Outcome, Watch
from perps_stats.settings import Settings

log = structlog.get_logger()

DATA = {
    "klines": KLINES.name,
    "funding": FUNDING_RATES.name,
    "trades": TRADES.name,
    "open_interest": OPEN_INTEREST.name,
}
"""What history there is, as the command line names it."""
PATIENCE_SECONDS = 120.0
"""Who fetches history waits longer for a turn than who asks about the present."""


BESIDE = 1
"""How many series of an exchange are filled at once beside collecting."""
HOUR_SECONDS = 3600.0


def backfill_of(
    asked: Iterable[Asked],
    repository: Repository,
    watch: Watch | None = None,
    series_at_once: int = SERIES_AT_ONCE,
) -> Backfill:
    return Backfill(
        [Origin(each.client, each.sender) for each in asked],
        repository,
        now=lambda: datetime.now(UTC),
        watch=watch,
        series_at_once=series_at_once,
    )


@asynccontextmanager
async def open_backfill(
    settings: Settings, exchanges: Sequence[str] | None, watch: Watch
) -> AsyncGenerator[Backfill]:
    """Raises ``BadInput`` for an unknown exchange, ``DatabaseError``."""
    patience = max(settings.network.patience_seconds, PATIENCE_SECONDS)
    network = replace(settings.network, patience_seconds=patience)
    async with (
        open_exchanges(replace(settings, network=network), exchanges) as asked,
        open_storage(settings) as repository,
    ):
        yield backfill_of(asked.values(), repository, watch)


def data_sets_of(names: Iterable[str]) -> list[str]:
    """Raises ``BadInput`` with near names."""
    for name in names:
        if name not in DATA:
            near = near_names(name, list(DATA)) or list(DATA)
            raise BadInput("data", name, f"use {', '.join(near)}")
    return [DATA[name] for name in names]


def intervals_of(names: Sequence[str]) -> list[str]:
    """Shortest first. Raises ``BadInput``."""
    return sorted(names, key=interval_length)


async def keep_filled(
    settings: Settings, asked: Iterable[Asked], repository: Repository, *, until: asyncio.Event
) -> None:
    """The recent past of what is streamed, now and each hour. A failure waits for the next hour."""
    backfill = backfill_of(asked, repository, series_at_once=BESIDE)
    while settings.backfill.enabled and not until.is_set():
        work = asyncio.ensure_future(_fill_recent(settings, backfill))
        told = asyncio.ensure_future(until.wait())
        await asyncio.wait((work, told), return_when=asyncio.FIRST_COMPLETED)
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work
        await asyncio.wait((told,), timeout=HOUR_SECONDS)
        told.cancel()


async def _fill_recent(settings: Settings, backfill: Backfill) -> None:
    now = datetime.now(UTC)
    symbols = settings.stream.symbols
    wish = Wish(
        symbols=() if tuple(symbols) == ("all",) else symbols,
        data=data_sets_of(settings.backfill.data),
        intervals=intervals_of(settings.backfill.intervals),
        span=Span(now - timedelta(days=settings.backfill.days), now),
    )
    try:
        plan = await backfill.plan(wish)
        outcomes = await backfill.run(plan)
    except PerpsError as error:
        log.warning("backfill failed", error=str(error))
    else:
        _tell(plan, outcomes)


def _tell(plan: Plan, outcomes: Sequence[Outcome]) -> None:
    for failure in plan.failures:
        log.warning("cannot be filled back", exchange=failure.exchange, error=str(failure.error))
    for outcome in outcomes:
        series = outcome.series
        for hole in outcome.missing:
            start, end = (rfc3339(time) for time in hole.span)
            told = {"series": series.name, "start": start, "end": end, "reason": hole.reason}
            log.warning("history is missing", exchange=series.exchange, **told)
    rows = sum(outcome.written.new for outcome in outcomes)
    log.info("history filled back", series=len(outcomes), new=rows)
