"""A recorded book in Paradex's words. Synthetic: Binance's recorded changes, told as the documents
say that Paradex tells changes, and whole books; nobody has recorded a session of its own.

Needs PERPS_STATS_CAPTURES.
"""

import json
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

import pytest

from perps_stats.core.types import OrderbookLevel
from perps_stats.exchanges.events import BookDelta, BookSnapshot
from perps_stats.exchanges.paradex.stream import decode
from perps_stats.feed.book import LiveBook
from perps_stats.sim.paradex import frames
from perps_stats.sim.paradex.frames import Told, push, row, whole_book

from ..answers import body  # noqa: TID252 a folder an exchange
from ..recorded import CAPTURES, NEEDS, TAPE, Json, lines  # noqa: TID252
from .pushes import DELTAS, SNAPSHOTS
from .venue import BTC

pytestmark = pytest.mark.skipif(not CAPTURES, reason=NEEDS)

NATIVE = BTC.native
SIDES = (("b", "BUY"), ("a", "SELL"))
EVERY = 40
"""After so many changes a whole frame is sent."""
DEPTH = 15


class Sent(NamedTuple):
    """A whole frame, and the levels that are in it."""

    frame: bytes
    number: int
    bids: list[OrderbookLevel]
    asks: list[OrderbookLevel]


def recorded() -> tuple[Json, list[Json]]:
    """The order book's body, and the changes that its stream brought."""
    snapshot: Json = None
    diffs: list[Json] = []
    for line in lines(TAPE):
        said = json.loads(line.json["raw"])
        if line.json.get("src") == "rest":
            snapshot = said
        elif said.get("data", {}).get("e") == "depthUpdate":
            diffs.append(said["data"])
    return snapshot, [diff for diff in diffs if diff["u"] > snapshot["lastUpdateId"]]


def transcoded(
    snapshot: Json, diffs: list[Json], known: dict[str, dict[str, str]]
) -> Iterator[bytes]:
    """The same book: a whole frame, then inserts, updates and deletes, numbered one by one.

    ``known`` becomes the book's levels by side, price and size, as they were recorded.
    """
    known |= {"BUY": dict(snapshot["bids"]), "SELL": dict(snapshot["asks"])}
    told = whole_book(1, known["BUY"].items(), known["SELL"].items())
    yield body(push(DELTAS, frames.book(NATIVE, snapshot["T"], told, is_whole=True)))
    for number, diff in enumerate(diffs, 2):
        told = Told(number, [], [], [])
        for field, side in SIDES:
            for price, size in diff[field]:
                tell(told, known[side], side, price, size)
        yield body(push(DELTAS, frames.book(NATIVE, diff["T"], told, is_whole=False)))


def tell(told: Told, known: dict[str, str], side: str, price: str, size: str) -> None:
    if float(size):
        (told.updates if price in known else told.inserts).append(row(side, price, size))
        known[price] = size
    elif known.pop(price, None):
        told.deletes.append(row(side, price, size))


def snapshots() -> Iterator[Sent]:
    """The same book in whole frames of the best 15 levels a side, whose numbers skip."""
    start, diffs = recorded()
    known = {"b": dict(start["bids"]), "a": dict(start["asks"])}
    for number, diff in enumerate(diffs, 1):
        for side, levels in known.items():
            levels |= dict(diff[side])
        if number % EVERY == 0 or number == len(diffs):
            bids, asks = best(known["b"], descending=True), best(known["a"], descending=False)
            told = whole_book(number, text_of(bids), text_of(asks))
            frame = push(SNAPSHOTS, frames.book(NATIVE, diff["T"], told, is_whole=True))
            yield Sent(body(frame), number, bids, asks)


def best(known: dict[str, str], *, descending: bool) -> list[OrderbookLevel]:
    """A size of zero is no level."""
    levels = [OrderbookLevel(Decimal(price), Decimal(size)) for price, size in known.items()]
    there = [level for level in levels if level.quantity]
    return sorted(there, key=lambda level: level.price, reverse=descending)[:DEPTH]


def text_of(levels: Iterable[OrderbookLevel]) -> list[tuple[str, str]]:
    return [(f"{level.price:f}", f"{level.quantity:f}") for level in levels]


def kept(frames_of_it: Iterable[bytes]) -> LiveBook:
    book = LiveBook(BTC)
    for frame in frames_of_it:
        keep(book, frame)
    return book


def keep(book: LiveBook, frame: bytes) -> None:
    (event,) = decode(frame)
    if isinstance(event, BookSnapshot):
        assert book.start(event) == []
    else:
        assert isinstance(event, BookDelta)
        assert book.apply(event)


def test_a_recorded_book_in_these_words_ends_as_it_is_known_to() -> None:
    """Thousands of changes without a break; the last best prices are known from another replay, and
    every level is the one that was recorded last.
    """
    snapshot, diffs = recorded()
    known: dict[str, dict[str, str]] = {}
    book = kept(transcoded(snapshot, diffs, known))
    top = book.orderbook(1)
    assert [str(side[0].price) for side in (top.bids, top.asks)] == ["61659.7", "61659.8"]
    assert (book.last, book.verified) == (len(diffs) + 1, True)
    assert len(diffs) > 6000
    whole = book.orderbook(100_000)
    for levels, side in ((whole.bids, "BUY"), (whole.asks, "SELL")):
        recorded_last = {Decimal(price): Decimal(size) for price, size in known[side].items()}
        assert {each.price: each.quantity for each in levels} == recorded_last


def assert_is(book: LiveBook, sent: Sent) -> None:
    """All that is known are these levels, and that more may lie deeper."""
    whole, known = book.orderbook(100_000), book.known_orderbook(1.0)
    assert (whole.bids, whole.asks) == (sent.bids, sent.asks)
    assert (len(known.bids), len(known.asks), known.complete) == (DEPTH, DEPTH, False)
    assert (book.last, book.verified) == (sent.number, True)


def test_a_recorded_book_in_whole_frames_ends_as_it_is_known_to() -> None:
    """Its 15 best levels a side, and never the whole book, though its numbers skip."""
    sent = list(snapshots())
    book = kept(each.frame for each in sent)
    assert_is(book, sent[-1])
    top = book.orderbook(1)
    assert [str(side[0].price) for side in (top.bids, top.asks)] == ["61659.7", "61659.8"]
    assert len(sent) > 150
    assert {after.number - before.number for before, after in pairwise(sent[:-1])} == {EVERY}


def test_a_whole_frame_that_was_dropped_is_made_up_for_by_the_next() -> None:
    """Nothing tells that it is missing; the book is the one before it, then the one after it."""
    book, before = LiveBook(BTC), None
    for count, sent in enumerate(snapshots(), 1):
        if before and count % 10 == 0:
            assert (sent.bids, sent.asks) != (before.bids, before.asks)
            assert_is(book, before)
        else:
            keep(book, sent.frame)
            assert_is(book, sent)
            before = sent
    assert before
    assert before.number == len(recorded()[1])
