"""A long recorded session of another exchange, told in Lighter's frames: a synthetic chain.

Of Lighter itself no long chain was recorded. The levels and the chain of updates are real, and the
last book is known without the decoder. Needs PERPS_STATS_CAPTURES.
"""

import json
from collections.abc import Iterator
from decimal import Decimal

import pytest

from perps_stats.exchanges.events import BookDelta, BookSnapshot
from perps_stats.exchanges.lighter.stream import decoder
from perps_stats.feed.book import LiveBook, OutOfStep
from perps_stats.sim.lighter import frames

from ..answers import body  # noqa: TID252 (tests are no package that could be named)
from ..recorded import CAPTURES, NEEDS, TAPE, Json, lines  # noqa: TID252
from .venue import BTC

pytestmark = pytest.mark.skipif(not CAPTURES, reason=NEEDS)
CHANNEL = "order_book/1"
LOST = 4000


def recorded() -> Iterator[Json]:
    """The snapshot, then the diffs that go on from it."""
    waiting: list[Json] = []
    last = 0
    for line in lines(TAPE):
        told = line.json
        if told["src"] == "rest":
            snapshot = json.loads(told["raw"])
            last = snapshot["lastUpdateId"]
            yield snapshot
            yield from (diff for diff in waiting if diff["u"] > last)
        elif "@depth" in told["raw"]:
            diff = json.loads(told["raw"])["data"]
            if last:
                yield diff
            else:
                waiting.append(diff)


def transcoded() -> Iterator[bytes]:
    """A nonce is an update id; the first diff begins at the snapshot, which it straddles."""
    nonce = 0
    for told in recorded():
        bids, asks = (told[name[0]] if "u" in told else told[name] for name in ("bids", "asks"))
        nonces = (nonce, told["u"] if "u" in told else told["lastUpdateId"])
        yield body(frames.book(CHANNEL, told["T"], nonces, bids, asks, began=not nonce))
        nonce = nonces[1]


def test_a_long_chain_builds_the_book_that_a_plain_reading_builds() -> None:
    """Thousands of frames without a gap; at the end every level, and the best that is known."""
    decode, book = decoder([BTC]), LiveBook(BTC)
    count = 0
    for frame in transcoded():
        (event,) = decode(frame)
        if isinstance(event, BookSnapshot):
            assert book.start(event) == []
        else:
            assert isinstance(event, BookDelta)
            assert book.apply(event)
            count += 1
    plain: dict[str, dict[Decimal, Decimal]] = {"b": {}, "a": {}}
    for told in recorded():
        for side, name in (("b", "bids"), ("a", "asks")):
            for price, size in told[side] if "u" in told else told[name]:
                plain[side][Decimal(price)] = Decimal(size)
    assert count > 6000
    found = book.known_orderbook(10)
    for side, ours in (("b", found.bids), ("a", found.asks)):
        resting = {price: size for price, size in plain[side].items() if size}
        assert {level.price: level.quantity for level in ours} == resting
    assert (found.bids[0].price, found.asks[0].price) == (Decimal("61659.70"), Decimal("61659.80"))


def test_a_lost_frame_is_seen_once() -> None:
    """The frame after it is refused; from then on the book is not vouched for."""
    decode, book = decoder([BTC]), LiveBook(BTC)
    broken = 0
    for number, frame in enumerate(transcoded()):
        (event,) = decode(frame) if number != LOST else (None,)
        if isinstance(event, BookSnapshot):
            book.start(event)
        elif isinstance(event, BookDelta) and (book.verified or not broken):
            try:
                book.apply(event)
            except OutOfStep:
                broken += 1
                assert number == LOST + 1
    assert broken == 1
    assert not book.verified
