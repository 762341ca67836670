"""Repairs are tried again, in order, and end with what they say of the gap."""

import asyncio
from datetime import timedelta

import pytest
from tests.ingest.repair.test_trades import cut, stored

from perps_stats.core.errors import DatabaseError
from perps_stats.core.spans import Span
from perps_stats.core.stored import Query
from perps_stats.core.times import to_us
from perps_stats.core.types import Gap
from perps_stats.database.repository import PostgresRepository
from perps_stats.ingest.outside import Outside
from perps_stats.ingest.repair.repair import Repair
from perps_stats.settings import NetworkSettings

from .wounded import NOW, Wounded, span_before_now, wounded

AT_ONCE = (0.0, 0.0, 0.0)
SOON_SECONDS = NetworkSettings().read_seconds / 2
"""A request that nobody answers is waited for twice as long."""
AROUND, HOLE = span_before_now((30, 0)), span_before_now((20, 8))
TRADES = "/fapi/v1/trades"


def another(here: Wounded) -> Repair:
    """As after a new start, with less patience."""
    outside = Outside(now_us=lambda: to_us(NOW))
    return Repair(here.client, here.repository, outside, here.repair._admit, AT_ONCE)


async def row_once(here: Wounded, repair: Repair, said: str) -> Gap:
    """The row of the one gap, once the repair has said so of it."""
    working = asyncio.create_task(repair.run())
    try:
        async with asyncio.timeout(60):
            while True:
                (row,) = await here.repository.get_gaps(Query())
                if row.repaired_at is not None or said in (row.detail or ""):
                    return row
                await asyncio.sleep(0.05)
    finally:
        working.cancel()


async def test_what_fails_is_tried_again(repository: PostgresRepository) -> None:
    """The exchange was away for a while: then all is as if it had not been."""
    async with wounded(
        repository, "binance", f"http500:{TRADES}:1", f"truncated:{TRADES}:2"
    ) as here:
        truth, span = await cut(here, AROUND, HOLE)
        await repository.store_gap(here.gap("trades", span))
        row = await row_once(here, another(here), "repaired")
        assert sorted(truth) == await stored(repository)
        assert (row.repaired_at, row.detail) == (NOW, "closed by peer")
        assert here.venue.counters.requests[TRADES] == 3


async def test_what_fails_too_often_is_left_until_the_next_start(
    repository: PostgresRepository,
) -> None:
    """The gap says why; a new start tries again, and the note goes with the reason for it."""
    faults = [f"http500:{TRADES}:{number}" for number in range(1, 5)]
    async with wounded(repository, "binance", *faults) as here:
        _, span = await cut(here, AROUND, HOLE)
        await repository.store_gap(here.gap("trades", span))
        left = await row_once(here, another(here), "not repaired")
        assert (left.repaired_at, left.rows_recovered) == (None, None)
        assert str(left.detail).startswith("closed by peer; not repaired: binance: http://")
        assert here.venue.counters.requests[TRADES] == 4
        row = await row_once(here, another(here), "repaired at last")
        assert (row.repaired_at, row.detail) == (NOW, "closed by peer")


async def test_trades_come_first(repository: PostgresRepository) -> None:
    """They are gone soonest; of each stream the gap that ended first."""
    async with wounded(repository, "binance") as here:
        for stream, end in (("funding", 9), ("klines", 8), ("trades", 3), ("trades", 5)):
            await repository.store_gap(here.gap(stream, span_before_now((end + 1, end))))
        await repository.store_gap(here.gap("orderbook", span_before_now((10, 4))))
        old = span_before_now((90_000, 86_401))
        await repository.store_gap(here.gap("trades", old))
        found = [(each.gap.stream, each.gap.end_time) for each in await here.repair.listed()]
        ends = {end: NOW - timedelta(seconds=end) for end in (3, 5, 8, 9)}
        expected = [("trades", ends[5]), ("trades", ends[3]), ("klines", ends[8])]
        assert found == [*expected, ("funding", ends[9])]


async def test_the_end_of_collecting_is_the_end_of_repairing(
    repository: PostgresRepository,
) -> None:
    """At once, whatever is waited for; the gap is as it was."""
    async with wounded(repository, "binance", f"hang:{TRADES}:1") as here:
        _, span = await cut(here, AROUND, HOLE)
        gap = here.gap("trades", span)
        await repository.store_gap(gap)
        working = asyncio.create_task(here.repair.run())
        async with asyncio.timeout(60):
            while not here.venue.counters.requests[TRADES]:
                await asyncio.sleep(0.05)
        working.cancel()
        async with asyncio.timeout(SOON_SECONDS):
            await asyncio.gather(working, return_exceptions=True)
        assert await repository.get_gaps(Query()) == [gap]


async def test_live_data_is_not_repaired_from_a_simulator(repository: PostgresRepository) -> None:
    """Nor the other way round: nothing is kept."""
    async with wounded(repository, "binance") as here:
        _, span = await cut(here, AROUND, HOLE)
        before = await stored(repository)
        await repository.store_gap(here.gap("trades", span))
        await repository.link.fetch("update exchanges set simulated = false")
        (closed,) = await here.repair.listed()
        with pytest.raises(DatabaseError, match="simulated"):
            await here.repair.repair(closed)
        assert await stored(repository) == before


async def test_a_market_that_is_not_known_any_more_ends_nothing(
    repository: PostgresRepository,
) -> None:
    """Its gap was stored under a name that the market has given up."""
    async with wounded(repository, "binance") as here:
        await repository.store_gap(here.gap("trades", Span(*span_before_now((10, 5)))))
        (closed,) = await here.repair.listed()
        await repository.link.fetch("update markets set symbol = 'BTC-OLD'")
        verdict = await here.repair.repair(closed)
        assert (verdict.rows, verdict.note) == (0, "not repaired: the market has another name now")
