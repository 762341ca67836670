"""A recorded book in Paradex's words. Synthetic: Binance's recorded changes, told as the documents
say that Paradex tells changes, since nobody has recorded any of its own.

Needs PERPS_STATS_CAPTURES.
"""

import json
from collections.abc import Iterator
from decimal import Decimal

import pytest

from perps_stats.core.types import Market
from perps_stats.exchanges.events import BookDelta, BookSnapshot
from perps_stats.exchanges.paradex.stream import decode
from perps_stats.feed.book import LiveBook
from perps_stats.sim.paradex import frames
from perps_stats.sim.paradex.frames import Told, push, row, whole_book

from ..answers import body  # noqa: TID252 a folder an exchange
from ..recorded import CAPTURES, NEEDS, TAPE, Json, lines  # noqa: TID252
from .pushes import DELTAS
from .venue import BTC

pytestmark = pytest.mark.skipif(not CAPTURES, reason=NEEDS)

NATIVE = BTC.native
SIDES = (("b", "BUY"), ("a", "SELL"))


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


def kept(frames_of_it: Iterator[bytes], market: Market = BTC) -> LiveBook:
    book = LiveBook(market)
    for frame in frames_of_it:
        (event,) = decode(frame)
        if isinstance(event, BookSnapshot):
            assert book.start(event) == []
        else:
            assert isinstance(event, BookDelta)
            assert book.apply(event)
    return book


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
