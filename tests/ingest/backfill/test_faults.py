"""An exchange that fails: what is stored is true, and what is not is listed to the minute."""

from datetime import timedelta

import pytest

from perps_stats.core.figures import Hole
from perps_stats.core.spans import Span
from perps_stats.core.stored import Query
from perps_stats.core.times import from_ms
from perps_stats.core.types import Market
from perps_stats.database.repository import PostgresRepository
from perps_stats.ingest.backfill.filling import Outcome
from perps_stats.sim.truths import Row, checksum

from .harness import (
    Past,
    past,
    stored_candles,
    stored_settlements,
    true_candles,
    true_settlements,
    wish,
)

MINUTE = timedelta(minutes=1)
VENUES = ("binance", "kucoin", "lighter", "paradex")
ONCE = (
    *("empty", "cutoff", "shuffled", "doubled", "wrongrow", "wrongtype", "negativeprice"),
    *("truncated", "html", "http500", "reset"),
)
REFUSED = ("429:klines:2:1", "418:klines:2:1")
SEEDS = (1, 2, 3)


@pytest.mark.parametrize("fault", [*(f"{kind}:klines:2" for kind in ONCE), *REFUSED])
async def test_a_fault_that_passes_leaves_no_trace(
    repository: PostgresRepository, fault: str
) -> None:
    """The page is asked for again, and all is there."""
    wanted = wish(2, "klines", symbols=["BTC"])
    async with past(repository, ["binance"], fault, symbols=["BTC"]) as history:
        [outcome] = await history.backfill.run(await history.backfill.plan(wanted))
        assert history.simulator.venues["binance"].counters.faults.total() == 1
        assert (outcome.missing, outcome.written.contradicting) == ([], 0)
        await assert_complete(history, outcome.series.market, wanted.span)


async def assert_complete(history: Past, market: Market, span: Span) -> None:
    stored = await stored_candles(history, market, "1m", span)
    assert checksum(stored) == checksum(true_candles(history, market, "1m", span))


async def test_a_row_that_stays_unreadable_is_the_one_that_is_missing(
    repository: PostgresRepository,
) -> None:
    """Its minute is listed with the reason, is no part of what was answered, and comes later."""
    wanted = wish(1, "klines", symbols=["BTC"])
    faults = [f"wrongrow:klines:{number}" for number in range(2, 7)]
    async with past(repository, ["binance"], *faults, symbols=["BTC"]) as history:
        [outcome] = await history.backfill.run(await history.backfill.plan(wanted))
        [missing] = outcome.missing
        assert missing.span.length == MINUTE
        assert missing.reason == "1 rows cannot be read"
        [series] = await history.repository.get_progress([outcome.series.market_id])
        assert series.covered == [
            Span(wanted.span.start, missing.span.start),
            Span(missing.span.end, wanted.span.end),
        ]
        [again] = await history.backfill.run(await history.backfill.plan(wanted))
        assert (again.written.new, again.missing) == (1, [])
        await assert_complete(history, outcome.series.market, wanted.span)


async def test_a_page_that_stays_away_does_not_stop_the_others(
    repository: PostgresRepository,
) -> None:
    """One page is never readable: it alone is missing."""
    wanted = wish(3, "klines", symbols=["BTC"])
    faults = [f"html:klines:{number}" for number in range(3, 11)]
    async with past(repository, ["binance"], *faults, symbols=["BTC"]) as history:
        [outcome] = await history.backfill.run(await history.backfill.plan(wanted))
        [missing] = outcome.missing
        start = wanted.span.start + 999 * MINUTE
        assert missing.span == Span(start, start + 999 * MINUTE)
        assert "HTML" in missing.reason


async def test_an_exchange_that_falls_silent_is_missing_from_there_on(
    repository: PostgresRepository,
) -> None:
    """What was answered before stays; the rest is listed with the reason."""
    wanted = wish(3, "klines", symbols=["BTC"])
    faults = [f"reset:klines:{number}" for number in range(3, 60)]
    async with past(repository, ["binance"], *faults, symbols=["BTC"]) as history:
        [outcome] = await history.backfill.run(await history.backfill.plan(wanted))
        [missing] = outcome.missing
        assert missing.span == Span(wanted.span.start + 999 * MINUTE, wanted.span.end)
        assert "does not answer" in missing.reason


async def test_what_was_never_answered_is_a_hole(repository: PostgresRepository) -> None:
    """An exchange that says nothing at all: `coverage` shows all that was wanted as missing."""
    wanted = wish(1, symbols=["BTC"])
    faults = [f"reset:klines:{number}" for number in range(1, 80)]
    async with past(repository, ["binance"], *faults, symbols=["BTC"]) as history:
        plan = await history.backfill.plan(wanted)
        assert [(each.symbol, "does not answer" in str(each.error)) for each in plan.failures] == [
            ("BTC", True)
        ]
        span = wanted.span
        held = await repository.get_coverage(Query(start=span.start, end=span.end), ["klines"])
        assert [(each.interval, each.rows, each.missing) for each in held] == [("1m", 0, 1440)]
        assert held[0].holes == [Hole(start=span.start, end=span.end, answered=False)]


@pytest.mark.parametrize("seed", SEEDS)
async def test_random_faults_never_leave_a_hole_that_is_not_listed(
    repository: PostgresRepository, seed: int
) -> None:
    """A fifth of all answers is spoiled: what is stored is true, the rest is told; once the
    exchanges are well the same command completes it.
    """
    wanted = wish(1)
    async with past(repository, VENUES, f"random:{seed}:20") as history:
        outcomes = await history.backfill.run(await history.backfill.plan(wanted))
        played = [venue.counters.faults.total() for venue in history.simulator.venues.values()]
        assert sum(played) > 0
        for outcome in outcomes:
            await assert_told(history, outcome, wanted.span)
    async with past(repository, VENUES) as history:
        outcomes = await history.backfill.run(await history.backfill.plan(wanted))
        for outcome in outcomes:
            market = outcome.series.market
            await assert_complete(history, market, wanted.span)
            settled = await stored_settlements(history, market, wanted.span)
            assert settled == true_settlements(history, market, wanted.span)


async def assert_told(history: Past, outcome: Outcome, span: Span) -> None:
    """Every true row is stored as it is, or listed as missing, and then `coverage` shows it."""
    market, series = outcome.series.market, outcome.series
    if series.past.data_set == "klines":
        stored: list[Row] = await stored_candles(history, market, "1m", span)
        truth = list(true_candles(history, market, "1m", span))
    else:
        stored = list(await stored_settlements(history, market, span))
        truth = list(true_settlements(history, market, span))
    times = {row[0] for row in stored}
    absent = [row for row in truth if row[0] not in times]
    told = [each.span for each in outcome.missing]
    assert [row for row in absent if not is_in(row, told)] == [], series.name
    assert checksum(stored) == checksum(row for row in truth if row[0] in times)
    held = await history.repository.get_coverage(
        Query(exchange=market.exchange, symbol=market.symbol, start=span.start, end=span.end),
        [series.past.data_set],
    )
    holes = [Span(hole.start, hole.end) for each in held for hole in each.holes or []]
    assert [row for row in absent if not is_in(row, holes)] == [], series.name


def is_in(row: Row, spans: list[Span]) -> bool:
    time = from_ms(int(str(row[0])))
    return any(span.start <= time < span.end for span in spans)
