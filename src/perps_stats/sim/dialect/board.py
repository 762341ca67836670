"""What a venue lists of the model's world: its own rows, each with a market that answers."""

from typing import Generic, TypeVar

from perps_stats.sim.dialect.dormant import SETTLED, DormantSource, SettledSource
from perps_stats.sim.facts import BookFact, Source, Truth
from perps_stats.sim.model.coins import Coin
from perps_stats.sim.model.source import ModelSource
from perps_stats.sim.model.terms import Terms
from perps_stats.sim.model.world import World

C = TypeVar("C")


class ModelBoard(Generic[C]):
    """``venue`` names its markets in the world; ``C`` is the row that describes a contract."""

    def __init__(self, world: World, venue: str) -> None:
        self.world = world
        self.sources: dict[str, ModelSource] = {}
        self._venue = venue
        self._dormant: dict[str, DormantSource] = {}
        self._contracts: dict[str, C] = {}

    def add(
        self, symbol: str, contract: C, coin: Coin, terms: Terms | None = None, *, name: str = ""
    ) -> ModelSource:
        """A contract that trades; a ``name`` tells two markets of one coin apart."""
        market = self.world.market(coin, name or self._venue, terms or Terms())
        self._contracts[symbol] = contract
        self.sources[symbol] = ModelSource(market, symbol)
        return self.sources[symbol]

    def add_dormant(self, symbol: str, contract: C, coin: Coin | None = None) -> None:
        """A contract that is still listed and trades no more; of a ``coin`` it has a past."""
        self._contracts[symbol] = contract
        self._dormant[symbol] = DormantSource()
        if coin is not None:
            market = self.world.ended(coin, SETTLED - 1)
            self._dormant[symbol] = SettledSource(ModelSource(market))

    def time(self) -> int:
        return self.world.clock()

    def contract(self, symbol: str) -> C | None:
        return self._contracts.get(symbol)

    def contracts(self) -> tuple[C, ...]:
        """In the order in which they were listed."""
        return tuple(self._contracts.values())

    def source(self, symbol: str) -> Source | None:
        return self.sources.get(symbol) or self._dormant.get(symbol)

    def depth(self, symbol: str, limit: int) -> BookFact | None:
        """The market moves before it is looked at, so that the book's id lies within a change."""
        trading = self.sources.get(symbol)
        if trading is not None:
            trading.market.advance(self.world.clock())
            return trading.book(limit)
        dormant = self._dormant.get(symbol)
        return None if dormant is None else dormant.book(limit)

    def truth(self, symbol: str) -> Truth:
        """Raises ``KeyError`` for a symbol that does not trade."""
        return self.sources[symbol].truth()
