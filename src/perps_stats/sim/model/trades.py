"""Single trades out of the model's prints: how many a print has, and their running numbers.

Every third print was two fills. After every 500th print the insurance fund takes a little over: a
trade of the running count that no print and no candle holds.
"""

from perps_stats.sim.facts import AggregateFact, TradeFact
from perps_stats.sim.model.coins import Coin
from perps_stats.sim.model.history import Print

INSURANCE_EVERY = 500
INSURANCE_LOTS = 2
FORCED_EVERY = 300
"""Every so many prints, one closes a position by force."""


def is_double(print_id: int) -> bool:
    return (print_id + 1) % 3 == 0


def is_forced(print_id: int) -> bool:
    return print_id % FORCED_EVERY == 0


def first_trade(print_id: int) -> int:
    """The number of a print's first single trade."""
    return print_id + print_id // 3 + print_id // INSURANCE_EVERY


def last_trade(print_id: int) -> int:
    return first_trade(print_id) + is_double(print_id)


def market_trades(first: int, last: int) -> int:
    """How many single trades the prints ``first`` to ``last`` had."""
    return last + 1 + (last + 1) // 3 - first - first // 3


def aggregate_of(trade: Print, coin: Coin) -> AggregateFact:
    return AggregateFact(
        trade.id,
        coin.tick.text(trade.price),
        coin.lot.text(trade.quantity),
        first_trade(trade.id),
        last_trade(trade.id),
        trade.time,
        not trade.taker_buys,
        is_forced(trade.id),
    )


def trades_of(trade: Print, coin: Coin) -> list[TradeFact]:
    """The fills of a print, and the insurance fund's trade that may follow them."""
    half = trade.quantity // 2
    parts = [trade.quantity - half, half] if is_double(trade.id) else [trade.quantity]
    number = first_trade(trade.id)
    facts = [_fact(trade, coin, number + i, lots) for i, lots in enumerate(parts)]
    if (trade.id + 1) % INSURANCE_EVERY == 0:
        facts.append(_fact(trade, coin, number + len(parts), INSURANCE_LOTS, market=False))
    return facts


def _fact(trade: Print, coin: Coin, number: int, lots: int, *, market: bool = True) -> TradeFact:
    return TradeFact(
        number,
        coin.tick.text(trade.price),
        coin.lot.text(lots),
        coin.tick.times(coin.lot).text(trade.price * lots),
        trade.time,
        not trade.taker_buys,
        market,
        market and is_forced(trade.id),
    )
