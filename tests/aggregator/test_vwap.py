"""The volume-weighted average price."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from perps_stats.aggregator.vwap import calculate_vwap
from perps_stats.core.types import Side, Trade

POSITIVE = st.decimals("0.000001", 10**9, places=6)


def trade(price: Decimal, quantity: Decimal) -> Trade:
    return Trade(
        exchange="binance",
        symbol="BTC",
        id="1",
        price=price,
        quantity=quantity,
        side=Side.BUY,
        timestamp=datetime(2026, 1, 31, tzinfo=UTC),
    )


@given(st.lists(st.tuples(POSITIVE, POSITIVE), min_size=1, max_size=30))
def test_it_is_value_over_quantity(legs: list[tuple[Decimal, Decimal]]) -> None:
    """The average has 18 right digits and lies between the extremes."""
    value = sum(Fraction(price) * Fraction(quantity) for price, quantity in legs)
    true = Fraction(value) / sum(Fraction(quantity) for _, quantity in legs)
    vwap = calculate_vwap(trade(*leg) for leg in legs)
    assert vwap is not None
    assert abs(Fraction(vwap) - true) <= true / 10**17
    assert min(price for price, _ in legs) <= vwap <= max(price for price, _ in legs)


def test_by_hand() -> None:
    """1 at 100 and 3 at 104 average 103."""
    legs = [(Decimal(100), Decimal(1)), (Decimal(104), Decimal(3))]
    assert calculate_vwap(trade(*leg) for leg in legs) == Decimal(103)


def test_no_trades_have_no_average() -> None:
    """Nothing traded: unknown, not zero."""
    assert calculate_vwap([]) is None


def test_numbers_that_are_none_have_no_average() -> None:
    """A value that is no number gives no average, and raises nothing."""
    assert calculate_vwap([trade(Decimal("sNaN"), Decimal(1))]) is None
    assert calculate_vwap([trade(Decimal("NaN"), Decimal(1))]) is None
