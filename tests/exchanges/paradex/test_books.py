"""Live books of Paradex: fifteen levels a frame are floors; changes are chained by their number.

No frame of the feed of changes was ever recorded: its frames here are made after the documents.
"""

import json
from itertools import count

import pytest

from perps_stats.aggregator.liquidity import calculate_liquidity_depth
from perps_stats.core.types import Market
from perps_stats.exchanges.contract import Subscription
from perps_stats.exchanges.events import BookDelta, BookSnapshot, Channel
from perps_stats.exchanges.paradex.stream import decode
from perps_stats.feed.book import LiveBook, OutOfStep
from perps_stats.feed.session import Session

from ..answers import body  # noqa: TID252 a folder an exchange
from . import pushes
from .changes import DELTAS
from .pushes import CHANGE, answered, level, push
from .venue import BTC, Json

TICK = 10
"""The book's prices lie a tick of 0.1 apart, around 60000.5."""


def side(name: str, count: int) -> list[Json]:
    sign = -1 if name == "BUY" else 1
    start = 600_000 if name == "BUY" else 600_010
    return [level(name, f"{(start + sign * n) / TICK:.1f}", "2") for n in range(count)]


def snapshot(number: int, bids: int = 15, asks: int = 15) -> BookSnapshot:
    levels = side("BUY", bids) + side("SELL", asks)
    frame = push(pushes.SNAPSHOTS, pushes.book("s", number, inserts=levels))
    (event,) = decode(body(frame))
    assert isinstance(event, BookSnapshot)
    return event


def live(*snapshots: BookSnapshot, market: Market = BTC) -> LiveBook:
    book = LiveBook(market)
    for each in snapshots:
        assert book.start(each) == []
    return book


def test_fifteen_levels_are_not_the_whole_book() -> None:
    """What lies deeper is unknown: the book is known as far as its last level, and not complete."""
    book = live(snapshot(1))
    assert not book.known_orderbook(1.0).complete
    assert book.known_share() == pytest.approx(1.4 / 60_000, rel=1e-3)


def test_wide_bands_are_floors() -> None:
    """14 ticks of 0.1 at 60000 are less than a basis point: each band holds all that is known."""
    figures = calculate_liquidity_depth(live(snapshot(1)).known_orderbook(0.05))
    assert not figures.complete
    assert figures.reach_bid_bps is not None
    assert figures.reach_bid_bps < 1
    assert figures.bid_1bps == figures.bid_100bps
    assert figures.bid_100bps == sum(
        2 * level.price for level in live(snapshot(1)).orderbook(15).bids
    )


def test_a_side_with_fewer_levels_is_whole() -> None:
    """A side that could have had 15 levels and has 14 is all there is."""
    book = live(snapshot(1, bids=14, asks=3))
    assert book.known_orderbook(1.0).complete


def test_every_frame_of_a_book_stands_alone() -> None:
    """Numbers jump between frames; nothing of an older one is left in the newer."""
    book = live(snapshot(1), snapshot(90, bids=2, asks=1))
    assert (len(book.orderbook(50).bids), len(book.orderbook(50).asks)) == (2, 1)
    assert (book.last, book.verified) == (90, True)


def changed(number: int) -> BookDelta:
    data = pushes.book("d", number, updates=[level("BUY", "60000.0", str(number))])
    (event,) = decode(body(push(pushes.DELTAS, data)))
    assert isinstance(event, BookDelta)
    return event


def test_changes_follow_by_their_number() -> None:
    """Each frame's number is one above the last; sizes are absolute, deleted levels are gone."""
    book = live(snapshot(10))
    (change,) = decode(body(CHANGE))
    assert isinstance(change, BookDelta)
    assert book.apply(change)
    assert [str(each.price) for each in book.orderbook(1).asks] == ["60001.0"]
    assert str(book.orderbook(1).bids[0].price) == "61659.8"
    assert book.apply(changed(12))
    assert book.last == 12


def test_a_missing_change_breaks_the_chain() -> None:
    """Two after one is followed; three after one is not, and the book is suspect."""
    book = live(snapshot(1))
    assert book.apply(changed(2))
    with pytest.raises(OutOfStep):
        book.apply(changed(4))
    assert not book.verified


def test_a_broken_book_is_renewed_in_the_stream() -> None:
    """Unsubscribe, wait for the answer, subscribe anew; the new whole frame starts the book."""
    subscription = Subscription(channels=(Channel.ORDERBOOK,), markets=(BTC,))
    session = Session(DELTAS, subscription, 0.0)
    (first,) = session.to_send()
    session.renew_book("BTC-USD-PERP", 1.0)
    (end,) = session.to_send()
    assert json.loads(end)["method"] == "unsubscribe"
    session.received(body(answered(json.loads(end)["id"], pushes.DELTAS)), 1.1)
    assert session.to_send() == [first]
    frame = push(pushes.DELTAS, pushes.book("s", 70, inserts=side("BUY", 3)))
    (event,) = session.received(body(frame), 1.2)
    assert isinstance(event, BookSnapshot)
    book = live(event)
    assert [
        book.apply(changed(number)) for number, _ in zip(count(71), range(3), strict=False)
    ] == [True] * 3
