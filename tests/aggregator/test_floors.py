"""Which figures are lower bounds."""

from collections.abc import Callable
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from perps_stats.aggregator.floors import floors
from perps_stats.aggregator.liquidity import BANDS, calculate_liquidity_depth
from perps_stats.aggregator.slippage import calculate_slippages
from perps_stats.core.types import Orderbook, Side

MakeBook = Callable[..., Orderbook]


def test_bands_beyond_reach_are_floors(book_of: MakeBook) -> None:
    """Bids received to 10 bps exactly, asks to 1.5: what lies beyond each is a floor."""
    book = book_of([("99990", "1"), ("99900", "1")], [("100010", "1"), ("100015", "1")])
    assert floors(calculate_liquidity_depth(book)) == {
        *(f"bid_{band}" for band in ("20bps", "50bps", "100bps")),
        *(f"ask_{band}" for band in ("2_5bps", "5bps", "10bps", "20bps", "50bps", "100bps")),
    }


@given(st.from_type(Orderbook))
def test_only_an_incomplete_book_has_floors(book: Orderbook) -> None:
    """A complete book has none; an incomplete one the bands that its last level does not reach."""
    stats = calculate_liquidity_depth(book)
    mid = (book.bids[0].price + book.asks[0].price) / 2
    expected = {
        f"{side}_{band}"
        for side, last in (("bid", book.bids[-1]), ("ask", book.asks[-1]))
        for band, distance in BANDS.items()
        if not book.complete and abs(last.price - mid) * 10_000 < distance * mid
    }
    assert floors(stats) == expected


def test_nothing_is_a_floor_where_nothing_is_known(unusable_book: Orderbook) -> None:
    """A null is not a lower bound."""
    assert floors(calculate_liquidity_depth(unusable_book)) == set()
    (row,) = calculate_slippages(unusable_book, [Decimal(10)], [Side.BUY])
    assert floors(row) == set()


def test_the_most_that_can_be_filled_is_a_floor_of_an_incomplete_book(book_of: MakeBook) -> None:
    """More may lie deeper than what was received, unless the book is whole."""
    sides = ([("99", "1")], [("101", "1")])
    (open_ended,) = calculate_slippages(book_of(*sides), [Decimal(500)], [Side.BUY])
    (whole,) = calculate_slippages(book_of(*sides, complete=True), [Decimal(500)], [Side.BUY])
    (filled,) = calculate_slippages(book_of(*sides), [Decimal(50)], [Side.BUY])
    assert floors(open_ended) == {"max_amount"}
    assert floors(whole) == set()
    assert floors(filled) == set()
