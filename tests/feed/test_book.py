"""The live book: Binance's rule, and exact prices whatever the order of events."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perps_stats.core.errors import Unreadable
from perps_stats.core.types import Market, OrderbookLevel
from perps_stats.exchanges.events import BookDelta, BookSnapshot
from perps_stats.feed.book import LiveBook, OutOfStep
from perps_stats.feed.sides import COMPILED

Pairs = list[tuple[str, str]]
New = Callable[[], LiveBook]

BOTH = [
    pytest.param(False, id="plain"),
    pytest.param(
        True,
        id="compiled",
        marks=pytest.mark.skipif(not COMPILED, reason="built without a compiler"),
    ),
]
MARKET = Market(
    native="BTCUSDT",
    contract="BTC-USDT-PERP",
    base="BTC",
    quote="USDT",
    settle="USDT",
    price_scale=2,
    quantity_scale=3,
)


def raw(levels: Pairs) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(levels))


def snapshot(last: int, bids: Pairs, asks: Pairs, depth: int | None = None) -> BookSnapshot:
    return BookSnapshot("BTCUSDT", last * 1000, last, raw(bids), raw(asks), depth)


def delta(first: int, last: int, previous: int, bids: Pairs, asks: Pairs) -> BookDelta:
    return BookDelta("BTCUSDT", last * 1000, first, last, previous, raw(bids), raw(asks))


def level(price: str, quantity: str) -> OrderbookLevel:
    return OrderbookLevel(Decimal(price), Decimal(quantity))


@pytest.fixture(params=BOTH, name="new")
def a_twin(request: pytest.FixtureRequest) -> New:
    """Makes an empty book: the plain one, and the compiled one."""
    return partial(LiveBook, MARKET, compiled=bool(request.param))


def a_book(new: New) -> LiveBook:
    book = new()
    book.start(snapshot(100, [("10.00", "1.000"), ("9.90", "2.000")], [("10.10", "3.000")]))
    return book


def test_deltas_wait_for_the_snapshot_and_join_it(new: New) -> None:
    """Those before the snapshot are dropped, the one that straddles it is applied first."""
    book = new()
    for waiting in (
        delta(90, 95, 89, [("1.00", "1")], []),
        delta(96, 104, 95, [("10.00", "0.000")], []),
        delta(105, 106, 104, [], [("10.05", "7")]),
    ):
        book.wait(waiting)
    later = book.start(snapshot(100, [("10.00", "1.000"), ("9.90", "2.000")], [("10.10", "3")]))
    assert later is not None
    assert [waiting.last for waiting in later] == [104, 106]
    assert [book.apply(waiting) for waiting in later] == [True, True]
    assert book.orderbook(5).bids == [level("9.90", "2.000")]
    assert book.orderbook(5).asks == [level("10.05", "7.000"), level("10.10", "3.000")]
    assert book.last == 106


def test_a_snapshot_older_than_what_waits_is_refused(new: New) -> None:
    """The earliest waiting delta follows an update the snapshot does not have."""
    book = new()
    book.wait(delta(111, 112, 110, [], []))
    assert book.start(snapshot(100, [], [])) is None
    assert not book.verified


def test_a_missing_delta_makes_the_book_suspect(new: New) -> None:
    """``previous`` must be the last update; what was missed is named."""
    book = a_book(new)
    assert book.apply(delta(101, 105, 100, [], []))
    with pytest.raises(OutOfStep) as raised:
        book.apply(delta(108, 109, 107, [], []))
    assert raised.value.missed == (105, 107)
    assert not book.verified
    with pytest.raises(ValueError, match="suspect"):
        book.orderbook(1)


def test_the_breaking_delta_waits_for_the_next_snapshot(new: New) -> None:
    """Nothing is lost of what came after the hole."""
    book = a_book(new)
    with pytest.raises(OutOfStep):
        book.apply(delta(120, 121, 119, [("8.00", "5.000")], []))
    later = book.start(snapshot(120, [("9.00", "1.000")], [("11.00", "1.000")]))
    assert later is not None
    assert book.apply(later[0])
    assert book.orderbook(5).bids == [level("9.00", "1.000"), level("8.00", "5.000")]


def test_a_repeated_delta_changes_nothing(new: New) -> None:
    """A delta the book already contains is not applied again."""
    book = a_book(new)
    first = delta(101, 105, 100, [("10.00", "9.000")], [])
    assert book.apply(first)
    assert not book.apply(first)
    assert not book.apply(delta(90, 99, 89, [("10.00", "4.000")], []))
    assert book.orderbook(1).bids == [level("10.00", "9.000")]


def test_numbers_that_go_back_are_another_count(new: New) -> None:
    """What is told a second after the book's state and numbered before it is no repetition: the
    book is suspect, until a snapshot of the new count.
    """
    book = a_book(new)
    assert book.apply(delta(101, 105, 100, [], []))
    again = BookDelta("BTCUSDT", 105_000 + 1_000_000, 41, 45, 40, raw([]), raw([]))
    assert (book.apply(again), book.verified) == (False, True)
    later = msgspec.structs.replace(again, ts=again.ts + 1, first=46, last=47, previous=45)
    with pytest.raises(OutOfStep):
        book.apply(later)
    assert not book.verified
    assert book.start(BookSnapshot("BTCUSDT", later.ts, 47, raw([]), raw([]), None)) == []
    assert (book.verified, book.last) == (True, 47)


def test_removing_an_absent_level_is_harmless(new: New) -> None:
    """A zero for a level the book does not hold leaves no trace."""
    book = a_book(new)
    book.apply(delta(101, 102, 100, [("9.95", "0.000")], [("10.20", "0")]))
    assert len(book.orderbook(9).bids) == 2
    assert len(book.orderbook(9).asks) == 1


def test_padding_does_not_make_two_levels_of_one(new: New) -> None:
    """``10.0`` and ``10.00`` are one price."""
    book = a_book(new)
    book.apply(delta(101, 102, 100, [("10.0", "0")], []))
    assert book.orderbook(1).bids == [level("9.90", "2.000")]


def test_a_negative_price_is_unreadable(new: New) -> None:
    """No exchange can have it, so nothing is derived from such a book."""
    book = a_book(new)

    def read() -> None:
        book.apply(delta(101, 102, 100, [("-1.00", "1.000")], []))
        book.orderbook(1)

    with pytest.raises(Unreadable, match=r"negative|not a list of levels"):
        read()


def test_what_is_no_number_is_unreadable(new: New) -> None:
    """``nan`` and ``inf`` are spelt like numbers, and are none."""
    book = a_book(new)

    def read() -> None:
        book.apply(delta(101, 102, 100, [("nan", "1.000")], []))
        book.orderbook(1)

    with pytest.raises(Unreadable, match=r"no number|not a list of levels"):
        read()


def test_levels_that_are_no_numbers_make_the_book_suspect(new: New) -> None:
    """A delta that cannot be read leaves a book that cannot be vouched for."""
    book = a_book(new)
    with pytest.raises(Unreadable, match="levels of BTCUSDT"):
        book.apply(delta(101, 102, 100, [("abc", "1")], []))
    assert not book.verified


def test_a_number_too_long_to_be_exact_is_unreadable(new: New) -> None:
    """More than 15 significant digits are refused rather than rounded."""
    book = a_book(new)
    book.apply(delta(101, 102, 100, [("9.1234567890123456", "1")], []))
    with pytest.raises(Unreadable, match="15 significant digits"):
        book.orderbook(9)


def test_a_limited_snapshot_is_known_up_to_its_edge(new: New) -> None:
    """Levels beyond the edge are received, but the side is not known there."""
    book = new()
    book.start(snapshot(1, [("10", "1"), ("9", "1")], [("11", "1")], depth=2))
    book.apply(delta(2, 2, 1, [("8", "4")], [("12", "4")]))
    known = book.known_orderbook(1.0)
    assert [row.price for row in known.bids] == [10, 9]
    assert [row.price for row in known.asks] == [11, 12]
    assert not known.complete
    assert [row.price for row in book.orderbook(9).bids] == [10, 9, 8]


def test_a_short_snapshot_is_the_whole_book(new: New) -> None:
    """A side with fewer levels than asked has no edge."""
    book = new()
    book.start(snapshot(1, [("10", "1")], [("11", "1")], depth=1000))
    assert book.known_orderbook(1.0).complete
    assert book.known_share() == 1.0


def test_deepening_moves_the_edge_and_keeps_the_later_deltas(new: New) -> None:
    """A further snapshot adds what lies deeper; what changed since it was taken stays changed."""
    book = new()
    book.start(snapshot(1, [("10", "1"), ("9", "1")], [("11", "1"), ("12", "1")], depth=2))
    book.begin_deepening()
    book.apply(delta(2, 2, 1, [("10", "0")], []))
    book.apply(delta(3, 3, 2, [("9", "5")], []))
    book.deepen(snapshot(2, [("9", "1"), ("7", "2")], [("11", "1"), ("13", "1")], depth=2))
    assert book.known_orderbook(1.0).bids == [level("9.00", "5.000"), level("7.00", "2.000")]
    assert [row.price for row in book.known_orderbook(1.0).asks] == [11, 13]
    assert book.last == 3
    assert book.verified


def test_deepening_waits_until_the_book_has_reached_the_snapshot(new: New) -> None:
    """A snapshot from the future of the stream is merged when the stream arrives there."""
    book = new()
    book.start(snapshot(1, [("10", "1"), ("9", "1")], [("11", "1"), ("12", "1")], depth=2))
    book.begin_deepening()
    book.deepen(snapshot(3, [("9", "1"), ("8", "2")], [("11", "1"), ("12", "1")], depth=2))
    book.apply(delta(2, 2, 1, [("10", "0")], []))
    assert [row.price for row in book.known_orderbook(1.0).bids] == [9]
    book.apply(delta(3, 3, 2, [("8", "2")], []))
    assert [row.price for row in book.known_orderbook(1.0).bids] == [9, 8]


def test_a_stale_deepening_snapshot_is_ignored(new: New) -> None:
    """It cannot be brought to the present, so the book stays as it is."""
    book = new()
    book.start(snapshot(5, [("10", "1"), ("9", "1")], [("11", "1"), ("12", "1")], depth=2))
    book.begin_deepening()
    book.apply(delta(6, 6, 5, [], []))
    book.deepen(snapshot(3, [("4", "1"), ("3", "2")], [("11", "1"), ("12", "1")], depth=2))
    assert [row.price for row in book.orderbook(9).bids] == [10, 9]


prices = st.integers(1, 60).map(lambda ticks: f"{ticks / 4:.2f}")
quantities = st.integers(0, 5).map(lambda lots: f"{lots / 1000:.3f}")
changes = st.lists(st.tuples(prices, quantities), max_size=8)


@pytest.mark.parametrize("twin", BOTH)
@given(steps=st.lists(st.tuples(changes, changes), max_size=30), joined_at=st.integers(0, 30))
def test_the_book_equals_a_naive_one(
    twin: bool,  # noqa: FBT001 a parameter
    steps: list[tuple[Pairs, Pairs]],
    joined_at: int,
) -> None:
    """Snapshot plus deltas equals the sum of all changes, wherever the snapshot was taken."""
    naive: tuple[dict[Decimal, Decimal], dict[Decimal, Decimal]] = ({}, {})
    at = min(joined_at, len(steps))
    book = LiveBook(MARKET, compiled=twin)
    shot = snapshot(0, [], [])
    for number, sides in enumerate(steps, start=1):
        book.wait(delta(number, number, number - 1, *sides))
        for side, levels in zip(naive, sides, strict=True):
            for price, quantity in levels:
                side[Decimal(price)] = Decimal(quantity)
        if number == at:
            bids, asks = ([(str(p), str(q)) for p, q in side.items() if q] for side in naive)
            shot = snapshot(number, bids, asks)
    later = book.start(shot)
    assert later is not None
    assert all(book.apply(waiting) for waiting in later)
    left = [{p: q for p, q in side.items() if q} for side in naive]
    seen = book.orderbook(1000)
    assert [(row.price, row.quantity) for row in seen.bids] == sorted(left[0].items())[::-1]
    assert [(row.price, row.quantity) for row in seen.asks] == sorted(left[1].items())


@pytest.mark.parametrize("twin", BOTH)
@given(digits=st.integers(1, 10**15 - 1), decimals=st.integers(0, 12))
def test_fifteen_digits_are_exact(twin: bool, digits: int, decimals: int) -> None:  # noqa: FBT001
    """Any decimal of up to 15 digits is read back as it was sent."""
    sent = Decimal(digits).scaleb(-decimals)
    book = LiveBook(MARKET, compiled=twin)
    book.start(snapshot(1, [(f"{sent:f}", "1.000")], []))
    assert book.orderbook(1).bids[0].price == sent
