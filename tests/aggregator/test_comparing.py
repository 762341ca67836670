"""Spread and shares: by the formula, and nothing where a part is missing."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perps_stats.aggregator import shares, spread_bps
from perps_stats.aggregator.comparing import Holding, currency_of, share_rows

from .comparables import NOON, market


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


def holding(
    exchange: str, amount: int | None, *, at_least: bool = False, unit: str = "coins"
) -> Holding:
    return Holding(
        market=market(exchange),
        amount=None if amount is None else Decimal(amount),
        unit=unit,
        at_least=at_least,
        timestamp=NOON,
    )


def test_a_share_of_an_incomplete_total_says_so() -> None:
    """Who is absent, and of whom there is only a floor, stands in every row."""
    held = [holding("a", 1), holding("b", None), holding("c", 3, at_least=True)]
    found = share_rows("volume_24h", held)
    assert [row.share_pct for row in found] == [Decimal("0.25"), None, Decimal("0.75")]
    assert {row.complete for row in found} == {False}
    assert found[0].absent == ["b:BTC"]
    assert found[0].floors == ["c:BTC"]
    assert {row.complete for row in share_rows("volume_24h", [held[0], held[0]])} == {True}


def test_what_is_counted_otherwise_is_shared_apart() -> None:
    """Euros are no part of a total of dollars, and are not missing from it."""
    held = [holding("a", 1, unit="USD"), holding("b", 9, unit="EUR"), holding("c", 3, unit="USD")]
    found = {row.exchange: row for row in share_rows("turnover_24h", held)}
    assert [found[name].share_pct for name in "abc"] == [Decimal("0.25"), None, Decimal("0.75")]
    assert {row.complete for row in found.values()} == {True}


@pytest.mark.parametrize(("quote", "expected"), [("USDT", "USD"), ("USD", "USD"), ("EUR", "EUR")])
def test_pegged_coins_count_as_dollars(quote: str, expected: str) -> None:
    """Where amounts are compared."""
    assert currency_of(quote) == expected
