"""Amounts as people write them."""

from decimal import Decimal

import pytest

from perps_stats.core.amounts import parse_amount
from perps_stats.core.errors import BadInput


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("250000", "250000"),
        ("250k", "250000"),
        ("1.5M", "1500000"),
        ("0.01", "0.01"),
        ("0.1k", "100"),
        ("123456789012345678.123456789012345678k", "123456789012345678123.456789012345678"),
    ],
)
def test_a_number_and_its_thousands(text: str, expected: str) -> None:
    """Every digit is kept, and it is written without an exponent."""
    found = parse_amount(text)
    assert found == Decimal(expected)
    assert "E" not in str(found)


@pytest.mark.parametrize(
    "text", ["", "0", "0.00k", "-5", "1e5", "5g", "k", "1,5", " 5", "٣", "nan"]
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    """With the field that it was given for, and what to write instead."""
    with pytest.raises(BadInput, match="use an amount in quote coin above 0") as caught:
        parse_amount(text, field="size")
    assert caught.value.field == "size"
