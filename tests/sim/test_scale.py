"""Integers to exact decimal text."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from perps_stats.sim.scale import Scale, decimal_text


def test_a_tick_of_ten_cents_keeps_two_decimals() -> None:
    """BTCUSDT: 618002 ticks of 0.10 are 61800.20."""
    assert Scale(10, 2).text(618_002) == "61800.20"
    assert Scale(1, 0).text(1_623_406) == "1623406"
    assert Scale(10, 2).times(Scale(1, 3)).text(7) == "0.00070"


@given(st.integers(-(10**18), 10**18), st.integers(0, 12))
def test_the_text_is_the_exact_number(number: int, decimals: int) -> None:
    """No digit is lost, whatever the sign."""
    text = decimal_text(number, decimals)
    assert Decimal(text) == Decimal(number).scaleb(-decimals)
    assert len(text.partition(".")[2]) == decimals
