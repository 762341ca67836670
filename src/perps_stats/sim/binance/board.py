"""What a simulated Binance lists of the model's world, with the oddities of the real lists.

Beside the world's coins against USDT: 1000PEPE, the first coin against USDC, the first coin's next
quarter, and a symbol that settled long ago.
"""

from perps_stats.sim.binance.dormant import SETTLED, DormantSource
from perps_stats.sim.binance.listing import QUARTER, SETTLING, Contract, quarter_end
from perps_stats.sim.facts import BookFact, Source, Truth
from perps_stats.sim.model.coins import COINS, Coin
from perps_stats.sim.model.source import ModelSource
from perps_stats.sim.model.world import World
from perps_stats.sim.scale import Scale

QUARTER_MS = 7_776_000_000
DORMANT = Contract(
    symbol="BTCSTUSDT",
    pair="BTCSTUSDT",
    base="BTCST",
    quote="USDT",
    price=Scale(1, 3),
    quantity=Scale(1, 1),
    status=SETTLING,
    onboard=1_614_754_800_000,
    delivery=SETTLED,
)


class ModelBoard:
    def __init__(self, world: World) -> None:
        self._world = world
        self._contracts: dict[str, Contract] = {}
        self.sources: dict[str, ModelSource] = {}
        self._dormant = DormantSource()
        for coin in {**world.coins, "PEPE": COINS["PEPE"]}.values():
            self._list(perpetual(coin, "USDT"), coin)
        first = next(iter(world.coins.values()))
        self._list(perpetual(first, "USDC"), first, "USDC")
        quarter = _quarter(first, world.clock())
        self._list(quarter, first, quarter.symbol)

    def time(self) -> int:
        return self._world.clock()

    def contracts(self) -> list[Contract]:
        return [*self._contracts.values(), DORMANT]

    def source(self, symbol: str) -> Source | None:
        return self._dormant if symbol == DORMANT.symbol else self.sources.get(symbol)

    def depth(self, symbol: str, limit: int) -> BookFact | None:
        """The market moves before it is looked at, so that the book's id lies within a diff."""
        source = self.sources.get(symbol)
        if source is None:
            return self._dormant.book(limit) if symbol == DORMANT.symbol else None
        source.market.advance(self._world.clock())
        return source.book(limit)

    def truth(self, symbol: str) -> Truth:
        """Raises ``KeyError`` for a symbol that does not trade."""
        return self.sources[symbol].truth()

    def _list(self, contract: Contract, coin: Coin, name: str = "") -> None:
        self._contracts[contract.symbol] = contract
        self.sources[contract.symbol] = ModelSource(self._world.market(coin, name))


def perpetual(coin: Coin, quote: str) -> Contract:
    base = coin.name if coin.multiple == 1 else f"{coin.multiple}{coin.name}"
    return Contract(
        symbol=base + quote,
        pair=base + quote,
        base=base,
        quote=quote,
        price=coin.tick,
        quantity=coin.lot,
        onboard=coin.listed,
        funding_hours=coin.funding_hours,
        cap=None if coin.cap is None else f"{coin.cap:.8f}",
    )


def _quarter(coin: Coin, now: int) -> Contract:
    end = quarter_end(now)
    like = perpetual(coin, "USDT")
    delivery = int(end.timestamp() * 1000)
    return Contract(
        symbol=f"{like.symbol}_{end:%y%m%d}",
        pair=like.pair,
        base=like.base,
        quote=like.quote,
        price=like.price,
        quantity=like.quantity,
        kind=QUARTER,
        onboard=delivery - 2 * QUARTER_MS,
        delivery=delivery,
    )
