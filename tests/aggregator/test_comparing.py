"""Spread and shares: by the formula, and nothing where a part is missing."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perps_stats.aggregator import shares, spread_bps


@pytest.mark.parametrize(
    ("bid", "ask", "expected"),
    [
        ("100.0", "101.0", "99.50248756"),
        ("100", "100", "0"),
        ("61659.70", "61659.80", "0.01621804"),
        (None, "1", None),
        ("1", None, None),
        ("101", "100", None),
        ("0", "1", None),
    ],
)
def test_the_spread_is_of_mid(bid: str | None, ask: str | None, expected: str | None) -> None:
    """(ask - bid) / mid x 10,000, to 8 decimals; none of a crossed or one-sided book."""
    found = spread_bps(*(None if text is None else Decimal(text) for text in (bid, ask)))
    assert found == (None if expected is None else Decimal(expected))


def test_a_share_is_of_what_is_known() -> None:
    """The unknown has none, and does not count as zero; one alone has nothing to share with."""
    assert shares([Decimal(1), None, Decimal(3)]) == [Decimal("0.25"), None, Decimal("0.75")]
    assert shares([Decimal(5), None]) == [None, None]
    assert shares([Decimal(0), Decimal(0)]) == [None, None]


@given(st.lists(st.decimals(0, 10**9, places=3), min_size=2, max_size=9))
def test_shares_sum_to_one(values: list[Decimal]) -> None:
    """To the digits of a quotient."""
    found = [each for each in shares(values) if each is not None]
    assert not found or abs(sum(found, Decimal(-1))) < Decimal("1e-15")
