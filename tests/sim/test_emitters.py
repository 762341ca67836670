"""What happens in a market, as events of a stream."""

from perps_stats.sim.candles import MINUTE_MS
from perps_stats.sim.dialect.emitters import Candles
from perps_stats.sim.model.coins import COINS
from perps_stats.sim.model.market import Market
from perps_stats.sim.model.source import ModelSource

from .wire import NOON

ONE_PM = NOON + 60 * MINUTE_MS
"""When YFI begins to trade, in the first minute of every three."""


def test_candles_without_a_trade_are_told_where_the_exchange_tells_them() -> None:
    """From 12:58 to 13:03: six closed ones, or those of 13:00 and 13:03 alone."""
    told: dict[bool, list[tuple[int, int]]] = {}
    for quiet in (True, False):
        market = Market(7, "YFI", COINS["YFI"], ONE_PM - 2 * MINUTE_MS)
        emitter = Candles(ModelSource(market), "1m", 1000, quiet=quiet)
        events = emitter.on_step(market.advance(ONE_PM + 4 * MINUTE_MS))
        told[quiet] = [
            ((event.bar.open_time - ONE_PM) // MINUTE_MS, event.bar.trades)
            for event in events
            if event.closed
        ]
    assert [minute for minute, _ in told[True]] == [-2, -1, 0, 1, 2, 3]
    assert told[False] == [(minute, trades) for minute, trades in told[True] if trades]
    assert [minute for minute, _ in told[False]] == [0, 3]
