"""The model's order book: never crossed, every change numbered."""

from random import Random
from typing import NamedTuple

from perps_stats.sim.model.coins import Coin
from perps_stats.sim.model.half import Half, profile_of
from perps_stats.sim.model.history import Print


class Touch(NamedTuple):
    """The best of both sides, as of update ``id``."""

    id: int
    bid: int
    bid_lots: int
    ask: int
    ask_lots: int


class Book:
    """``id`` counts updates; other markets' share the counter, so it skips between steps."""

    def __init__(self, coin: Coin, price: int, first_id: int, rng: Random) -> None:
        profile = profile_of(coin)
        self._spread = coin.spread
        self._rng = rng
        self.bids = Half(-1, price, profile, rng)
        self.asks = Half(1, price + coin.spread, profile, rng)
        self._start = first_id
        self.settle()

    @property
    def id(self) -> int:
        return self._start + self.bids.changes + self.asks.changes

    def touch(self) -> Touch:
        bids, asks = self.bids, self.asks
        return Touch(self.id, bids.best, bids.levels[bids.best], asks.best, asks.levels[asks.best])

    def settle(self) -> None:
        """Begin a new step: what has changed until now is told."""
        self.bids.changed.clear()
        self.asks.changed.clear()
        self._start += 1 + int(self._rng.random() * 40)

    def renumber(self, by: int) -> None:
        """The next update's id leaps, ahead or back."""
        self._start += by

    def meet(self, trade: Print) -> None:
        """Move the touch to where the trade happens, with enough to trade against."""
        taken, other = (self.asks, self.bids) if trade.taker_buys else (self.bids, self.asks)
        opposite = trade.price - taken.sign * self._spread
        if (opposite - other.best) * other.sign > 0:
            other.quote(opposite)
            taken.quote(trade.price)
        else:
            taken.quote(trade.price)
            other.quote(opposite)
        taken.hold(trade.quantity)

    def trade(self, trade: Print) -> None:
        (self.asks if trade.taker_buys else self.bids).take(trade.quantity)

    def churn(self, times: int) -> None:
        self.bids.churn(times)
        self.asks.churn(times)
