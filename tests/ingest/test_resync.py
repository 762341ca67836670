"""Books that start in the stream: a recorded hole, and how the book comes back.

Needs PERPS_STATS_CAPTURES; the frames of a session with Lighter in July 2026, in which an update is
missing between the fourth frame and the fifth.
"""

import os
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from perps_stats.core.times import from_us
from perps_stats.core.types import Gap, GapCause, Market
from perps_stats.exchanges import EXCHANGES
from perps_stats.exchanges.contract import Subscription
from perps_stats.exchanges.events import Channel
from perps_stats.feed.session import Session
from perps_stats.ingest.grids import Grids
from perps_stats.ingest.market import MarketFeed

CAPTURES = os.environ.get("PERPS_STATS_CAPTURES")
pytestmark = pytest.mark.skipif(CAPTURES is None, reason="PERPS_STATS_CAPTURES names no captures")
FOLDER = Path(CAPTURES or "", "lighter", "ws")
GAP, CHAIN = "chain_order_book_0_ETH_20260728_gap.jsonl", "chain_order_book_36_CRV_20260729.jsonl"
RENEWED_US = 1785252999999999
CONTROLS = "frames_control_ticker_stats_trade_2026-07.jsonl"


def market(symbol: str, number: str, price_scale: int, quantity_scale: int) -> Market:
    return Market(
        exchange="lighter",
        symbol=symbol,
        native=symbol,
        wire_id=number,
        contract=f"{symbol}-USDC-PERP",
        base=symbol,
        quote="USDC",
        settle="USDC",
        price_scale=price_scale,
        quantity_scale=quantity_scale,
    )


ETH, CRV = market("ETH", "0", 2, 4), market("CRV", "36", 5, 1)


class Talk:
    """One market's session and feed: frames in, what is said to the exchange and gaps out."""

    def __init__(self, of: Market) -> None:
        stream = EXCHANGES["lighter"].stream
        assert stream is not None
        wanted = Subscription(channels=(Channel.ORDERBOOK,), markets=(of,))
        self.session = Session(stream, wanted, 0.0)
        self.feed = MarketFeed(of, 1, Grids(), self)
        self.feed.listening = True
        self.feed.want_snapshot = partial(self._renew)
        self.gaps: list[Gap] = []
        self.said: list[bytes] = []

    def _renew(self, feed: MarketFeed) -> None:
        self.session.renew_book(feed.market.native, 0.0)

    def keep(self, data_set: str, row: tuple[str | None, ...]) -> None:
        """Figures are tested elsewhere."""

    def keep_gap(self, gap: Gap) -> None:
        self.gaps.append(gap)

    def hear(self, frame: bytes) -> None:
        for event in self.session.received(frame, 0.0):
            self.feed.receive(event, 0)
        self.said += self.session.to_send()


def frames(name: str) -> list[bytes]:
    return (FOLDER / name).read_bytes().splitlines()


def renewed(first: bytes) -> bytes:
    """The same book as a later answer."""
    later = {
        b"1785252530119936": b"%d" % RENEWED_US,
        b'"nonce":17926042877': b'"nonce":17926999999',
    }
    for old, new in later.items():
        assert old in first
        first = first.replace(old, new)
    return first


def test_a_recorded_hole_is_one_resync() -> None:
    """Unsubscribe, the exchange's confirmation, subscribe: once, however many frames come between;
    one gap, from the last frame before the hole to the new beginning.
    """
    talk = Talk(ETH)
    talk.hear(b'{"session_id":"s","type":"connected"}')
    first, *others = frames(GAP)
    for frame in (first, *others, others[-1]):
        talk.hear(frame)
    assert [gap.end_time for gap in talk.gaps] == [None]
    assert talk.said == [
        b'{"type":"subscribe","channel":"order_book/0"}',
        b'{"type":"unsubscribe","channel":"order_book/0"}',
    ]
    confirmation = next(frame for frame in frames(CONTROLS) if b'"unsubscribed"' in frame)
    talk.hear(confirmation)
    assert talk.said[2:] == [b'{"type":"subscribe","channel":"order_book/0"}']
    before = talk.gaps[0]
    talk.hear(first)
    assert talk.gaps == [before]  # it is older than what was known
    talk.hear(renewed(first))
    assert talk.feed.book.verified
    opened, closed = talk.gaps
    assert (opened.cause, opened.end_time) == (GapCause.SEQUENCE, None)
    assert closed.start_time == before.start_time
    assert closed.end_time == from_us(RENEWED_US)


def test_a_recorded_chain_has_no_hole() -> None:
    """Offsets skip, nonces do not: seven frames, one book, nothing to say to the exchange."""
    talk = Talk(CRV)
    for frame in frames(CHAIN):
        talk.hear(frame)
    assert talk.feed.book.verified
    assert talk.gaps == []
    assert talk.said == []
    top = talk.feed.book.orderbook(1)
    assert Decimal(0) < top.bids[0].price < top.asks[0].price
