"""What a simulated Lighter lists of the model's world, with the oddities of the real lists.

Beside the world's coins: 1000PEPE, an inactive market and a spot market.
"""

from perps_stats.sim.dialect.board import ModelBoard
from perps_stats.sim.lighter.listing import INACTIVE, Contract
from perps_stats.sim.model.coins import COINS, LISTED, Coin, number_of
from perps_stats.sim.model.terms import Terms
from perps_stats.sim.model.world import World
from perps_stats.sim.scale import Scale

NAMES = (
    *("ETH", "BTC", "SOL", "DOGE", "PEPE", "XRP", "LINK", "AVAX", "NEAR", "DOT", "SUI"),
    *("BNB", "UNI", "TRX", "AAVE", "LTC", "ARB", "OP", "HYPE", "ADA", "YFI"),
)
NUMBERS = {name: number for number, name in enumerate(NAMES)} | {"HYPE": 24, "ADA": 39}
MADE_UP = 1000
"""The number after which those of made-up coins begin."""
QUIET = Contract(
    symbol="HYUNDAI",
    id=141,
    price=Scale(1, 3),
    quantity=Scale(1, 6),
    created=1_770_825_551_906,
    status=INACTIVE,
)
SPOT = Contract(
    symbol="SKY/USDC",
    id=2053,
    price=Scale(1, 6),
    quantity=Scale(1, 0),
    created=1_768_058_911_384,
)


class Board(ModelBoard[Contract]):
    def numbered(self, number: int) -> Contract | None:
        return next((each for each in self.contracts() if each.id == number), None)


def board_of(world: World) -> Board:
    board = Board(world, "lighter")
    for coin in {**world.coins, "PEPE": COINS["PEPE"]}.values():
        listed = perpetual(coin)
        terms = Terms(smaller=30, prints=60, tick=listed.price, funding_hours=1)
        board.add(listed.symbol, listed, coin, terms)
    for listed in (QUIET, SPOT):
        board.add_dormant(listed.symbol, listed)
    return board


def perpetual(coin: Coin) -> Contract:
    return Contract(
        symbol=coin.name if coin.multiple == 1 else f"{coin.multiple}{coin.name}",
        id=_number(coin),
        price=plain(coin.tick),
        quantity=coin.lot,
        created=max(coin.listed, LISTED),
    )


def plain(tick: Scale) -> Scale:
    """Steps are told by their decimals alone: 0.10 is 0.1."""
    unit, decimals = tick.unit, tick.decimals
    while unit % 10 == 0:
        unit, decimals = unit // 10, decimals - 1
    return Scale(unit, decimals)


def _number(coin: Coin) -> int:
    made_up = number_of(coin.name)
    return NUMBERS[coin.name] if made_up is None else MADE_UP + made_up
