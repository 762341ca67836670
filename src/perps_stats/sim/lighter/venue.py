"""A simulated Lighter, from the model's world."""

from functools import partial

from perps_stats.sim.dialect.hub import Hub
from perps_stats.sim.dialect.venue import Dialect
from perps_stats.sim.dialect.weights import Weights
from perps_stats.sim.faults import Fault
from perps_stats.sim.lighter.board import Board, board_of
from perps_stats.sim.lighter.manners import door_to
from perps_stats.sim.lighter.questions import QUESTIONS
from perps_stats.sim.lighter.topics import topic_of
from perps_stats.sim.lighter.words import LIMITS, LighterWords
from perps_stats.sim.model.world import World
from perps_stats.sim.pending import Faults


def of_model(world: World, faults: tuple[Fault, ...]) -> Dialect[Board]:
    board, pending = board_of(world), Faults(faults)
    hub = Hub(partial(topic_of, board), pending)
    return Dialect[Board](
        board=board,
        questions=QUESTIONS,
        words=LighterWords(),
        weights=Weights(world.clock, LIMITS),
        door=door_to(hub, lambda channel: topic_of(board, channel) is not None),
        faults=pending,
    )
