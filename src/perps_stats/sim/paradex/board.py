"""What a simulated Paradex lists of the model's world, with the oddities of the real list.

Beside the world's coins: kPEPE, which is PEPE by the thousand; options of the first coin, perpetual
and dated; the first coin's spot market; and a perpetual that has no book any more.
"""

import msgspec

from perps_stats.sim.dialect.board import ModelBoard
from perps_stats.sim.facts import Truth
from perps_stats.sim.model.coins import COINS, Coin
from perps_stats.sim.model.market import Step
from perps_stats.sim.model.source import ModelSource
from perps_stats.sim.model.terms import Terms
from perps_stats.sim.model.world import World
from perps_stats.sim.paradex.listing import OPTION, PERP_OPTION, SPOT, USUAL_HOURS, Contract
from perps_stats.sim.scale import Scale

VENUE = "paradex"
HOURS = {"ETH": 4, "SOL": 1}
"""Funding periods that are not of 8 hours."""
THOUSAND = 1000
FINER = 2
"""So many more decimals have lots than the coin's, where it has any."""
RETIRED = 1_717_065_600_000


class Numbers:
    """``last`` is the number of the book's state: one more with every step that changes it.

    Make one a market, before any topic of it. It counts whether or not anybody listens, since REST
    and all topics give the same numbers.
    """

    def __init__(self, source: ModelSource) -> None:
        self.last = source.market.book.id
        source.market.listeners.append(self._count)

    def _count(self, step: Step) -> None:
        self.last += step.leap + bool(step.bids or step.asks)


class Board(ModelBoard[Contract]):
    def __init__(self, world: World) -> None:
        super().__init__(world, VENUE)
        self.numbers: dict[str, Numbers] = {}

    def list_perpetual(self, coin: Coin) -> None:
        """With less money than the coin's greatest market, smaller lots, and its own funding."""
        decimals = coin.lot.decimals
        lot = Scale(coin.lot.unit, decimals + FINER) if decimals else coin.lot
        hours = HOURS.get(coin.name, USUAL_HOURS)
        terms = Terms(smaller=30, spread=2, prints=40, lot=lot, funding_hours=hours)
        base = f"k{coin.name}" if coin.multiple == THOUSAND else coin.name
        contract = contract_of(f"{base}-USD-PERP", terms.of(coin), base=base, hours=hours)
        source = self.add(contract.symbol, contract, coin, terms)
        self.numbers[contract.symbol] = Numbers(source)

    def truth(self, symbol: str) -> Truth:
        """Its ``last_update_id`` is the number that REST and all topics give."""
        number = self.numbers[symbol].last
        return msgspec.structs.replace(super().truth(symbol), last_update_id=number)


def board_of(world: World) -> Board:
    board = Board(world)
    for coin in {**world.coins, "PEPE": COINS["PEPE"]}.values():
        board.list_perpetual(coin)
    first = next(iter(world.coins.values()))
    strike = f"{first.price:.0f}"
    for contract in (
        contract_of(f"{first.name}-USD-{strike}-C", first, PERP_OPTION, hours=24, strike=strike),
        contract_of(f"{first.name}-USD-27DEC30-{strike}-P", first, OPTION, strike=strike),
        contract_of(f"{first.name}-USD", first, SPOT),
    ):
        board.add_dormant(contract.symbol, contract)
    boden = Contract(
        symbol="BODEN-USD-PERP",
        base="BODEN",
        price=Scale(1, 5),
        quantity=Scale(1, 0),
        listed=RETIRED,
        trading=False,
    )
    board.add_dormant(boden.symbol, boden)
    return board


def contract_of(
    symbol: str, coin: Coin, kind: str = "PERP", *, base: str = "", hours: int = 8, strike: str = ""
) -> Contract:
    return Contract(
        symbol=symbol,
        base=base or coin.name,
        price=coin.tick,
        quantity=coin.lot,
        kind=kind,
        listed=coin.listed,
        hours=hours,
        strike=strike,
    )
