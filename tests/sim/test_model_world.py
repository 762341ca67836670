"""The beat of the markets: how often a book changes and how much is traded."""

import asyncio
from contextlib import suppress

import pytest

from perps_stats.sim.candles import MINUTE_MS
from perps_stats.sim.model.coins import COINS
from perps_stats.sim.model.market import Step
from perps_stats.sim.model.terms import Terms
from perps_stats.sim.model.world import World

from .wire import NOON, Clock


@pytest.mark.parametrize(("rate", "beats"), [(1.0, 20), (10.0, 200), (0.5, 10)])
async def test_a_book_changes_so_many_times_as_often(rate: float, beats: int) -> None:
    """A second has 20 steps, times the rate: here one of ours is ten of theirs."""
    world = World(7, ("BTC",), Clock(NOON, 10.0), rate)
    market = world.market(COINS["BTC"], "", Terms())
    steps: list[Step] = []
    enough = asyncio.Event()

    def listen(step: Step) -> None:
        steps.append(step)
        if len(steps) > beats:
            enough.set()

    market.listeners.append(listen)
    trading = asyncio.create_task(world.trade())
    await enough.wait()
    trading.cancel()
    with suppress(asyncio.CancelledError):
        await trading
    assert steps[-1].time - steps[0].time >= 1000 - 50 / rate


def test_a_lively_market_trades_so_many_times_as_much() -> None:
    """Ten times the prints of a minute and ten times its volume; a quiet one has the usual ones."""
    usual, lively, slow = (
        World(7, ("BTC",), lambda: NOON, rate).market(COINS["BTC"], "", Terms())
        for rate in (1.0, 10.0, 0.1)
    )
    minute = NOON // MINUTE_MS - 30
    few, many = usual.prints_of(minute), lively.prints_of(minute)
    assert slow.prints_of(minute) == few
    assert 9.9 < len(many) / len(few) < 10.1
    volumes = [sum(one.quantity for one in prints) for prints in (few, many)]
    assert 9.9 < volumes[1] / volumes[0] < 10.1


@pytest.mark.parametrize("coin", sorted(COINS))
def test_a_market_as_lively_as_can_be_still_prints_whole_lots(coin: str) -> None:
    """Also where a venue's market is small: every print has at least two lots."""
    world = World(7, (coin,), lambda: NOON, 50.0)
    market = world.market(COINS[coin], "lighter", Terms(smaller=30, prints=60))
    for minute in range(NOON // MINUTE_MS - 400, NOON // MINUTE_MS, 57):
        assert all(one.quantity >= 2 for one in market.history.prints(minute))
