"""Everything that is wanted, once, exactly: what is stored is the simulated truth by checksum."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from perps_stats.core.errors import UnknownMarket
from perps_stats.core.spans import Span
from perps_stats.core.times import from_ms, to_ms
from perps_stats.core.types import Market
from perps_stats.database.repository import PostgresRepository
from perps_stats.ingest.backfill.filling import Outcome
from perps_stats.sim.facts import Span as Milliseconds
from perps_stats.sim.truths import checksum, interests

from .harness import (
    Past,
    past,
    stored_candles,
    stored_settlements,
    true_candles,
    true_settlements,
    wish,
)

VENUES = ("binance", "kucoin", "lighter", "paradex", "aster")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def assert_true(past: Past, market: Market, span: Span, intervals: tuple[str, ...]) -> None:
    """Candles by checksum, settlements one by one."""
    for interval in intervals:
        stored = await stored_candles(past, market, interval, span)
        truth = list(true_candles(past, market, interval, span))
        assert len(stored) == len(truth), (market.exchange, market.symbol, interval)
        assert checksum(stored) == checksum(truth), (market.exchange, market.symbol, interval)
    assert await stored_settlements(past, market, span) == true_settlements(past, market, span)


def markets_of(outcomes: list[Outcome]) -> list[Market]:
    return list({outcome.series.market_id: outcome.series.market for outcome in outcomes}.values())


async def test_what_is_stored_is_the_truth(repository: PostgresRepository) -> None:
    """Of five exchanges; as many requests as the plan said; a second run asks for nothing."""
    wanted = wish(2.5)
    async with past(repository, VENUES) as history:
        plan = await history.backfill.plan(wanted)
        before = history.requests()
        outcomes = await history.backfill.run(plan)
        for market in markets_of(outcomes):
            await assert_true(history, market, wanted.span, ("1m",))
        predicted = {
            name: sum(job.cost().requests or 0 for job in plan.jobs if job.series.exchange == name)
            for name in VENUES
        }
        after = history.requests()
        assert {name: after[name] - before[name] for name in VENUES} == predicted
        assert all(not outcome.missing for outcome in outcomes)
        again = await history.backfill.run(await history.backfill.plan(wanted))
        assert sum(outcome.pages for outcome in again) == 0
        assert history.requests() == after


async def test_only_what_is_missing_is_asked_for(repository: PostgresRepository) -> None:
    """Of a longer span the rest alone; candles that a stream has stored are not fetched."""
    short, long = wish(1, "klines", symbols=["BTC"]), wish(2, "klines", symbols=["BTC"])
    async with past(repository, ["binance"]) as history:
        await history.backfill.run(await history.backfill.plan(short))
        [job] = (await history.backfill.plan(long)).jobs
        assert job.spans == [Span(long.span.start, short.span.start)]
        assert (job.cost().rows, job.cost().requests) == (1440, 2)
        market = job.series.market
        await repository.link.fetch("update backfill_progress set covered = '{}'")
        hole = Span(short.span.start + HOUR, short.span.start + 2 * HOUR)
        await repository.link.fetch("delete from klines where ts >= $1 and ts < $2", *hole)
        [job] = (await history.backfill.plan(short)).jobs
        assert job.spans == [hole]
        [outcome] = await history.backfill.run(await history.backfill.plan(short))
        assert outcome.written.new == 60
        await assert_candles(history, market, short.span)
        assert (await history.backfill.plan(short)).jobs[0].spans == []


async def assert_candles(past: Past, market: Market, span: Span) -> None:
    stored = await stored_candles(past, market, "1m", span)
    assert checksum(stored) == checksum(true_candles(past, market, "1m", span))


async def test_force_asks_again(repository: PostgresRepository) -> None:
    """Every row was there already; a stored row that says otherwise is counted, and stays."""
    wanted = wish(0.5, "klines", symbols=["BTC"])
    async with past(repository, ["kucoin"]) as history:
        await history.backfill.run(await history.backfill.plan(wanted))
        await repository.link.fetch("update klines set close = 1 where ts = $1", wanted.span.start)
        forced = wish(0.5, "klines", symbols=["BTC"], force=True)
        [outcome] = await history.backfill.run(await history.backfill.plan(forced))
        written = outcome.written
        assert (written.new, written.known, written.contradicting) == (0, 719, 1)


@pytest.mark.parametrize("venue", ["binance", "paradex"])
async def test_what_was_not_listed_is_not_asked_for(
    repository: PostgresRepository, venue: str
) -> None:
    """HYPE was listed on 2025-05-30 at 14:30: history begins in that hour, found by halving."""
    listed = from_ms(1_748_615_400_000)
    wanted = wish(600, symbols=["HYPE"], intervals=("1h",))
    async with past(repository, [venue], symbols=["HYPE"]) as history:
        plan = await history.backfill.plan(wanted)
        candles, funding = plan.jobs
        assert candles.spans[0].start == listed - timedelta(minutes=30)
        assert funding.spans[0].start == candles.spans[0].start
        searched = history.requests()[venue]
        assert searched <= 12
        await history.backfill.run(plan)
        market = candles.series.market
        await assert_true(history, market, wanted.span, ("1h",))
        await history.backfill.plan(wish(600, symbols=["HYPE"], intervals=("1d",)))
        found = await repository.get_progress([candles.series.market_id])
        assert {each.earliest for each in found} == {candles.spans[0].start}


async def test_a_market_that_ended_keeps_its_past(repository: PostgresRepository) -> None:
    """BTCST settled on 2025-10-15 at 8 h: nothing of 2026 is no reason not to ask for 2025."""
    settled = datetime(2025, 10, 15, 8, tzinfo=UTC)
    late = wish(20, "klines", symbols=["BTCSTUSDT"], intervals=("1h",))
    early = Span(settled - 3 * DAY, settled + 3 * DAY)
    async with past(repository, ["binance"]) as history:
        [job] = (await history.backfill.plan(late)).jobs
        assert job.spans == []
        [known] = await repository.get_progress([job.series.market_id])
        assert known.earliest is None
        wanted = wish(20, "klines", symbols=["BTCSTUSDT"], intervals=("1h",), span=early)
        [outcome] = await history.backfill.run(await history.backfill.plan(wanted))
        stored = await stored_candles(history, outcome.series.market, "1h", early)
        truth = list(true_candles(history, outcome.series.market, "1h", early))
        assert (len(stored), checksum(stored)) == (3 * 24, checksum(truth))


async def test_hours_without_trades_are_empty_and_asked_for_once(
    repository: PostgresRepository,
) -> None:
    """YFI trades in some minutes of some hours: the rest is remembered as answered."""
    wanted = wish(3, "klines", symbols=["YFI"])
    async with past(repository, ["kucoin", "binance"], symbols=["YFI"]) as history:
        outcomes = await history.backfill.run(await history.backfill.plan(wanted))
        assert all(not outcome.missing for outcome in outcomes)
        for outcome in outcomes:
            await assert_candles(history, outcome.series.market, wanted.span)
        absent = {outcome.series.exchange: outcome.absent > 0 for outcome in outcomes}
        assert absent == {"kucoin": True, "binance": False}
        count = history.requests()
        await history.backfill.run(await history.backfill.plan(wanted))
        assert history.requests() == count


async def test_a_changed_funding_interval_is_an_event(repository: PostgresRepository) -> None:
    """DOGE settled every eight hours until 2025-07-10, then every four."""
    changed = from_ms(1_752_105_600_000)
    wanted = wish(
        1, "funding_rates", symbols=["DOGE"], span=Span(changed - 5 * DAY, changed + 5 * DAY)
    )
    async with past(repository, ["binance"], symbols=["DOGE"]) as history:
        [outcome] = await history.backfill.run(await history.backfill.plan(wanted))
        [change] = outcome.changes
        assert (change.before, change.after) == (Decimal(8), Decimal(4))
        assert changed <= change.timestamp <= changed + 5 * HOUR
        truth = true_settlements(history, outcome.series.market, wanted.span)
        assert await stored_settlements(history, outcome.series.market, wanted.span) == truth


async def test_the_candle_that_runs_is_not_kept(repository: PostgresRepository) -> None:
    """Up to now: the last stored candle is the last that is over."""
    async with past(repository, VENUES) as history:
        now = history.backfill._now()
        wanted = wish(1, "klines", symbols=["BTC"], span=Span(now - HOUR, now))
        outcomes = await history.backfill.run(await history.backfill.plan(wanted))
        minute = now.replace(second=0)
        for outcome in outcomes:
            rows = await stored_candles(history, outcome.series.market, "1m", Span(now - HOUR, now))
            assert rows[-1][0] == to_ms(minute - timedelta(minutes=1)), outcome.series.exchange
            assert len(rows) == 59


async def test_trades_as_the_exchange_lists_them(repository: PostgresRepository) -> None:
    """Each once, whatever the pages; the span is half-open."""
    end = wish(1).span.end
    wanted = wish(1, "trades", symbols=["BTC"], span=Span(end - timedelta(minutes=20), end))
    async with past(repository, ["binance"]) as history:
        [outcome] = await history.backfill.run(await history.backfill.plan(wanted))
        assert outcome.missing == []
        market = outcome.series.market
        rows = await repository.link.fetch("select id, ts from trades order by ts, id")
        source = history.simulator.venues["binance"].source(market.native)
        bounds = Milliseconds(to_ms(wanted.span.start), to_ms(wanted.span.end) - 1, 1_000_000)
        truth = {(f"a{fact.id}", fact.time) for fact in source.aggregates(bounds, None)}
        assert {(row["id"], to_ms(row["ts"])) for row in rows} == truth
        assert len(rows) == len(truth) > 2000
        again = await history.backfill.plan(wanted)
        assert again.jobs[0].spans == []


async def test_a_symbol_that_nobody_lists_is_an_error(repository: PostgresRepository) -> None:
    """Where one exchange lists it, the others are a note."""
    async with past(repository, ["binance", "kucoin"]) as history:
        with pytest.raises(UnknownMarket, match="FOO"):
            await history.backfill.plan(wish(1, symbols=["FOO"]))
        plan = await history.backfill.plan(wish(1, symbols=["BTCUSDC"]))
        assert {job.series.exchange for job in plan.jobs} == {"binance"}
        assert [note.exchange for note in plan.notes] == ["kucoin"]


async def test_open_interest_for_as_long_as_the_exchange_keeps_it(
    repository: PostgresRepository,
) -> None:
    """Binance has thirty days of it, every five minutes; what is older is not asked for."""
    wanted = wish(60, "open_interest", symbols=["BTC"])
    async with past(repository, ["binance", "kucoin"], symbols=["BTC"]) as history:
        plan = await history.backfill.plan(wanted)
        assert [note.text for note in plan.notes] == ["does not offer the history of open interest"]
        [outcome] = await history.backfill.run(plan)
        assert (outcome.missing, outcome.absent) == ([], 0)
        [span] = plan.jobs[0].spans
        assert plan.jobs[0].cost().requests == outcome.pages == 18
        source = history.simulator.venues["binance"].source(outcome.series.market.native)
        truth = list(interests(source, "5m", to_ms(span.start), to_ms(span.end)))
        rows = await repository.link.fetch(
            "select ts, open_interest, open_value from open_interest order by ts"
        )
        assert [(to_ms(row[0]), row[1]) for row in rows] == [
            (time, Decimal(str(quantity))) for time, quantity, _ in truth
        ]
        for row, (_, _, value) in zip(rows, truth, strict=True):
            assert abs(row[2] - Decimal(str(value))) <= Decimal("0.000000005")
