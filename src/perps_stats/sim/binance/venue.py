"""A simulated Binance, from the model's world or from a tape."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from perps_stats.sim.binance.board import board_of
from perps_stats.sim.binance.manners import Routed, door_to
from perps_stats.sim.binance.questions import QUESTIONS, Board
from perps_stats.sim.binance.recording import Recording
from perps_stats.sim.binance.stage import Seat, TapeStage
from perps_stats.sim.binance.topics import topic_of
from perps_stats.sim.binance.words import BANS, LIMITS, BinanceWords
from perps_stats.sim.dialect.hub import Hub
from perps_stats.sim.dialect.venue import Dialect
from perps_stats.sim.dialect.weights import Weights
from perps_stats.sim.faults import Fault
from perps_stats.sim.model.world import World
from perps_stats.sim.pending import Faults
from perps_stats.sim.tape import read_tape


def of_model(world: World, faults: tuple[Fault, ...]) -> Dialect[Board]:
    board, pending = board_of(world), Faults(faults)
    hub = Hub(partial(topic_of, board), pending)
    return Dialect[Board](
        board=board,
        questions=QUESTIONS,
        words=BinanceWords(),
        weights=Weights(world.clock, LIMITS, BANS),
        door=door_to(lambda address: Routed(hub, address.route)),
        faults=pending,
    )


def of_tape(
    path: Path, speed: float, faults: tuple[Fault, ...], clock: Callable[[], int]
) -> Dialect[Board]:
    """``speed`` 0 is as fast as listeners take it. Raises ``BadInput`` for a bad tape."""
    pending = Faults(faults)
    stage = TapeStage(Recording(str(path), read_tape(path)), speed, pending)
    return Dialect[Board](
        board=stage,
        questions=QUESTIONS,
        words=BinanceWords(),
        weights=Weights(clock, LIMITS, BANS),
        door=door_to(partial(Seat, stage)),
        faults=pending,
        stop=stage.close,
    )
