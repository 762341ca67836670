"""All markets of the model, and the beat they trade to. Venues share a market by its name."""

import asyncio
from collections.abc import Callable

import msgspec

from perps_stats.sim.model.coins import Coin, coin_named
from perps_stats.sim.model.market import STEP_MS, Market


class World:
    """``clock`` gives ms since 1970."""

    def __init__(self, seed: int, symbols: tuple[str, ...], clock: Callable[[], int]) -> None:
        self.coins = {symbol: coin_named(symbol) for symbol in symbols}
        self.clock = clock
        self.markets: dict[str, Market] = {}
        self._seed = seed

    def market(self, coin: Coin, name: str = "") -> Market:
        """The coin's market: made when first asked for, the same ever after.

        A ``name`` makes another one of the same coin: quieter, with a book of its own.
        """
        key = f"{coin.name}/{name}" if name else coin.name
        if key not in self.markets:
            self.markets[key] = Market(
                self._seed, key, _quiet(coin) if name else coin, self.clock()
            )
        return self.markets[key]

    async def trade(self) -> None:
        """Advance every market, step by step, until cancelled."""
        while True:
            now = self.clock()
            for market in self.markets.values():
                market.advance(now)
            await asyncio.sleep((STEP_MS - now % STEP_MS) / 1000)


def _quiet(coin: Coin) -> Coin:
    return msgspec.structs.replace(
        coin,
        turnover=coin.turnover / 12,
        interest=coin.interest / 12,
        prints=min(coin.prints, 20),
        spread=coin.spread * 2,
    )
