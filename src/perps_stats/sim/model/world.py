"""All markets of the model, and the beat they trade to."""

import asyncio
from collections.abc import Callable

from msgspec.structs import replace

from perps_stats.sim.model.coins import Coin, coin_named
from perps_stats.sim.model.market import STEP_MS, Market
from perps_stats.sim.model.terms import Terms


class World:
    """``clock`` gives ms since 1970. Markets of one coin follow one price.

    ``rate`` is how lively it is: so many times as many steps of every book, and, above 1, so many
    times as many trades.
    """

    def __init__(
        self, seed: int, symbols: tuple[str, ...], clock: Callable[[], int], rate: float = 1.0
    ) -> None:
        self.coins = {symbol: coin_named(symbol) for symbol in symbols}
        self.clock = clock
        self.markets: dict[str, Market] = {}
        self._seed = seed
        self._trades = max(1.0, rate)
        self._step_ms = max(1, round(STEP_MS / rate))

    def market(self, coin: Coin, name: str, terms: Terms) -> Market:
        """The coin's market of that name, such as a venue's: made when first asked for.

        It has prints, a book, funding and open interest of its own.
        """
        key = f"{coin.name}/{name}" if name else coin.name
        if key not in self.markets:
            lively = self._lively(terms.of(coin))
            self.markets[key] = Market(self._seed, key, lively, self.clock())
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
            await asyncio.sleep((self._step_ms - now % self._step_ms) / 1000)

    def _lively(self, coin: Coin) -> Coin:
        """More trades of the same sizes."""
        if self._trades == 1:
            return coin
        prints, turnover = round(coin.prints * self._trades), coin.turnover * self._trades
        return replace(coin, prints=prints, turnover=turnover)
