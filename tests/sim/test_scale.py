"""Integers to exact decimal text."""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perps_stats.sim.scale import Scale, bare, decimal_text


def test_a_tick_of_ten_cents_keeps_two_decimals() -> None:
    """BTCUSDT: 618002 ticks of 0.10 are 61800.20."""
    assert Scale(10, 2).text(618_002) == "61800.20"
    assert Scale(1, 0).text(1_623_406) == "1623406"
    assert Scale(10, 2).times(Scale(1, 3)).text(7) == "0.00070"


@pytest.mark.parametrize(
    ("text", "scale", "steps"), [("0.005", Scale(1, 3), 5), ("120", Scale(10, 0), 12)]
)
def test_a_text_is_counted_in_steps(text: str, scale: Scale, steps: int) -> None:
    """5 lots of 0.001, 12 lots of 10; between two steps there is none."""
    assert scale.steps(text) == steps
    with pytest.raises(ValueError, match="no multiple"):
        scale.steps("7.0001")


def test_bare_text_is_a_number_of_json() -> None:
    """Digit by digit: no double comes between."""
    assert msgspec.json.encode([bare("61800.20")]) == b"[61800.20]"


@given(st.integers(-(10**18), 10**18), st.integers(0, 12))
def test_the_text_is_the_exact_number(number: int, decimals: int) -> None:
    """No digit is lost, whatever the sign."""
    text = decimal_text(number, decimals)
    assert Decimal(text) == Decimal(number).scaleb(-decimals)
    assert len(text.partition(".")[2]) == decimals
