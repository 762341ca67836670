"""Every connection of an exchange is cut at once: all books come back within the weight limit."""

import os

import pytest

from perps_stats.exchanges.events import Channel
from perps_stats.sim import SimSettings, Simulator

from .collecting import Kept, collecting, stream_of, until, verified

is_long = pytest.mark.skipif(
    "PERPS_STATS_LONG" not in os.environ, reason="PERPS_STATS_LONG is not set: minutes"
)
CASES = [
    ("kucoin", 40, 60),
    pytest.param("kucoin", 500, 300, marks=[is_long, pytest.mark.timeout(600)]),
    pytest.param("binance", 500, 900, marks=[is_long, pytest.mark.timeout(1800)]),
]


@pytest.mark.parametrize(("name", "books", "patience"), CASES)
async def test_a_mass_reconnect_stays_within_the_limit(
    name: str, books: int, patience: float
) -> None:
    """The simulator refuses no request and bans nobody; each gap is closed by a verified book."""
    kept = Kept()
    settings = SimSettings(exchanges=(name,), symbols=("BTC",), coins=books - 1, rate=0.05)
    async with (
        Simulator(settings) as simulator,
        collecting(simulator, stream_of(name), kept, name=name, symbols=(), most=books) as (
            collector,
            sender,
        ),
    ):
        venue = simulator.venues[name]
        assert len(collector.feeds) == books
        await until(lambda: verified(collector), patience)
        assert kept.gaps == {}
        for _ in collector.conversations:
            venue.inject("rst")
        await until(lambda: len(kept.gaps) == books, patience)
        await until(lambda: verified(collector), patience)
    assert {channel for channel, _, _ in kept.told} == {Channel.ORDERBOOK}
    assert all(is_closed for *_, is_closed in kept.told)
    assert sender.budget.slowed == 0
