"""Who has a share of an exchange's limits never spends more of them. Time is virtual."""

import asyncio

import pytest
from tests.simulation.loop import VirtualLoop

from perps_stats.exchanges.contract import Answer, Ask, Limit, Request
from perps_stats.ingest.outside import steady
from perps_stats.ingest.share import Share


class Exchange:
    """Answers at once, and remembers when it was asked for how much."""

    def __init__(self) -> None:
        self.asked: list[tuple[float, int]] = []

    async def send(self, ask: Ask) -> Answer:
        requests = (ask,) if isinstance(ask, Request) else ask
        self.asked += [(round(steady(), 3), request.weight) for request in requests]
        bodies = tuple(request.path.encode() for request in requests)
        return bodies[0] if isinstance(ask, Request) else bodies


def asked(limit: Limit, *asks: Ask) -> list[tuple[float, int]]:
    """When each request was sent by a quarter's share, all being wanted at once."""
    exchange = Exchange()

    async def ask_all() -> None:
        share = Share(exchange.send, {"": limit}, 0.25)
        await asyncio.gather(*(share.send(each) for each in asks))

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(ask_all())
    return exchange.asked


def of(weight: int, pool: str = "") -> Request:
    return Request("GET", "/x", weight=weight, pool=pool)


def test_in_no_window_more_is_spent_than_the_share() -> None:
    """Ten of forty a minute: the third request of five waits until the first is forgotten."""
    told = asked(Limit(40, 60), *(of(5) for _ in range(5)))
    assert told == [(0.0, 5), (0.0, 5), (60.0, 5), (60.0, 5), (120.0, 5)]


def test_what_is_heavier_than_the_share_spends_all_of_it() -> None:
    """It is sent all the same: the exchange would take it."""
    assert asked(Limit(40, 60), of(20), of(20)) == [(0.0, 20), (60.0, 20)]


def test_a_limit_of_one_can_be_shared() -> None:
    """Nobody is left without."""
    assert asked(Limit(1, 60), of(1), of(1)) == [(0.0, 1), (60.0, 1)]


@pytest.mark.parametrize("pool", ["", "unlimited"])
def test_several_at_once_are_each_counted(pool: str) -> None:
    """Sent together once there is room for the last; what has no limit is not held up."""
    ask = (of(5, pool), of(5, pool), of(5, pool))
    due = 0.0 if pool else 60.0
    assert asked(Limit(40, 60), ask) == [(due, 5)] * 3
