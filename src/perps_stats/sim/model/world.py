"""All markets of the model, and the beat they trade to."""

import asyncio
from collections.abc import Callable

from perps_stats.sim.model.coins import Coin, coin_named
from perps_stats.sim.model.market import STEP_MS, Market
from perps_stats.sim.model.terms import Terms


class World:
    """``clock`` gives ms since 1970. Markets of one coin follow one price."""

    def __init__(self, seed: int, symbols: tuple[str, ...], clock: Callable[[], int]) -> None:
        self.coins = {symbol: coin_named(symbol) for symbol in symbols}
        self.clock = clock
        self.markets: dict[str, Market] = {}
        self._seed = seed

    def market(self, coin: Coin, name: str, terms: Terms) -> Market:
        """The coin's market of that name, such as a venue's: made when first asked for.

        It has prints, a book, funding and open interest of its own.
        """
        key = f"{coin.name}/{name}" if name else coin.name
        if key not in self.markets:
            self.markets[key] = Market(self._seed, key, terms.of(coin), self.clock())
        return self.markets[key]

    def ended(self, coin: Coin, at: int) -> Market:
        """A market as it was when it ended: it does not go on."""
        return Market(self._seed, coin.name, coin, at)

    async def trade(self) -> None:
        """Advance every market, step by step, until cancelled."""
        while True:
            now = self.clock()
            for market in self.markets.values():
                market.advance(now)
            await asyncio.sleep((STEP_MS - now % STEP_MS) / 1000)
