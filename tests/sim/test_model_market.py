"""A market that trades: its book and its prints agree."""

import pytest

from perps_stats.sim.candles import MINUTE_MS
from perps_stats.sim.model.book import Touch
from perps_stats.sim.model.coins import COINS
from perps_stats.sim.model.history import Print, joined
from perps_stats.sim.model.market import STEP_MS, Market, Step

from .wire import NOON

STEPS = 800


def market(coin: str = "BTC", seed: int = 7) -> Market:
    return Market(seed, coin, COINS[coin], NOON)


@pytest.mark.parametrize("coin", ["BTC", "SOL", "PEPE"])
def test_the_book_is_deep_and_never_crossed(coin: str) -> None:
    """After every step bids lie below asks and a side has more than 1000 levels."""
    live = market(coin)
    for i in range(STEPS):
        live.advance(NOON + i * STEP_MS)
        bids, asks = live.book.bids, live.book.asks
        assert max(bids.levels) == bids.best < asks.best == min(asks.levels)
        assert all((*bids.levels.values(), *asks.levels.values()))
    assert min(len(bids.levels), len(asks.levels)) > 1000


def test_a_thousand_levels_of_btc_reach_less_than_100_bps() -> None:
    """Bands up to 20 bps are full, the one of 100 bps is partly beyond reach."""
    book = market().book
    mid = (book.bids.best + book.asks.best) / 2
    for half in (book.bids, book.asks):
        reach = abs(half.ordered()[999][0] - mid) / mid * 10_000
        assert 20 < reach < 100
        near = [price for price in half.levels if abs(price - mid) <= mid / 10_000]
        assert len(near) > 10


def test_every_print_is_at_the_touch() -> None:
    """The last touch told before a print has the print's price on the side that was taken."""
    live, touch, prints = market("SOL"), None, 0
    for i in range(STEPS):
        for event in live.advance(NOON + i * STEP_MS).events:
            if isinstance(event, Touch):
                touch = event
            elif touch is not None:
                prints += 1
                taken, quantity = (
                    (touch.ask, touch.ask_lots) if event.taker_buys else (touch.bid, touch.bid_lots)
                )
                assert event.price == taken
                assert event.quantity < quantity
    assert prints > 30


def test_the_diffs_make_the_book() -> None:
    """Setting each step's changed levels on the first book gives the last; ids only grow."""
    live = market("ETH")
    sides = (live.book.bids, live.book.asks)
    replica = [dict(half.levels) for half in sides]
    last = live.book.id
    for i in range(1, STEPS):
        step = live.advance(NOON + i * STEP_MS)
        assert last < step.first <= step.last
        last = step.last
        for side, half, changed in zip(replica, sides, (step.bids, step.asks), strict=True):
            for price in changed:
                side[price] = half.levels.get(price, 0)
    assert [{p: q for p, q in side.items() if q} for side in replica] == [
        half.levels for half in sides
    ]


def test_a_seed_makes_one_market() -> None:
    """The same seed and steps give the same events and books; another seed others."""

    def played(seed: int) -> tuple[list[Print | Touch], dict[int, int]]:
        live = market("BTC", seed)
        steps = [live.advance(NOON + i * STEP_MS) for i in range(100)]
        return [event for step in steps for event in step.events], live.book.bids.levels

    assert played(7) == played(7)
    assert played(7) != played(8)


def test_live_prints_are_those_of_history() -> None:
    """What is traded step by step, also across a minute's end, is what history says."""
    live = market("SOL")
    seen: list[Print] = []
    closed: list[int] = []
    for i in range(0, 130_000, 700):
        step = live.advance(NOON + i)
        seen += [event for event in step.events if isinstance(event, Print)]
        closed += step.closed
    minute = NOON // MINUTE_MS
    told = [trade for m in range(3) for trade in live.history.prints(minute + m)]
    assert seen == [trade for trade in told if NOON < trade.time <= live.time]
    assert closed == [minute, minute + 1]


def test_the_running_minute_counts_what_has_happened() -> None:
    """A span that holds the present ends with the last print before it."""
    live = market()
    live.advance(NOON + 90_000)
    minute = NOON // MINUTE_MS
    past = live.history.span(minute, minute + 1)
    current = live.prints_of(minute + 1)
    whole = live.span(minute, minute + 5)
    assert past is not None
    assert whole is not None
    assert current[-1].time <= NOON + 90_000
    assert whole.volume == past.volume + sum(trade.quantity for trade in current)
    assert whole.close == live.price == current[-1].price
    assert joined([]) is None


def test_a_gap_in_the_clock_is_caught_up() -> None:
    """After a pause of an hour the market has traded all of it, and the book is sound."""
    live = market("SOL")
    step = live.advance(NOON + 3_600_000)
    prints = [event for event in step.events if isinstance(event, Print)]
    assert len(prints) > 1000
    assert live.book.bids.best < live.book.asks.best
    assert len(step.closed) == 60


def test_while_the_clock_stands_nothing_happens() -> None:
    """The book stays as it is, and nobody is told; nor when the clock goes back."""
    live = market("BTC")
    told: list[Step] = []
    live.listeners.append(told.append)
    live.advance(NOON + STEP_MS)
    before = live.book.id, live.touch
    for time in (NOON + STEP_MS, NOON):
        step = live.advance(time)
        assert (step.events, step.bids, step.asks) == ([], frozenset(), frozenset())
    assert (live.book.id, live.touch) == before
    assert len(told) == 1


def test_a_market_that_rests_lets_time_pass() -> None:
    """Steps go on, so that what is told by the clock is told; nothing in them changes."""
    live = market("BTC")
    live.advance(NOON + STEP_MS)
    before, live.rests = (live.book.id, live.touch), True
    for i in range(2, 60):
        step = live.advance(NOON + i * STEP_MS)
        assert (step.time, step.events, step.bids) == (NOON + i * STEP_MS, [], frozenset())
    assert (live.book.id, live.touch) == before


def test_ids_leap_with_the_next_step() -> None:
    """By so many, ahead or back, once; the step says so."""
    live = market()
    live.advance(NOON + STEP_MS)
    for number, by in enumerate((100_000, -100_000), 2):
        before = live.book.id
        live.leap(by)
        step = live.advance(NOON + number * STEP_MS)
        assert step.leap == by
        assert 0 < step.first - before - by < 50
    assert live.advance(NOON + 9 * STEP_MS).leap == 0


def test_a_phantom_crosses_what_is_told_and_not_the_book() -> None:
    """One step tells of a bid above the best ask; the book has none."""
    live = market()
    live.cross()
    steps = [live.advance(NOON + number * STEP_MS) for number in (1, 2)]
    phantom = steps[0].phantom
    assert phantom is not None
    assert phantom[0] > live.book.asks.best > live.book.bids.best
    assert phantom[0] not in live.book.bids.levels
    assert steps[1].phantom is None
