"""From one connection to the next: when the new one may be believed."""

import pytest
from msgspec import Raw

from perps_stats.core.stored import Row
from perps_stats.core.types import Gap, Market
from perps_stats.exchanges.events import BestTick, BookSnapshot, Channel, Event, MarkTick
from perps_stats.ingest.grids import Grids
from perps_stats.ingest.handover import Handover
from perps_stats.ingest.market import MarketFeed

MARKET = Market(
    exchange="lighter",
    symbol="BTC",
    native="BTC",
    contract="BTC-USDC-PERP",
    base="BTC",
    quote="USDC",
    settle="USDC",
)
BIDS, ASKS = Raw(b'[["1","1"]]'), Raw(b'[["2","1"]]')


class Nowhere:
    """A sink."""

    def keep(self, data_set: str, row: Row) -> None: ...
    def keep_gap(self, gap: Gap) -> None: ...


def book(last: int, ts: int) -> BookSnapshot:
    return BookSnapshot("BTC", ts, last, BIDS, ASKS, None, chained=True)


def best(ts: int) -> BestTick:
    return BestTick("BTC", ts, None, "1", "1", "2", "1")


def mark(ts: int) -> MarkTick:
    return MarkTick("BTC", ts, "1")


@pytest.mark.parametrize(
    ("channel", "told", "first", "later"),
    [
        (Channel.ORDERBOOK, book(5, 100), book(7, 300), book(7, 300)),
        (Channel.BEST, best(100), best(300), best(300)),
        (Channel.MARK, mark(100), mark(300), mark(400)),
    ],
)
def test_a_state_is_joined_once_the_old_connection_has_told_it(
    channel: Channel, told: Event, first: Event, later: Event
) -> None:
    """What the old one, mute by now, did not tell before the first state of the new is a hole."""
    feed = MarketFeed(MARKET, 1, Grids(), Nowhere())
    feed.listening = True
    handover = Handover({"BTC": feed}, [channel])
    handover.from_old(feed, told, 0)
    handover.from_new(feed, first, 0)
    assert handover.unsure(has_ended=False) == [(feed, channel)]
    handover.from_old(feed, later, 0)
    assert handover.unsure(has_ended=False) == []
