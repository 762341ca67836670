"""Missed trades become those that the simulated exchange had, or the gap says why not."""

from datetime import timedelta
from decimal import Decimal

import pytest

from perps_stats.core.catalogue import TRADES
from perps_stats.core.spans import Span
from perps_stats.core.stored import Query
from perps_stats.core.times import from_ms, to_ms
from perps_stats.core.types import Side, Trade
from perps_stats.database.repository import PostgresRepository
from perps_stats.database.rows import to_row
from perps_stats.sim.facts import AggregateFact
from perps_stats.sim.facts import Span as Milliseconds

from .truth import Told, kept, true_trades
from .wounded import NOW, Wounded, span_before_now, wounded

VENUES = ("binance", "kucoin", "lighter", "paradex", "aster")
BY_SPAN = ("paradex", "aster")
ALL = Query(limit=100_000)
MILLISECOND = timedelta(milliseconds=1)


async def stream(here: Wounded, told: list[Told]) -> None:
    """Keep trades as a stream brings them: with the time they were received."""
    trades = [
        Trade(
            exchange=here.market.exchange,
            symbol=here.market.symbol,
            id=name,
            price=price,
            quantity=quantity,
            side=Side(side),
            timestamp=from_ms(time),
            recv_ts=from_ms(time),
        )
        for name, time, price, quantity, side in told
    ]
    rows = [to_row(TRADES, trade, here.market_id) for trade in trades]
    await here.repository.write({TRADES.name: rows})


async def cut(here: Wounded, around: Span, hole: Span) -> tuple[list[Told], Span]:
    """Store the truth of ``around`` but for that of the hole. All of the truth, and the gap's span:
    from the last trade before the hole to the first after it.
    """
    truth = true_trades(here.venue, here.market, around)
    before = [each for each in truth if from_ms(each[1]) < hole.start]
    after = [each for each in truth if from_ms(each[1]) >= hole.end]
    await stream(here, before + after)
    return truth, Span(from_ms(before[-1][1]), from_ms(after[0][1]))


async def stored(repository: PostgresRepository) -> list[Told]:
    return sorted(map(kept, await repository.get_trades(ALL)))


@pytest.mark.parametrize("venue", VENUES)
async def test_a_gap_is_filled_with_what_was_missed(
    repository: PostgresRepository, venue: str
) -> None:
    """Ids, times, prices, quantities and sides are the truth; the gap says when and how many."""
    async with wounded(repository, venue) as here:
        truth, span = await cut(here, span_before_now((30, 0)), span_before_now((20, 8)))
        missed = len(truth) - len(await stored(repository))
        row = await here.mended(here.gap("trades", span))
        assert sorted(truth) == await stored(repository)
        assert missed >= 5
        assert (row.rows_recovered, row.repaired_at, row.detail) == (missed, NOW, "closed by peer")
        assert await here.repair.listed() == []


@pytest.mark.parametrize("venue", ["kucoin", "lighter"])
async def test_what_is_listed_no_more_stays_a_gap(
    repository: PostgresRepository, venue: str
) -> None:
    """Of the last hundred trades those of the gap are kept and counted; the rest is told missing,
    and never asked for again.
    """
    async with wounded(repository, venue) as here:
        truth, span = await cut(here, span_before_now((400, 0)), span_before_now((300, 5)))
        before = len(await stored(repository))
        row = await here.mended(here.gap("trades", span))
        recovered = len(await stored(repository)) - before
        assert (row.repaired_at, row.rows_recovered) == (None, recovered)
        assert 0 < recovered < len(truth) - before
        assert "not repaired: of the trades the exchange gives the last 100, from" in str(
            row.detail
        )
        assert set(await stored(repository)) < set(truth)
        assert await here.repair.listed() == []


@pytest.mark.parametrize("venue", ["kucoin", "lighter"])
async def test_what_is_listed_from_after_the_gap_on_is_lost(
    repository: PostgresRepository, venue: str
) -> None:
    """Of an hour ago nothing can be had: nothing is noted as answered either."""
    async with wounded(repository, venue) as here:
        row = await here.mended(here.gap("trades", span_before_now((3600, 3500))))
        assert (row.repaired_at, row.rows_recovered, await stored(repository)) == (None, 0, [])
        assert [each.covered for each in await repository.get_progress([here.market_id])] == []


@pytest.mark.parametrize("venue", BY_SPAN)
async def test_trades_of_hours_ago_are_had_page_by_page(
    repository: PostgresRepository, venue: str
) -> None:
    """More than a page of them, over more than an hour."""
    hole = span_before_now((3 * 3600, 3600))
    async with wounded(repository, venue) as here:
        around = Span(hole.start - timedelta(minutes=1), hole.end + timedelta(minutes=1))
        truth, span = await cut(here, around, hole)
        missed = len(truth) - len(await stored(repository))
        row = await here.mended(here.gap("trades", span, detail=None))
        assert sorted(truth) == await stored(repository)
        assert (row.rows_recovered, row.detail) == (missed, None)
        assert missed > 4000


async def test_older_trades_of_binance_come_as_aggregates(repository: PostgresRepository) -> None:
    """Hour by hour. What a stream brought of an aggregate is taken off it: volumes are the truth's,
    price by price, and no number is there twice.
    """
    async with wounded(repository, "binance") as here:
        around = span_before_now((4000, 0))
        truth = true_trades(here.venue, here.market, around)
        torn = next(
            fact
            for fact in aggregates(here, around)
            if fact.last > fact.first and fact.time > to_ms(around.start) + 60_000
        )
        before = [each for each in truth if int(each[0]) <= torn.first]
        after = [each for each in truth if from_ms(each[1]) >= NOW - timedelta(seconds=10)]
        await stream(here, before + after)
        span = Span(from_ms(before[-1][1]), from_ms(after[0][1]))
        missed = len(truth) - len(before) - len(after)
        row = await here.mended(here.gap("trades", span, missed=missed))
        rows = await stored(repository)
        assert volumes(rows) == volumes(truth)
        assert (str(torn.last), torn.time) in {(name, time) for name, time, *_ in rows}
        recovered = len(rows) - len(before) - len(after)
        assert (row.repaired_at, row.rows_recovered) == (NOW, recovered)
        assert "older ones as aggregates" in str(row.detail)
        assert 1000 < recovered < missed


def aggregates(here: Wounded, span: Span) -> list[AggregateFact]:
    bounds = Milliseconds(to_ms(span.start), to_ms(span.end), 100_000)
    return here.venue.source(here.market.native).aggregates(bounds, None)


def volumes(rows: list[Told]) -> dict[tuple[Decimal, str], Decimal]:
    sums: dict[tuple[Decimal, str], Decimal] = {}
    for _, _, price, quantity, side in rows:
        sums[price, side] = sums.get((price, side), Decimal(0)) + quantity
    return sums


async def test_a_backfill_does_not_ask_for_it_again(repository: PostgresRepository) -> None:
    """What was repaired is answered, while no stream vouches for it; and the other way round."""
    async with wounded(repository, "binance") as here:
        _, span = await cut(here, span_before_now((30, 0)), span_before_now((20, 8)))
        await here.mended(here.gap("trades", span))
        assert await repository.get_vouched(here.market_id, "trades", span) == []
        (progress,) = await repository.get_progress([here.market_id])
        assert progress.covered == [Span(span.start, span.end + MILLISECOND)]
        await repository.link.fetch("update gaps set repaired_at = null, rows_recovered = null")
        asked = here.requests()
        (closed,) = await here.repair.listed()
        await here.repair.repair(closed)
        assert here.requests() == asked


async def test_where_nothing_was_missed_nobody_is_asked(repository: PostgresRepository) -> None:
    """What was heard last came once more after a reconnect, and all that followed."""
    async with wounded(repository, "lighter") as here:
        asked = here.requests()
        row = await here.mended(here.gap("trades", span_before_now((20, 20)), missed=0))
        assert (row.repaired_at, row.rows_recovered) == (NOW, 0)
        assert here.requests() == asked


async def test_numbers_that_are_no_trades_are_told(repository: PostgresRepository) -> None:
    """The insurance fund takes numbers of the running count."""
    async with wounded(repository, "binance") as here:
        truth, span = await cut(here, span_before_now((30, 0)), span_before_now((20, 8)))
        missed = len(truth) - len(await stored(repository))
        row = await here.mended(here.gap("trades", span, missed=missed + 1))
        said = f"closed by peer; {missed + 1} numbers were missed, and {missed} trades recovered"
        assert (row.detail, row.repaired_at) == (said, NOW)
