"""KuCoin's recorded frames against what another project's parser made of them.

Needs PERPS_STATS_CAPTURES. That parser counts in lots; its times and sides are ours. It differs
from us, on purpose, in this:

* it gives no change of a book before the book's snapshot; we give each, and the book joins them;
* it repeats in each frame what other frames said (last price, open interest, the other of mark and
  funding) under the time of the last funding frame; we give what the frame says, at its own time;
* it takes the rate that was settled (``granularity`` 28800000) for the running one; we do not.
"""

import json
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from perps_stats.core.times import from_us
from perps_stats.exchanges.events import (
    BestTick,
    BookDelta,
    Event,
    FundingTick,
    Ignored,
    MarkTick,
    TradeTick,
)
from perps_stats.exchanges.kucoin import rest
from perps_stats.feed.book import LiveBook

from ..answers import asked  # noqa: TID252 (tests are no package that could be named)
from ..recorded import CAPTURES, NEEDS, Json, lines  # noqa: TID252
from .test_kucoin_captures import DECODE, TARDIS
from .venue import WHOLE_BOOK, market, with_

pytestmark = pytest.mark.skipif(not CAPTURES, reason=NEEDS)

LOT = Decimal("0.001")
"""Of every market of these tests."""
MYRO = market("MYROUSDTM", "MYRO")


def recorded() -> dict[int, Json]:
    return {line.number: line.json for line in lines(TARDIS)}


def expected() -> dict[int, list[Json]]:
    path = Path(CAPTURES) / TARDIS.replace(".jsonl", ".expected.json")
    return {each["line"]: each["expected"] for each in json.loads(path.read_text())}


def event_of(number: int) -> Event:
    (event,) = DECODE(json.dumps(recorded()[number]).encode())
    return event


def is_same(theirs: float, ours: str | None) -> bool:
    return ours is not None and Decimal(repr(theirs)) == Decimal(ours)


def is_lots(theirs: float, ours: str | None) -> bool:
    return ours is not None and Decimal(repr(theirs)) * LOT == Decimal(ours)


def time_of(us: int) -> str:
    return from_us(us).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@pytest.mark.parametrize("number", [1, 9])
def test_trades(number: int) -> None:
    """Id, price, lots, taker side and time."""
    (theirs,), ours = expected()[number], event_of(number)
    assert isinstance(ours, TradeTick)
    assert (ours.native, ours.id, ours.side) == (theirs["symbol"], theirs["id"], theirs["side"])
    assert is_same(theirs["price"], ours.price)
    assert is_lots(theirs["amount"], ours.quantity)
    assert time_of(ours.ts) == theirs["timestamp"]


def test_the_top_of_a_book() -> None:
    """Both sides, and the time."""
    (theirs,), ours = expected()[7], event_of(7)
    assert isinstance(ours, BestTick)
    assert is_same(theirs["bidPrice"], ours.bid_price)
    assert is_lots(theirs["bidAmount"], ours.bid_qty)
    assert is_same(theirs["askPrice"], ours.ask_price)
    assert is_lots(theirs["askAmount"], ours.ask_qty)
    assert time_of(ours.ts) == theirs["timestamp"]


def test_a_book_from_its_snapshot_and_its_changes() -> None:
    """Three changes, then the snapshot, which contains the first; then one more."""
    assert [expected()[number] for number in (2, 3, 4)] == [[], [], []]
    book = LiveBook(MYRO)
    for number in (2, 3, 4):
        event = event_of(number)
        assert isinstance(event, BookDelta)
        book.wait(event)
    answer = partial(with_, {WHOLE_BOOK: recorded()[5]["data"]})
    snapshot, _ = asked(rest.book_snapshot(MYRO, None), answer)
    waiting = book.start(snapshot)
    assert waiting is not None
    assert [book.apply(delta) for delta in waiting] == [True, True]
    found, (theirs,) = book.orderbook(10), expected()[5]
    for side, levels in ((theirs["bids"], found.bids), (theirs["asks"], found.asks)):
        assert [Decimal(repr(level["price"])) for level in side] == [each.price for each in levels]
        assert [level["amount"] * LOT for level in side] == [each.quantity for each in levels]
    last, (theirs,) = event_of(6), expected()[6]
    assert isinstance(last, BookDelta)
    assert book.apply(last)
    best, (bid,) = book.orderbook(1).bids[0], theirs["bids"]
    assert (best.price, best.quantity) == (Decimal(repr(bid["price"])), bid["amount"] * LOT)
    assert time_of(last.ts) == theirs["timestamp"]


@pytest.mark.parametrize("number", [10, 15])
def test_running_funding(number: int) -> None:
    """The rate and its time."""
    (theirs,), ours = expected()[number], event_of(number)
    assert isinstance(ours, FundingTick)
    assert is_same(theirs["fundingRate"], ours.funding_rate)
    assert time_of(ours.ts) == theirs["timestamp"]


@pytest.mark.parametrize("number", [12, 14])
def test_settled_funding_is_set_aside(number: int) -> None:
    """They take it for the running rate."""
    (theirs,) = expected()[number]
    assert theirs["fundingRate"] == recorded()[number]["data"]["fundingRate"]
    assert event_of(number) == Ignored("funding.rate:28800000", "XBTUSDTM")


@pytest.mark.parametrize("number", [11, 13])
def test_mark_and_index(number: int) -> None:
    """Both prices; the time is the frame's own, theirs that of the funding before."""
    (theirs,), ours = expected()[number], event_of(number)
    assert isinstance(ours, MarkTick)
    assert is_same(theirs["markPrice"], ours.mark_price)
    assert is_same(theirs["indexPrice"], ours.index_price)
    assert ours.ts == recorded()[number]["data"]["timestamp"] * 1000
    assert time_of(ours.ts) > theirs["timestamp"]


def test_every_line_is_compared() -> None:
    """Fifteen; the eighth was made by their recorder, and they make nothing of it either."""
    compared = {1, 9, 7, 2, 3, 4, 5, 6, 10, 15, 12, 14, 11, 13}
    assert set(expected()) == compared | {8}
    assert expected()[8] == []
