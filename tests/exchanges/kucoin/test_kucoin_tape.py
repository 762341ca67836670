"""A recorded book in KuCoin's words. Synthetic: Binance's recorded changes, told one level a frame
and in lots, since nobody has recorded a session of KuCoin's own.

Needs PERPS_STATS_CAPTURES.
"""

import json
from collections.abc import Iterator
from decimal import Decimal

import msgspec
import pytest

from perps_stats.exchanges.events import BookDelta
from perps_stats.exchanges.kucoin import rest
from perps_stats.exchanges.kucoin.stream import STREAM
from perps_stats.feed.book import LiveBook, OutOfStep
from perps_stats.sim.dialect.sequence import LevelChange
from perps_stats.sim.facts import BookFact
from perps_stats.sim.kucoin import frames, rows
from perps_stats.sim.kucoin.listing import Contract
from perps_stats.sim.scale import Scale

from ..answers import asked, body  # noqa: TID252 (tests are no package that could be named)
from ..recorded import CAPTURES, NEEDS, TAPE, Json, lines  # noqa: TID252
from .venue import BTC

pytestmark = pytest.mark.skipif(not CAPTURES, reason=NEEDS)

TOPIC = f"/contractMarket/level2:{BTC.native}"
XBT = Contract(
    symbol=BTC.native,
    base="XBT",
    quote="USDT",
    settle="USDT",
    price=Scale(1, 1),
    lot=Scale(1, 3),
    onboard=1,
)
DECODE = STREAM.decoder([BTC])


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


def levels_of(diffs: list[Json]) -> Iterator[tuple[int, bool, str, str]]:
    for diff in diffs:
        for side in ("b", "a"):
            for price, size in diff[side]:
                yield diff["T"], side == "b", price, size


def changes(diffs: list[Json]) -> Iterator[BookDelta]:
    """One level a frame, numbered from 2 on."""
    for number, (time, is_bid, price, size) in enumerate(levels_of(diffs), 2):
        fact = LevelChange(number, is_bid=is_bid, price=price, quantity=size)
        (event,) = DECODE(body(frames.change(TOPIC, XBT, time, fact)))
        assert isinstance(event, BookDelta)
        yield event


def begun(snapshot: Json) -> LiveBook:
    """From the whole book, as REST tells it, at sequence 1."""
    fact = BookFact(1, snapshot["T"], snapshot["T"], snapshot["bids"], snapshot["asks"])
    told = msgspec.json.encode({"code": "200000", "data": rows.book(XBT, fact)})
    found, _ = asked(rest.book_snapshot(BTC, None), lambda _: told)
    book = LiveBook(BTC)
    assert book.start(found) == []
    return book


def test_a_recorded_book_in_these_words_ends_as_it_is_known_to() -> None:
    """Every change one above the last; the last best prices are known from another replay, and
    every level is the one that was recorded last.
    """
    snapshot, diffs = recorded()
    known = {True: dict(snapshot["bids"]), False: dict(snapshot["asks"])}
    for _, is_bid, price, size in levels_of(diffs):
        known[is_bid][price] = size
    book = begun(snapshot)
    count = sum(book.apply(change) for change in changes(diffs))
    assert count > 6000
    assert book.last == count + 1
    top = book.orderbook(1)
    assert [str(side[0].price) for side in (top.bids, top.asks)] == ["61659.7", "61659.8"]
    whole = book.orderbook(100_000)
    for levels, side in ((whole.bids, known[True]), (whole.asks, known[False])):
        expected = {Decimal(price): Decimal(size) for price, size in side.items() if float(size)}
        assert {each.price: each.quantity for each in levels} == expected


def test_a_change_that_never_came_is_missed() -> None:
    """Once: the book is suspect from there on."""
    snapshot, diffs = recorded()
    book = begun(snapshot)
    told = list(changes(diffs[:50]))
    for change in told[:20]:
        book.apply(change)
    with pytest.raises(OutOfStep):
        book.apply(told[21])
    assert (book.last, book.verified) == (21, False)
