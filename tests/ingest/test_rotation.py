"""Connections that are replaced while they talk: nothing is missing, and nothing comes twice."""

from contextlib import AsyncExitStack

import pytest

from perps_stats.exchanges import EXCHANGES
from perps_stats.exchanges.events import Channel
from perps_stats.ingest import conversation
from perps_stats.ingest.collector import Collector
from perps_stats.sim import SimSettings, Simulator

from .collecting import (
    Kept,
    assert_true_book,
    assert_true_trades,
    collecting,
    is_up_to_date,
    stream_of,
    until,
    verified,
)

NAMES = tuple(EXCHANGES)
CHANNELS = [
    Channel.ORDERBOOK,
    Channel.TRADES,
    Channel.BEST,
    Channel.DAY,
    Channel.MARK,
    Channel.FUNDING,
]
LIFETIME_SECONDS = 2.0
ROTATIONS = 3


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes seconds a day takes a part of a second here."""
    monkeypatch.setattr(conversation, "RELIEF_SECONDS", 0.1)
    monkeypatch.setattr(conversation, "OVERLAP_SECONDS", 0.5)


def rotated(collector: Collector, times: int) -> bool:
    return all(each.counts["connections"] > times for each in collector.conversations)


def is_told(simulator: Simulator, name: str, collector: Collector) -> bool:
    return all(is_up_to_date(simulator, name, feed) for feed in collector.feeds.values())


async def test_a_day_passes_without_a_gap_on_every_exchange() -> None:
    """Each connection was replaced three times: no gap, every trade once, the book is the truth."""
    all_kept = {name: Kept() for name in NAMES}
    collectors: dict[str, Collector] = {}
    async with Simulator(SimSettings(symbols=("BTC",))) as simulator, AsyncExitStack() as stack:
        for name in NAMES:
            stream = stream_of(name, lifetime_seconds=LIFETIME_SECONDS)
            collectors[name], _ = await stack.enter_async_context(
                collecting(simulator, stream, all_kept[name], name=name, channels=CHANNELS)
            )
        await until(lambda: all(rotated(each, ROTATIONS) for each in collectors.values()))
        simulator.rest()
        await until(lambda: all(is_told(simulator, *each) for each in collectors.items()))
        for name, collector in collectors.items():
            (feed,) = collector.feeds.values()
            assert all_kept[name].gaps == {}, name
            assert verified(collector), name
            assert_true_book(simulator, name, feed)
            assert_true_trades(simulator, name, feed, all_kept[name])
