"""Exact arithmetic: rounding happens once, where it is stated."""

from decimal import ROUND_HALF_EVEN, Decimal, Inexact, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perps_stats.aggregator.exact import exact, ratio, to_bps

NUMBERS = st.integers(1, 10**30)


def test_exact_arithmetic_refuses_to_round() -> None:
    """What does not fit raises rather than round."""
    with exact(), pytest.raises(Inexact):
        Decimal(1) / Decimal(3)


def test_a_quotient_does_not_depend_on_the_caller() -> None:
    """The caller's own decimal context changes nothing."""
    with localcontext(prec=3):
        assert ratio(Decimal(1), Decimal(3)) == Decimal("0.333333333333333333")


@given(st.integers(-(10**30), 10**30), NUMBERS)
def test_basis_points_are_rounded_once_half_even(part: int, whole: int) -> None:
    """Equal to the exact fraction, rounded half-even to 8 decimals."""
    true = Fraction(round(Fraction(part, whole) * 10_000 * 10**8), 10**8)
    assert Fraction(to_bps(Decimal(part), Decimal(whole))) == true


def test_a_tie_goes_to_the_even_neighbour() -> None:
    """0.000000005 bps lies between 0 and 0.00000001."""
    tie = to_bps(Decimal("0.000000000005"), Decimal(10))
    assert tie == Decimal("0.000000005").quantize(Decimal("0.00000001"), ROUND_HALF_EVEN)
    assert tie == 0
