"""What a simulated Binance lists of the model's world, with the oddities of the real lists.

Beside the world's coins against USDT: 1000PEPE, the first coin against USDC, the first coin's next
quarter, and a symbol that settled, whose past is still told.
"""

from perps_stats.sim.binance.listing import QUARTER, SETTLING, Contract, quarter_end
from perps_stats.sim.dialect.board import ModelBoard
from perps_stats.sim.dialect.dormant import SETTLED
from perps_stats.sim.model.coins import COINS, Coin
from perps_stats.sim.model.terms import Terms
from perps_stats.sim.model.world import World
from perps_stats.sim.scale import Scale

QUARTER_MS = 7_776_000_000
QUIET = Terms(smaller=12, prints=20, spread=2)
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
ENDED = Coin(
    name=DORMANT.base,
    price=31.5,
    tick=DORMANT.price,
    lot=DORMANT.quantity,
    prints=24,
    turnover=20e6,
    interest=12e6,
    listed=DORMANT.onboard,
)


def board_of(world: World) -> ModelBoard[Contract]:
    board = ModelBoard[Contract](world, "")
    for coin in {**world.coins, "PEPE": COINS["PEPE"]}.values():
        like = perpetual(coin, "USDT")
        board.add(like.symbol, like, coin)
    first = next(iter(world.coins.values()))
    usdc = perpetual(first, "USDC")
    board.add(usdc.symbol, usdc, first, QUIET, name="USDC")
    quarter = _quarter(first, world.clock())
    board.add(quarter.symbol, quarter, first, QUIET, name=quarter.symbol)
    board.add_dormant(DORMANT.symbol, DORMANT, ENDED)
    return board


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
