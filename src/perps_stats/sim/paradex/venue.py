"""A simulated Paradex, from the model's world."""

from functools import partial

from perps_stats.sim.dialect.hub import Hub
from perps_stats.sim.dialect.venue import Dialect
from perps_stats.sim.dialect.weights import Weights
from perps_stats.sim.faults import Fault
from perps_stats.sim.model.world import World
from perps_stats.sim.paradex.board import Board, board_of
from perps_stats.sim.paradex.manners import ParadexManners, door_to
from perps_stats.sim.paradex.questions import QUESTIONS
from perps_stats.sim.paradex.topics import is_channel, topic_of
from perps_stats.sim.paradex.words import LIMITS, ParadexWords
from perps_stats.sim.pending import Faults


def of_model(world: World, faults: tuple[Fault, ...]) -> Dialect[Board]:
    board, pending = board_of(world), Faults(faults)
    hub = Hub(partial(topic_of, board), pending)
    manners = partial(ParadexManners, hub, partial(is_channel, board), world.clock)
    return Dialect[Board](
        board=board,
        questions=QUESTIONS,
        words=ParadexWords(),
        weights=Weights(world.clock, LIMITS),
        door=door_to(manners, world.clock),
        faults=pending,
    )
