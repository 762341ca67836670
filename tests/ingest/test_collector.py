"""Which connections an exchange is listened to on: all of it, within its limits."""

from collections import Counter

import pytest

from perps_stats.core.types import Market
from perps_stats.exchanges import EXCHANGES
from perps_stats.ingest.collector import Listening

from .collecting import stream_of

MARKETS = [
    Market(
        native=f"C{number:03}",
        wire_id=str(number),
        contract=f"C{number:03}-USDT-PERP",
        base=f"C{number:03}",
        quote="USDT",
        settle="USDT",
    )
    for number in range(500)
]


@pytest.mark.parametrize("name", EXCHANGES)
def test_five_hundred_markets_are_spread_within_the_limits(name: str) -> None:
    """Each channel of each market once, no two paths on one connection, no connection too full."""
    stream = stream_of(name)
    listening = Listening(stream, None, {}, list(stream.paths))
    planned = list(listening.plan(MARKETS))
    listened: Counter[tuple[str, str]] = Counter()
    for path, subscription in planned:
        assert {stream.paths[channel] for channel in subscription.channels} == {path}
        asked = len(subscription.channels) * len(subscription.markets)
        assert asked <= stream.streams_per_connection
        listened.update(
            (channel, market.native)
            for channel in subscription.channels
            for market in subscription.markets
        )
    assert set(listened.values()) == {1}
    assert len(listened) == len(stream.paths) * len(MARKETS)
