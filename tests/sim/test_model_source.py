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


def source_of(coin: str, now: int) -> ModelSource:
    return ModelSource(Market(7, coin, COINS[coin], now))


def test_a_minute_without_a_trade_repeats_the_price() -> None:
    """YFI at noon: flat candles since 18:57 of the day before; the running one as well."""
    bars = source_of("YFI", NOW).bars("1m", Span(None, None, 17 * 60 + 4))
    busy, quiet = bars[0], bars[1:]
    assert busy.open_time == NOON - (17 * 60 + 3) * MINUTE_MS
    assert busy.trades >= 12
    assert {(bar.open, bar.high, bar.low, bar.close) for bar in quiet} == {(busy.close,) * 4}
    assert {(bar.volume, bar.turnover, bar.trades) for bar in quiet} == {("0.000", "0.000", 0)}
    assert [bar.open_time for bar in quiet] == list(
        range(busy.open_time + MINUTE_MS, NOON + 1, MINUTE_MS)
    )


def test_a_market_that_rests_keeps_its_last_price() -> None:
    """What would have traded did not: candles are flat from then on."""
    source = source_of("BTC", NOW)
    source.market.rests = True
    source.market.advance(NOW + 5 * MINUTE_MS)
    *_, last, one, two = source.bars("1m", Span(None, NOON + 2 * MINUTE_MS, 10))
    assert last.trades
    assert (one.trades, two.trades) == (0, 0)
    assert one.close == two.close == last.close == source.day().last


def test_a_candle_begins_no_earlier_than_its_listing() -> None:
    """HYPE was listed at 14:30: there is no minute before, and the hour begins there."""
    listed, source = 1_748_615_400_000, source_of("HYPE", NOW)
    minutes = source.bars("1m", Span(listed - HOUR_MS, listed + 60_000, 500))
    assert [bar.open_time for bar in minutes] == [listed, listed + MINUTE_MS]
    (hour,) = source.bars("1h", Span(listed - 5 * HOUR_MS, listed, 500))
    assert (hour.open_time, hour.open) == (listed - 30 * MINUTE_MS, minutes[0].open)
    assert source.settlements(Span(0, None, 1))[0].time // 1000 * 1000 == 1_748_620_800_000


def test_a_settlement_interval_may_have_changed() -> None:
    """DOGE: every 8 hours until 2025-07-10, every 4 since; running rates lead to the next one."""
    changed, source = 1_752_105_600_000, source_of("DOGE", NOW)
    around = source.settlements(Span(changed - 20 * HOUR_MS, changed + 9 * HOUR_MS, 100))
    hours = [(fact.time - changed) // HOUR_MS for fact in around]
    assert hours == [-16, -8, 0, 4, 8]
    assert source.settlements(Span(None, changed + 9 * HOUR_MS, 4)) == around[1:]
    assert source.settlements(Span(changed - 20 * HOUR_MS, None, 4)) == around[:4]
    for at, following in ((-1, 0), (0, 4), (3, 4), (4, 8)):
        mark = source.mark_at(changed + at * HOUR_MS)
        assert mark is not None
        assert mark.next_time == changed + following * HOUR_MS
    before = source.mark_at(changed - 1)
    assert before is not None
    assert abs(Decimal(before.rate) - Decimal(around[2].rate)) <= Decimal("0.00000001")
