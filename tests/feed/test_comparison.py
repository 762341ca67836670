"""A live book and the exchange's own answer, brought to the same update."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from perps_stats.core.types import Market
from perps_stats.exchanges.events import BookDelta, BookSnapshot
from perps_stats.feed.book import LiveBook, OutOfStep
from perps_stats.feed.sides import COMPILED

BOTH = [False, True] if COMPILED else [False]
MARKET = Market(
    exchange="binance",
    symbol="BTC",
    native="BTCUSDT",
    contract="BTC-USDT-PERP",
    base="BTC",
    quote="USDT",
    settle="USDT",
    price_scale=2,
    quantity_scale=3,
)
Pairs = list[tuple[str, str]]
BIDS: Pairs = [("100.00", "1"), ("99.00", "2"), ("98.00", "3")]
ASKS: Pairs = [("101.00", "1"), ("102.00", "2"), ("103.00", "3")]


def raw(levels: Pairs) -> Raw:
    return Raw(msgspec.json.encode(levels))


def snapshot(last: int, bids: Pairs, asks: Pairs, depth: int | None = None) -> BookSnapshot:
    return BookSnapshot("BTCUSDT", last, last, raw(bids), raw(asks), depth)


def delta(last: int, bids: Pairs, asks: Pairs, first: int | None = None) -> BookDelta:
    begin = last if first is None else first
    return BookDelta("BTCUSDT", last, begin, last, begin - 1, raw(bids), raw(asks))


def a_book(*, compiled: bool = False) -> LiveBook:
    """At update 10, and asked for."""
    book = LiveBook(MARKET, compiled=compiled)
    book.start(snapshot(10, BIDS, ASKS))
    book.begin_comparing()
    return book


@pytest.mark.parametrize("compiled", BOTH)
def test_an_equal_answer_is_equal(compiled: bool) -> None:  # noqa: FBT001 a parameter
    """However its numbers are padded."""
    book = a_book(compiled=compiled)
    answer = snapshot(10, [("100.0", "1.000"), *BIDS[1:]], ASKS)
    assert book.is_comparable(answer)
    assert book.end_comparing(answer) is None


@pytest.mark.parametrize(
    ("bids", "asks", "told"),
    [
        ([("100.00", "1"), ("99.00", "7"), ("98.00", "3")], ASKS, "bid: the exchange has 7.000 at"),
        ([*BIDS, ("97.00", "1")], ASKS, "bid: the exchange has 1.000 at 97.00, the book none"),
        (BIDS, ASKS[:2], "ask: the exchange has none, the book 3.000 at 103.00"),
        (BIDS, [], "ask: the exchange has none, the book 1.000 at 101.00"),
    ],
)
def test_a_difference_is_told(bids: Pairs, asks: Pairs, told: str) -> None:
    """The first level that differs, and what both say of it."""
    said = a_book().end_comparing(snapshot(10, bids, asks))
    assert said is not None
    assert said.startswith(told)


def test_an_older_answer_is_brought_to_the_present() -> None:
    """By what changed since it was asked for; also where it lies within an update."""
    book = a_book()
    book.apply(delta(12, [("100.00", "0")], [], first=11))
    book.apply(delta(15, [("99.50", "4")], [("101.00", "9")], first=13))
    for answer in (
        snapshot(10, BIDS, ASKS),
        snapshot(12, BIDS[1:], ASKS),
        snapshot(14, [("99.50", "4"), *BIDS[1:]], ASKS),
    ):
        assert book.is_comparable(answer)
    assert book.end_comparing(answer) is None


def test_what_cannot_be_brought_to_one_update_is_not_compared() -> None:
    """An answer that is ahead of the book, or of before it was asked for, or a broken book."""
    book = a_book()
    assert not book.is_comparable(snapshot(11, BIDS, ASKS))
    assert not book.is_comparable(snapshot(9, BIDS, ASKS))
    book.apply(delta(11, [], []))
    assert not book.is_comparable(snapshot(9, BIDS, ASKS))
    assert book.is_comparable(snapshot(10, BIDS, ASKS))
    with pytest.raises(OutOfStep):
        book.apply(delta(20, [], []))
    assert not book.is_comparable(snapshot(20, BIDS, ASKS))


def test_beyond_what_both_know_nothing_is_compared() -> None:
    """An answer of two levels a side says nothing of the third."""
    assert a_book().end_comparing(snapshot(10, BIDS[:2], ASKS[:2], depth=2)) is None
    said = a_book().end_comparing(snapshot(10, BIDS[:1], ASKS[:1], depth=2))
    assert said == "bid: the exchange has none, the book 2.000 at 99.00"


prices = st.integers(1, 40)
changes = st.lists(st.tuples(prices, st.integers(0, 5)), max_size=6)


@pytest.mark.parametrize("compiled", BOTH)
@given(steps=st.lists(st.tuples(changes, changes), max_size=12), data=st.data())
def test_no_false_alarm(
    compiled: bool,  # noqa: FBT001 a parameter
    steps: list[tuple[list[tuple[int, int]], list[tuple[int, int]]]],
    data: st.DataObject,
) -> None:
    """Whatever changed since, and wherever the answer was cut, a right book equals it."""
    book = a_book(compiled=compiled)
    sides: tuple[dict[int, int], dict[int, int]] = ({}, {})
    for side, levels in zip(sides, (BIDS, ASKS), strict=True):
        side.update({int(float(price)): int(size) for price, size in levels})
    at = data.draw(st.integers(0, len(steps)), label="answered at")
    depth = data.draw(st.integers(1, 6), label="levels")
    answer = cut(10, sides, depth)
    for number, step in enumerate(steps, start=1):
        below, above = (
            [(base + price, size) for price, size in levels]
            for base, levels in zip((60, 100), step, strict=True)
        )
        sides[0].update(below)
        sides[1].update(above)
        book.apply(delta(10 + number, texts(below), texts(above)))
        if number == at:
            answer = cut(10 + number, sides, depth)
    assert book.is_comparable(answer)
    assert book.end_comparing(answer) is None


def texts(levels: list[tuple[int, int]]) -> Pairs:
    return [(f"{price}.00", str(size)) for price, size in levels]


def cut(last: int, sides: tuple[dict[int, int], dict[int, int]], depth: int) -> BookSnapshot:
    """The best ``depth`` levels a side."""
    bids, asks = ({price: size for price, size in side.items() if size} for side in sides)
    best = sorted(bids.items(), reverse=True)[:depth], sorted(asks.items())[:depth]
    return snapshot(last, texts(best[0]), texts(best[1]), depth)
