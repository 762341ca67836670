"""The model answers questions about its past and present."""

from decimal import Decimal
from itertools import pairwise

import pytest

from perps_stats.core.intervals import INTERVALS
from perps_stats.sim.candles import MINUTE_MS, minutes_of
from perps_stats.sim.facts import Span
from perps_stats.sim.model.coins import COINS
from perps_stats.sim.model.market import Market
from perps_stats.sim.model.source import ModelSource

from .wire import NOON

NOW = NOON + 34_567
HOUR_MS = 3_600_000


@pytest.fixture(scope="module")
def source() -> ModelSource:
    return ModelSource(Market(7, "BTC", COINS["BTC"], NOW))


@pytest.mark.parametrize("interval", sorted(INTERVALS))
def test_bars_adjoin_and_the_last_is_open(source: ModelSource, interval: str) -> None:
    """Each bar begins where the one before ended; the newest holds the present."""
    bars = source.bars(interval, Span(None, None, 20))
    length = minutes_of(interval) * MINUTE_MS
    assert len(bars) == 20
    assert all(a.close_time + 1 == b.open_time for a, b in pairwise(bars))
    assert bars[-1].open_time <= NOW <= bars[-1].close_time
    assert {bar.close_time + 1 - bar.open_time for bar in bars} == {length}


def test_the_start_and_the_end_bound_the_open_times(source: ModelSource) -> None:
    """Both are inclusive; from a start the oldest come, up to an end the newest."""
    start, end = NOON - 10 * HOUR_MS, NOON - 5 * HOUR_MS
    hours = [NOON - i * HOUR_MS for i in range(10, 4, -1)]

    def opens(start: int | None, end: int | None, limit: int) -> list[int]:
        return [bar.open_time for bar in source.bars("1h", Span(start, end, limit))]

    assert opens(start, end, 100) == hours
    assert opens(start + 1, end - 1, 100) == hours[1:-1]
    assert opens(start, None, 3) == hours[:3]
    assert opens(None, end, 3) == hours[-3:]
    assert opens(NOW + HOUR_MS, None, 3) == []


def test_the_day_is_the_sum_of_its_minutes(source: ModelSource) -> None:
    """24-hour figures are those of the candles from its open time until now."""
    day = source.day()
    bars = source.bars("1m", Span(day.open_time, None, 1500))
    assert len(bars) == 1441
    assert sum(Decimal(bar.volume) for bar in bars) == Decimal(day.volume)
    assert sum(Decimal(bar.turnover) for bar in bars) == Decimal(day.turnover)
    assert sum(bar.trades for bar in bars) == day.trades
    assert max(Decimal(bar.high) for bar in bars) == Decimal(day.high)
    assert (bars[0].open, bars[-1].close) == (day.open, day.last)
    assert (bars[0].first_id, bars[-1].last_id) == (day.first_id, day.last_id)
    assert Decimal(day.change) == Decimal(day.last) - Decimal(day.open)


def test_aggregates_are_found_by_id_and_by_time(source: ModelSource) -> None:
    """The newest, the same from their first id, and the same from their first time."""
    newest = source.aggregates(Span(None, None, 700), None)
    assert [fact.id for fact in newest] == list(range(newest[0].id, newest[0].id + 700))
    assert newest[-1].time <= NOW
    assert source.aggregates(Span(None, None, 700), newest[0].id) == newest
    assert source.aggregates(Span(None, newest[9].time, 5), None)[-1].time == newest[9].time
    window = source.aggregates(Span(newest[3].time, newest[600].time, 1000), None)
    assert window == [f for f in newest if newest[3].time <= f.time <= newest[600].time]


def test_single_trades_are_the_fills_of_the_aggregates(source: ModelSource) -> None:
    """Ids, quantities and prices of the fills add up to each aggregate's."""
    trades = {trade.id: trade for trade in source.trades(1000)}
    checked = 0
    for whole in source.aggregates(Span(None, None, 500), None):
        parts = [trades[i] for i in range(whole.first, whole.last + 1)]
        assert sum(Decimal(part.quantity) for part in parts) == Decimal(whole.quantity)
        assert {(part.price, part.maker_buys) for part in parts} == {
            (whole.price, whole.maker_buys)
        }
        checked += len(parts)
    assert checked > 500


def test_settlements_are_a_little_late_and_stable(source: ModelSource) -> None:
    """Every 8 hours, a few ms after; a window from one's own time includes it, from 1 ms on not."""
    newest = source.settlements(Span(None, None, 10))
    numbers = [fact.time // (8 * HOUR_MS) for fact in newest]
    assert numbers == list(range(numbers[0], numbers[0] + 10))
    assert all(fact.time % (8 * HOUR_MS) < 20 for fact in newest)
    assert newest[-1].time <= NOW
    assert source.settlements(Span(newest[4].time, None, 3)) == newest[4:7]
    assert source.settlements(Span(newest[4].time + 1, newest[6].time, 9)) == newest[5:7]
    assert source.settlements(Span(None, newest[6].time - 1, 2)) == newest[4:6]


def test_a_past_mark_is_the_one_that_settled(source: ModelSource) -> None:
    """At a settlement it is the settlement's own; just before, the rate has nearly arrived."""
    (settled,) = source.settlements(Span(None, None, 1))
    full_hour = settled.time // HOUR_MS * HOUR_MS
    at, before = source.mark_at(full_hour), source.mark_at(full_hour - 1)
    assert at is not None
    assert before is not None
    assert (at.time, at.mark, at.rate) == (full_hour, settled.mark, settled.rate)
    assert abs(Decimal(before.rate) - Decimal(settled.rate)) <= Decimal("0.00000001")
    assert before.next_time == full_hour
    assert source.mark_at(NOW + MINUTE_MS) is None


def test_a_forced_trade_is_forced_in_all_its_fills(source: ModelSource) -> None:
    """One aggregate in 300 and its single trades say so, an insurance fund's never."""
    forced = [one for one in source.aggregates(Span(None, None, 700), None) if one.forced]
    assert [one.id % 300 for one in forced] == [0] * len(forced)
    assert len(forced) in {2, 3}
    fills = {trade.id for trade in source.trades(1000) if trade.forced}
    assert fills == {fill for one in forced for fill in range(one.first, one.last + 1)} & {
        trade.id for trade in source.trades(1000)
    }


def test_old_settlements_have_no_mark(source: ModelSource) -> None:
    """The first ever rows are without a mark price; recent ones have one."""
    first = source.settlements(Span(0, None, 3))
    assert [fact.mark for fact in first] == ["", "", ""]
    assert Decimal(source.settlements(Span(None, None, 1))[0].mark) > 0
    assert first[0].time // 1000 * 1000 == COINS["BTC"].listed + 8 * HOUR_MS
