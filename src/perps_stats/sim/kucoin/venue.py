"""A simulated KuCoin, from the model's world."""

from functools import partial

from perps_stats.sim.dialect.hub import Hub
from perps_stats.sim.dialect.venue import Dialect
from perps_stats.sim.dialect.weights import Weights
from perps_stats.sim.faults import Fault
from perps_stats.sim.kucoin.board import Board, board_of
from perps_stats.sim.kucoin.manners import door_to
from perps_stats.sim.kucoin.questions import QUESTIONS
from perps_stats.sim.kucoin.topics import is_topic, topic_of
from perps_stats.sim.kucoin.words import LIMITS, KucoinWords
from perps_stats.sim.model.world import World
from perps_stats.sim.pending import Faults


def of_model(world: World, faults: tuple[Fault, ...]) -> Dialect[Board]:
    board, pending = board_of(world), Faults(faults)
    hub = Hub(partial(topic_of, board), pending)
    return Dialect[Board](
        board=board,
        questions=QUESTIONS,
        words=KucoinWords(),
        weights=Weights(world.clock, LIMITS),
        door=door_to(hub, is_topic, board.takes, world.clock),
        faults=pending,
    )
