"""Market depth against an independent reference in fractions."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perps_stats.aggregator.depth import DEFAULT_PERCENTAGES, calculate_market_depth
from perps_stats.core.errors import BadInput
from perps_stats.core.types import Orderbook

BOOKS = st.from_type(Orderbook)
PERCENTAGES = st.lists(st.decimals("0.0001", 2, places=4), max_size=6)


def quantity_between(book: Orderbook, side: str, low: Fraction, high: Fraction) -> Fraction:
    levels = book.bids if side == "bid" else book.asks
    inside = [level for level in levels if low <= Fraction(level.price) <= high]
    return sum((Fraction(level.quantity) for level in inside), Fraction(0))


@given(BOOKS, PERCENTAGES)
def test_volumes_equal_the_sum_in_fractions(book: Orderbook, percentages: list[Decimal]) -> None:
    """Each volume is the base quantity inside mid x (1 +- p), in the order asked."""
    depth = calculate_market_depth(book, percentages)
    mid = (Fraction(book.bids[0].price) + Fraction(book.asks[0].price)) / 2
    assert [level.percentage for level in depth.levels] == percentages
    for level in depth.levels:
        low, high = (mid * (1 + sign * Fraction(level.percentage)) for sign in (-1, 1))
        assert level.bid_volume is not None
        assert level.ask_volume is not None
        assert Fraction(level.bid_volume) == quantity_between(book, "bid", low, high)
        assert Fraction(level.ask_volume) == quantity_between(book, "ask", low, high)


@given(BOOKS)
def test_depth_grows_with_the_percentage(book: Orderbook) -> None:
    """A wider distance never holds less."""
    levels = calculate_market_depth(book).levels
    assert [level.percentage for level in levels] == list(DEFAULT_PERCENTAGES)
    volumes = [(level.bid_volume or 0, level.ask_volume or 0) for level in levels]
    assert [bid for bid, _ in volumes] == sorted(bid for bid, _ in volumes)
    assert [ask for _, ask in volumes] == sorted(ask for _, ask in volumes)


@pytest.mark.parametrize("complete", [True, False])
def test_a_distance_beyond_the_received_book_is_a_floor(
    book_of: Callable[..., Orderbook],
    complete: bool,  # noqa: FBT001 - a parametrised value
) -> None:
    """The nearer side ends 1 % from mid: 1 % is known, 2 % is a floor unless the book is whole."""
    book = book_of([("99", "1")], [("101", "1"), ("150", "1")], complete=complete)
    levels = calculate_market_depth(book, [Decimal("0.01"), Decimal("0.02")]).levels
    assert [level.floor for level in levels] == [False, not complete]


def test_an_unusable_book_gives_nulls(unusable_book: Orderbook) -> None:
    """Nothing is derived from a book without a mid."""
    depth = calculate_market_depth(unusable_book, [Decimal("0.1")])
    assert depth.mid_price is None
    (level,) = depth.levels
    assert (level.bid_volume, level.ask_volume, level.floor) == (None, None, False)


@pytest.mark.parametrize("percentage", ["0", "-0.01", "NaN", "Infinity"])
def test_a_percentage_must_be_positive(book_of: Callable[..., Orderbook], percentage: str) -> None:
    """A distance that is no distance is refused, with the remedy."""
    book = book_of([("99", "1")], [("101", "1")])
    with pytest.raises(BadInput, match="use a positive fraction"):
        calculate_market_depth(book, [Decimal(percentage)])
