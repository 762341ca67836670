"""Missed candles, open interest and settlements are filled back, and the gap says so."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from tests.ingest.backfill.harness import (
    stored_candles,
    stored_settlements,
    true_candles,
    true_settlements,
)

from perps_stats.core.spans import Span
from perps_stats.core.stored import Filled, Query
from perps_stats.core.times import from_ms, to_ms
from perps_stats.database.repository import PostgresRepository
from perps_stats.ingest.repair.pasts import has_full_hour
from perps_stats.ingest.repair.verdict import End
from perps_stats.sim.truths import checksum, interests

from .wounded import NOW, wounded

VENUES = ("binance", "kucoin", "lighter", "paradex", "aster")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LAST = NOW.replace(second=0)
"""The minute that runs."""
ESTIMATES = "not repaired: estimates cannot be had again"


@pytest.mark.parametrize("venue", VENUES)
async def test_missed_candles_are_the_truth(repository: PostgresRepository, venue: str) -> None:
    """Up to the last that is over, half a minute after the gap has closed."""
    async with wounded(repository, venue) as here:
        span = Span(LAST - 5 * MINUTE, LAST)
        row = await here.mended(here.gap("klines", span))
        stored = await stored_candles(here, here.market, "1m", span)
        truth = true_candles(here, here.market, "1m", span)
        assert checksum(stored) == checksum(truth)
        assert (row.repaired_at, row.rows_recovered, row.detail) == (NOW, 5, "closed by peer")


async def test_where_no_candle_was_closed_nothing_is_missing(
    repository: PostgresRepository,
) -> None:
    """The gap began and ended within one candle, of which every frame tells the whole."""
    async with wounded(repository, "binance") as here:
        asked = here.requests()
        row = await here.mended(here.gap("klines", Span(LAST, LAST)))
        assert (row.repaired_at, row.rows_recovered) == (NOW, 0)
        assert here.requests() == asked


async def test_what_a_backfill_has_answered_is_not_asked_for(
    repository: PostgresRepository,
) -> None:
    """The hour's backfill may have been before us."""
    async with wounded(repository, "binance") as here:
        span = Span(LAST - 5 * MINUTE, LAST)
        await repository.write({}, filled=[Filled(here.market_id, "klines", "1m", span)])
        asked = here.requests()
        row = await here.mended(here.gap("klines", span))
        assert (row.repaired_at, row.rows_recovered) == (NOW, 0)
        assert here.requests() == asked


async def test_a_candle_that_nothing_proves_closed_is_waited_for(
    repository: PostgresRepository,
) -> None:
    """YFI is quiet on KuCoin: without a later candle only an hour tells that there is none."""
    async with wounded(repository, "kucoin", symbol="YFI") as here:
        await repository.store_gap(here.gap("klines", Span(LAST - 2 * MINUTE, LAST)))
        (closed,) = await here.repair.listed()
        assert (await here.repair.repair(closed)).end is End.EARLY


@pytest.mark.parametrize("venue", VENUES)
async def test_settlements_are_had_again_and_estimates_are_not(
    repository: PostgresRepository, venue: str
) -> None:
    """So that the gap stays one, and says how many settlements it brought."""
    async with wounded(repository, venue) as here:
        span = Span(NOW - 26 * HOUR, NOW - 2 * HOUR)
        row = await here.mended(here.gap("funding", span, end_time=span.end))
        truth = true_settlements(here, here.market, span)
        assert await stored_settlements(here, here.market, span) == truth
        assert (row.repaired_at, row.rows_recovered) == (None, len(truth))
        assert len(truth) >= 3
        assert str(row.detail).startswith(f"closed by peer; {ESTIMATES}")


async def test_between_settlements_nobody_is_asked(repository: PostgresRepository) -> None:
    """Nothing settles but at full hours: the gap is done with, and its estimates are missing."""
    async with wounded(repository, "binance") as here:
        asked = here.requests()
        row = await here.mended(here.gap("funding", Span(NOW - 50 * MINUTE, NOW - 40 * MINUTE)))
        assert (row.repaired_at, row.rows_recovered) == (None, 0)
        assert here.requests() == asked


async def test_what_was_just_settled_is_waited_for(repository: PostgresRepository) -> None:
    """For an hour: until then the exchange may tell more."""
    async with wounded(repository, "binance") as here:
        await repository.store_gap(here.gap("funding", Span(NOW - 10 * MINUTE, NOW - MINUTE)))
        (closed,) = await here.repair.listed()
        assert (await here.repair.repair(closed)).end is End.EARLY


async def test_open_interest_is_had_at_the_steps_that_are_kept(
    repository: PostgresRepository,
) -> None:
    """Binance keeps it for a month, every five minutes."""
    async with wounded(repository, "binance") as here:
        span = Span(NOW - 3 * HOUR, NOW - HOUR)
        row = await here.mended(here.gap("open_interest", span))
        source = here.venue.source(here.market.native)
        truth = list(interests(source, "5m", to_ms(span.start), to_ms(span.end)))
        rows = await repository.get_open_interest(Query(limit=1000))
        assert [(each.timestamp, each.open_interest) for each in rows] == [
            (from_ms(int(str(time))), Decimal(str(quantity))) for time, quantity, _ in truth
        ]
        assert (row.repaired_at, row.rows_recovered) == (NOW, 24)


@pytest.mark.parametrize("venue", ["kucoin", "lighter", "paradex", "aster"])
async def test_where_none_is_kept_the_gap_stays(repository: PostgresRepository, venue: str) -> None:
    """Of the others no history of open interest can be had."""
    async with wounded(repository, venue) as here:
        row = await here.mended(here.gap("open_interest", Span(NOW - 3 * HOUR, NOW - HOUR)))
        said = "closed by peer; not repaired: the exchange lists no past open interest"
        assert (row.repaired_at, row.rows_recovered, row.detail) == (None, 0, said)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("11:59:59", "12:00:01", True),
        ("12:00:30", "12:30:00", True),  # it may be told a little late
        ("12:01:01", "12:59:59", False),
        ("12:01:01", "13:00:00", False),  # the end is not within
    ],
)
def test_what_has_a_full_hour(start: str, end: str, *, expected: bool) -> None:
    """The hour itself, or the minute after it."""
    times = (datetime.fromisoformat(f"2026-11-20T{each}+00:00") for each in (start, end))
    assert expected is has_full_hour(Span(*times))
