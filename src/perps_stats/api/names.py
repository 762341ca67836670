"""The names a filter may use: the exchanges we know, the markets that are stored."""

from asyncio import get_running_loop
from collections.abc import Collection, Iterable, Sequence
from typing import TypeAlias

from msgspec import Struct

from perps_stats.core.errors import BadInput, UnknownMarket, near_names
from perps_stats.core.stored import StoredExchange
from perps_stats.core.symbols import Registry, split_full
from perps_stats.core.traits import Repository
from perps_stats.core.types import Market

KEPT_SECONDS = 5.0
DOUBTED_SECONDS = 1.0
Chosen: TypeAlias = tuple[tuple[str, str], ...] | None
"""Markets by exchange and symbol. ``None``: all there are."""


class Choice(Struct, frozen=True):
    """What a filter means among the names of the moment."""

    names: "Names"
    exchanges: tuple[str, ...]
    markets: Chosen

    @property
    def simulated(self) -> bool:
        """Whether any exchange that the answer draws from is simulated."""
        of_markets = {exchange for exchange, _ in self.markets or ()}
        known = self.names.simulated
        return any(known.get(name, False) for name in of_markets or self.exchanges or known)


class Names:
    """``simulated`` by exchange, for those that are stored."""

    def __init__(
        self, known: Iterable[str], stored: Sequence[StoredExchange], markets: Sequence[Market]
    ) -> None:
        self.markets = markets
        self.simulated = {exchange.name: exchange.simulated for exchange in stored}
        self._known = sorted({*known, *self.simulated})
        listed: dict[str, list[Market]] = {}
        for market in markets:
            listed.setdefault(market.exchange, []).append(market)
        self._registries = {name: Registry(each) for name, each in listed.items()}

    def choose(self, exchanges: Sequence[str], symbols: Sequence[str]) -> Chosen:
        """Raises ``BadInput`` for a name nobody has, one that is ambiguous, and contradictions."""
        for exchange in exchanges:
            self._check_exchange("exchange", exchange)
        if symbols:
            named = (market for symbol in symbols for market in self._find(symbol, exchanges))
            return tuple(dict.fromkeys((market.exchange, market.symbol) for market in named))
        if exchanges:
            of_these = (market for market in self.markets if market.exchange in set(exchanges))
            return tuple((market.exchange, market.symbol) for market in of_these)
        return None

    def _find(self, symbol: str, exchanges: Sequence[str]) -> list[Market]:
        """On every exchange that lists it. None where nothing is stored that it could be among."""
        venue, name = split_full(symbol)
        if venue is not None:
            self._check_exchange("symbol", venue)
            if exchanges and venue not in exchanges:
                raise BadInput("symbol", symbol, f"exchange restricts to {', '.join(exchanges)}")
            exchanges = (venue,)
        found: list[Market] = []
        searched = [self._registries[e] for e in exchanges or self._known if e in self._registries]
        for registry in searched:
            try:
                found.append(registry.find(name))
            except UnknownMarket as error:
                if error.ambiguous:
                    raise _ambiguous(symbol, registry, error) from error
        if searched and not found:
            raise _unknown(symbol, name, searched)
        return found

    def _check_exchange(self, field: str, name: str) -> None:
        if name not in self._known:
            known = near_names(name, self._known) or self._known
            raise BadInput(field, name, f"known exchanges: {', '.join(known)}")


def _ambiguous(symbol: str, registry: Registry, error: UnknownMarket) -> BadInput:
    exchange = registry.markets[0].exchange
    names = ", ".join(f"{exchange}:{name}" for name in error.candidates)
    return BadInput("symbol", symbol, f"it names more than one market: {names}")


def _unknown(symbol: str, name: str, searched: Sequence[Registry]) -> BadInput:
    known = {each for found in searched for market in found.markets for each in _names(market)}
    near = near_names(name, sorted(known))
    hint = f"did you mean {', '.join(near)}?" if near else "see /api/v1/symbols"
    return BadInput("symbol", symbol, hint)


def _names(market: Market) -> tuple[str, ...]:
    return (market.symbol, market.contract, market.native)


class Listing:
    """``Names`` as of a moment ago: markets change by the day, questions come by the second."""

    def __init__(self, repository: Repository, known: Collection[str]) -> None:
        self._repository = repository
        self._known = known
        self._names: Names | None = None
        self._read_at = 0.0

    async def names(self, kept_seconds: float = KEPT_SECONDS) -> Names:
        """At most so old. An empty listing is read again each time."""
        now = get_running_loop().time()
        names = self._names
        if names is None or not names.markets or now - self._read_at > kept_seconds:
            stored = await self._repository.get_exchanges()
            markets = await self._repository.get_markets()
            names, self._read_at = Names(self._known, stored, markets), now
            self._names = names
        return names

    async def choose(self, exchanges: tuple[str, ...], symbols: Sequence[str]) -> Choice:
        """Raises ``BadInput`` only where a fresh listing does not have the name either."""
        names = await self.names()
        try:
            return Choice(names, exchanges, names.choose(exchanges, symbols))
        except BadInput:
            names = await self.names(DOUBTED_SECONDS)
            return Choice(names, exchanges, names.choose(exchanges, symbols))
