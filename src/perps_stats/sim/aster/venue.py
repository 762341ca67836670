"""A simulated Aster: Binance's dialect with one path for all streams, and caps by other names."""

from functools import partial

import msgspec

from perps_stats.sim.binance.board import perpetual
from perps_stats.sim.binance.listing import Contract
from perps_stats.sim.binance.manners import door_to
from perps_stats.sim.binance.questions import INTEREST_HISTORY, QUESTIONS, Board
from perps_stats.sim.binance.topics import topic_of
from perps_stats.sim.binance.words import BANS, LIMITS, BinanceWords
from perps_stats.sim.dialect.asked import Asked
from perps_stats.sim.dialect.board import ModelBoard
from perps_stats.sim.dialect.hub import Hub
from perps_stats.sim.dialect.rest import Question
from perps_stats.sim.dialect.venue import Dialect
from perps_stats.sim.dialect.weights import Weights
from perps_stats.sim.faults import Fault
from perps_stats.sim.model.terms import Terms
from perps_stats.sim.model.world import World
from perps_stats.sim.pending import Faults

INFO = "/fapi/v1/fundingInfo"
SHARED = {path: question for path, question in QUESTIONS.items() if path != INTEREST_HISTORY}
"""Its documents know no history of open interest."""
TERMS = Terms(smaller=8, spread=2, prints=60)
USUAL_CAP = 0.03


def of_model(world: World, faults: tuple[Fault, ...]) -> Dialect[Board]:
    board, pending = board_of(world), Faults(faults)
    hub = Hub(partial(topic_of, board), pending)
    info = Question(answer=_funding_info, costs=QUESTIONS[INFO].costs)
    return Dialect[Board](
        board=board,
        questions=SHARED | {INFO: info},
        words=BinanceWords(),
        weights=Weights(world.clock, LIMITS, BANS),
        door=door_to(lambda _address: hub),
        faults=pending,
    )


def board_of(world: World) -> ModelBoard[Contract]:
    """The first coin also against USD1, where little is traded."""
    board = ModelBoard[Contract](world, "aster")
    for coin in world.coins.values():
        like = _contract(perpetual(coin, "USDT"))
        board.add(like.symbol, like, coin, TERMS)
    first = next(iter(world.coins.values()))
    other = _contract(perpetual(first, "USD1"))
    board.add(other.symbol, other, first, Terms(smaller=60, spread=4, prints=20), name="aster/USD1")
    return board


def _contract(like: Contract) -> Contract:
    return msgspec.structs.replace(like, families=False)


def _funding_info(board: Board, _: Asked) -> object:
    """Of all markets, caps as numbers."""
    return [
        {
            "symbol": contract.symbol,
            "interestRate": "0.00010000",
            "time": board.time(),
            "fundingIntervalHours": contract.funding_hours,
            "fundingFeeCap": float(contract.cap or USUAL_CAP),
            "fundingFeeFloor": -float(contract.cap or USUAL_CAP),
        }
        for contract in board.contracts()
    ]
