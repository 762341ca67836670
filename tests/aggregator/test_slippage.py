"""Slippage against an independent reference in fractions."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perps_stats.aggregator.slippage import (
    STANDARD_AMOUNTS,
    calculate_slippage,
    calculate_slippages,
)
from perps_stats.core.errors import BadInput
from perps_stats.core.types import Orderbook, OrderbookLevel, Side

SIDES = (Side.BUY, Side.SELL)
MakeBook = Callable[..., Orderbook]
BOOKS = st.from_type(Orderbook)
SHARES = st.lists(st.fractions(Fraction(1, 1000), Fraction(3, 2), max_denominator=1000), max_size=5)


def side_of(book: Orderbook, side: Side) -> Sequence[OrderbookLevel]:
    return book.asks if side is Side.BUY else book.bids


def value_of(levels: Sequence[OrderbookLevel]) -> Fraction:
    return sum((Fraction(level.price) * Fraction(level.quantity) for level in levels), Fraction(0))


def average(levels: Sequence[OrderbookLevel], amount: Fraction) -> Fraction | None:
    """Spend ``amount`` level by level: the price per coin, or ``None`` where it is not spent."""
    left, coins = amount, Fraction(0)
    for level in levels:
        price = Fraction(level.price)
        take = min(Fraction(level.quantity), left / price)
        coins, left = coins + take, left - take * price
    return amount / coins if left == 0 else None


def some_amounts(book: Orderbook, shares: Sequence[Fraction]) -> list[Decimal]:
    """Amounts from a crumb of the book to more than there is, to six digits."""
    values = [value_of(side_of(book, side)) for side in SIDES]
    return [
        Decimal(f"{float(value * share):.6g}")
        for share, value in zip(shares, values * len(shares), strict=False)
    ]


def is_close(figure: Decimal | None, true: Fraction, error: Fraction) -> bool:
    return figure is not None and abs(Fraction(figure) - true) <= error


@given(BOOKS, SHARES)
def test_average_and_cost_equal_the_reference(book: Orderbook, shares: list[Fraction]) -> None:
    """The average has 18 right digits, the cost 8 right decimals of a basis point."""
    mid = (Fraction(book.bids[0].price) + Fraction(book.asks[0].price)) / 2
    for row in calculate_slippages(book, some_amounts(book, shares)):
        true = average(side_of(book, row.side), Fraction(row.trade_amount))
        if true is None:
            assert (row.avg_price, row.slippage_bps, row.slippage_pct) == (None, None, None)
            continue
        cost = (true - mid if row.side is Side.BUY else mid - true) / mid
        assert row.fillable is True
        assert row.max_amount is None
        assert is_close(row.avg_price, true, true / 10**17)
        assert is_close(row.slippage_bps, cost * 10_000, Fraction(1, 2 * 10**8))
        assert is_close(row.slippage_pct, cost, Fraction(1, 2 * 10**12))


@given(BOOKS, SHARES)
def test_what_cannot_be_filled_names_the_most_that_can(
    book: Orderbook, shares: list[Fraction]
) -> None:
    """Beyond the received side: no price, and its whole value. Only a complete book says no."""
    for row in calculate_slippages(book, some_amounts(book, shares)):
        whole = value_of(side_of(book, row.side))
        if Fraction(row.trade_amount) > whole:
            assert row.max_amount is not None
            assert Fraction(row.max_amount) == whole
            assert row.fillable is (False if book.complete else None)
        else:
            assert row.fillable is True


@given(BOOKS, SHARES)
def test_slippage_grows_with_size(book: Orderbook, shares: list[Fraction]) -> None:
    """A larger trade never costs less per coin."""
    rows = calculate_slippages(book, sorted(some_amounts(book, shares)))
    for side in SIDES:
        costs = [row.slippage_bps for row in rows if row.side is side and row.slippage_bps]
        assert costs == sorted(costs)


@given(BOOKS, SHARES)
def test_many_amounts_in_one_walk_are_the_amounts_one_by_one(
    book: Orderbook, shares: list[Fraction]
) -> None:
    """One walk for all amounts gives what one walk for each gives, in the order asked."""
    amounts = some_amounts(book, shares)
    singly = [calculate_slippage(book, amount, side) for side in SIDES for amount in amounts]
    assert singly == calculate_slippages(book, amounts)


@given(BOOKS)
def test_the_best_level_costs_half_the_spread(book: Orderbook) -> None:
    """Taking exactly the best level pays its price, exactly."""
    for side in SIDES:
        best = side_of(book, side)[0]
        row = calculate_slippage(book, best.price * best.quantity, side)
        assert row.avg_price == best.price


def test_a_walk_by_hand(book_of: MakeBook) -> None:
    """1500 buys 10 at 100 and 4.54… at 110: 103.125 on average, 3.125 % over a mid of 100."""
    book = book_of([("100", "1")], [("100", "10"), ("110", "100")], complete=True)
    row = calculate_slippage(book, Decimal(1500), Side.BUY)
    assert row.avg_price == Decimal("103.125")
    assert row.slippage_bps == Decimal("312.5")
    assert row.slippage_pct == Decimal("0.03125")
    assert (row.reference, row.reference_price) == ("mid", Decimal(100))
    assert row.fee is None


def test_mark_is_the_reference_on_request(book_of: MakeBook) -> None:
    """Against mark the same fill costs what it differs from mark, and the row says so."""
    book = book_of([("99", "10")], [("101", "10")])
    row = calculate_slippage(book, Decimal(99), Side.SELL, mark_price=Decimal(110))
    assert (row.reference, row.reference_price) == ("mark", Decimal(110))
    assert row.avg_price == Decimal(99)
    assert row.slippage_bps == Decimal(1000)


def test_the_fee_is_shown_apart(book_of: MakeBook) -> None:
    """The fee is the fraction of the amount; the slippage is what it is without it."""
    book = book_of([("99", "10")], [("101", "10")])
    free = calculate_slippage(book, Decimal(500), Side.BUY)
    paid = calculate_slippage(book, Decimal(500), Side.BUY, fee=Decimal("0.0005"))
    assert paid.fee == Decimal("0.25")
    assert paid.slippage_bps == free.slippage_bps


def test_what_is_not_filled_has_no_fee(book_of: MakeBook) -> None:
    """There is no fee for a trade that cannot be made."""
    book = book_of([("99", "1")], [("101", "1")], complete=True)
    row = calculate_slippage(book, Decimal(500), Side.BUY, fee=Decimal("0.0005"))
    assert (row.fillable, row.fee, row.max_amount) == (False, None, Decimal(101))


@pytest.mark.parametrize("mark_price", [None, Decimal(100)])
def test_an_unusable_book_gives_nulls(unusable_book: Orderbook, mark_price: Decimal | None) -> None:
    """Nothing is derived from a book without a mid, whatever the reference."""
    for row in calculate_slippages(unusable_book, [Decimal(10**9)], mark_price=mark_price):
        assert row.reference_price is None
        assert (row.avg_price, row.slippage_bps, row.slippage_pct) == (None, None, None)
        assert (row.fillable, row.max_amount, row.fee) == (None, None, None)


@pytest.mark.parametrize("mark", ["0", "-1", "NaN", "Infinity"])
def test_a_mark_price_that_is_none_gives_nulls(book_of: MakeBook, mark: str) -> None:
    """A mark price that no market has is not a reference."""
    book = book_of([("99", "1")], [("101", "1")])
    row = calculate_slippage(book, Decimal(10), Side.BUY, mark_price=Decimal(mark))
    assert (row.reference_price, row.slippage_bps) == (None, None)


@pytest.mark.parametrize("amount", ["0", "-1", "NaN", "Infinity"])
def test_an_amount_must_be_positive(book_of: MakeBook, amount: str) -> None:
    """An amount that is no amount is refused, with the remedy."""
    book = book_of([("99", "1")], [("101", "1")])
    with pytest.raises(BadInput, match="use a positive number of quote coins"):
        calculate_slippage(book, Decimal(amount), Side.BUY)


@pytest.mark.parametrize("fee", ["5", "-1", "NaN"])
def test_a_fee_must_be_a_fraction(book_of: MakeBook, fee: str) -> None:
    """A fee in percent or bps is refused rather than multiplied."""
    book = book_of([("99", "1")], [("101", "1")])
    with pytest.raises(BadInput, match=r"such as 0\.0005"):
        calculate_slippage(book, Decimal(10), Side.BUY, fee=Decimal(fee))


def test_no_amounts_give_no_rows(book_of: MakeBook) -> None:
    """Asked for nothing, it answers nothing."""
    assert calculate_slippages(book_of([("99", "1")], [("101", "1")]), []) == []


def test_the_standard_amounts() -> None:
    """1k, 10k, 50k, 100k, 500k, 5M and 10M of quote."""
    expected = ["1000", "10000", "50000", "100000", "500000", "5000000", "10000000"]
    assert [str(amount) for amount in STANDARD_AMOUNTS] == expected


def test_what_lies_beyond_the_largest_amount_is_not_walked(book_of: MakeBook) -> None:
    """A walk ends where the largest amount is filled: what is wrong deeper is never met."""
    book = book_of([("99", "1")], [("101", "10"), ("102", "-1"), ("103", "1")])
    assert calculate_slippage(book, Decimal(100), Side.BUY).fillable is True
