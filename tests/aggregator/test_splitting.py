"""The cheapest split: against every possible one, and against each venue alone."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st

from perps_stats.aggregator.splitting import Levels, cheapest_split
from perps_stats.core.types import OrderbookLevel, Side

SIDES = st.sampled_from(list(Side))


@st.composite
def books(draw: st.DrawFn, side: Side) -> Levels:
    """A few levels of whole prices and quantities, best first, from a mid of about 10."""
    mid = draw(st.integers(8, 12))
    further = draw(st.lists(st.integers(0, 6), unique=True, min_size=1, max_size=4).map(sorted))
    sign = 1 if side is Side.BUY else -1
    levels = [
        OrderbookLevel(Decimal(mid + sign * step), Decimal(draw(st.integers(1, 3))))
        for step in further
    ]
    return Levels(levels, Decimal(mid), Decimal(draw(st.integers(-20, 500))) / 10_000)


def decimals(*values: int) -> list[Decimal]:
    return [Decimal(value) for value in values]


def cost(book: Levels, amount: Fraction, side: Side) -> Fraction | None:
    """What is paid beyond the worth at mid, or received short of it, and the fee."""
    left, coins = amount, Fraction(0)
    for level in book.levels:
        taken = min(left, Fraction(level.price) * Fraction(level.quantity))
        coins, left = coins + taken / Fraction(level.price), left - taken
    if left:
        return None
    worth = coins * Fraction(book.mid)
    short = amount - worth if side is Side.BUY else worth - amount
    return short + Fraction(book.fee) * amount


def cost_of_all(
    books: Sequence[Levels], amounts: Sequence[Fraction], side: Side
) -> Fraction | None:
    costs = [cost(book, amount, side) for book, amount in zip(books, amounts, strict=True)]
    known = [each for each in costs if each is not None]
    return sum(known, Fraction(0)) if len(known) == len(costs) else None


def splits(amount: int, parts: int) -> Iterator[tuple[int, ...]]:
    """Every way to share a whole amount out in whole numbers."""
    if parts == 1:
        yield (amount,)
        return
    for first in range(amount + 1):
        yield from ((first, *rest) for rest in splits(amount - first, parts - 1))


@given(st.data(), SIDES, st.integers(1, 40), st.integers(1, 3))
def test_no_other_split_costs_less(data: st.DataObject, side: Side, amount: int, many: int) -> None:
    """Levels hold whole values, so that a best split lies among those in whole numbers: all of them
    are tried. Where none can be filled there is none.
    """
    venues = [data.draw(books(side)) for _ in range(many)]
    tried = (cost_of_all(venues, [*map(Fraction, parts)], side) for parts in splits(amount, many))
    least = min((each for each in tried if each is not None), default=None)
    found = cheapest_split(venues, Decimal(amount), side)
    if found is None:
        assert least is None
    else:
        assert sum(found) == amount
        assert cost_of_all(venues, [*map(Fraction, found)], side) == least


@given(st.data(), SIDES, st.decimals(1, 60, places=3), st.integers(1, 5))
def test_never_worse_than_the_best_venue_alone(
    data: st.DataObject, side: Side, amount: Decimal, many: int
) -> None:
    """Whichever venue could fill all of it alone."""
    venues = [data.draw(books(side)) for _ in range(many)]
    alone = [cost(book, Fraction(amount), side) for book in venues]
    known = [each for each in alone if each is not None]
    assume(known)
    found = cheapest_split(venues, amount, side)
    assert found is not None
    whole = cost_of_all(venues, [*map(Fraction, found)], side)
    assert whole is not None
    assert whole <= min(known)


def test_a_level_is_compared_with_its_own_mid() -> None:
    """A venue a tenth of a percent dearer, or of a thousand coins, costs the same: its position is
    worth more, too.
    """
    dear = Levels([OrderbookLevel(Decimal(1001), Decimal(1))], Decimal(1001), Decimal(0))
    cheap = Levels([OrderbookLevel(Decimal("1.001"), Decimal(10_000))], Decimal(1), Decimal(0))
    assert cheapest_split([cheap, dear], Decimal(1500), Side.BUY) == decimals(499, 1001)


def test_fees_decide_between_like_books() -> None:
    """The same levels, a basis point less of a fee: all is taken there."""
    level = [OrderbookLevel(Decimal(100), Decimal(50))]
    venues = [Levels(level, Decimal(100), Decimal(fee)) for fee in ("0.0005", "0.0004")]
    assert cheapest_split(venues, Decimal(5000), Side.SELL) == decimals(0, 5000)
    assert cheapest_split(venues, Decimal(6000), Side.SELL) == decimals(1000, 5000)
    assert cheapest_split(venues, Decimal("10000.01"), Side.SELL) is None
