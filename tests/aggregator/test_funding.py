"""Funding in comparable terms: by the formulas rate / hours, x 8, x 8,760; and the best pair."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perps_stats.aggregator import best_pair, funding_terms
from perps_stats.core.figures import FundingTerms

RATES = st.decimals(-1, 1, places=8)
HOURS = st.sampled_from([Decimal(1), Decimal(4), Decimal(8)])


def terms(exchange: str, rate: str | None, hours: str | None) -> FundingTerms:
    wanted = (None if text is None else Decimal(text) for text in (rate, hours))
    return funding_terms(exchange, "BTC", *wanted)


@pytest.mark.parametrize(
    ("rate", "hours", "per_hour", "per_8h", "apr"),
    [
        ("0.0001", "8", "0.0000125", "0.0001", "0.1095"),
        ("0.000012", "1", "0.000012", "0.000096", "0.10512"),
        ("-0.0002", "4", "-0.00005", "-0.0004", "-0.438"),
        ("0", "8", "0", "0", "0"),
    ],
)
def test_one_rate_in_three_terms(
    rate: str, hours: str, per_hour: str, per_8h: str, apr: str
) -> None:
    """0.01 % per 8 hours is 10.95 % a year."""
    found = terms("a", rate, hours)
    assert found.funding_per_hour == Decimal(per_hour)
    assert found.funding_8h == Decimal(per_8h)
    assert found.funding_apr == Decimal(apr)


@pytest.mark.parametrize(("rate", "hours"), [(None, "8"), ("0.0001", None), ("0.0001", "0")])
def test_without_rate_or_interval_nothing_is_known(rate: str | None, hours: str | None) -> None:
    """Never compared as if it were zero, nor with an interval that is guessed."""
    found = terms("a", rate, hours)
    assert (found.funding_per_hour, found.funding_8h, found.funding_apr) == (None, None, None)


def test_the_best_pair_is_long_the_lowest_and_short_the_highest() -> None:
    """Whatever the intervals: 0.00005 an hour on c against -0.00001 an hour on b."""
    pair = best_pair(
        "BTC",
        [terms("a", "0.0001", "8"), terms("b", "-0.00001", "1"), terms("c", "0.0002", "4")],
    )
    assert pair is not None
    assert (pair.long_exchange, pair.short_exchange) == ("b", "c")
    assert pair.earned_per_hour == Decimal("0.00006")
    assert pair.earned_8h == Decimal("0.00048")
    assert pair.earned_apr == Decimal("0.5256")


def test_a_pair_needs_two_exchanges() -> None:
    """Two contracts of one exchange, or a venue whose rate is unknown, are no pair."""
    assert best_pair("BTC", [terms("a", "0.1", "8"), terms("a", "0.2", "8")]) is None
    assert best_pair("BTC", [terms("a", "0.1", "8"), terms("b", None, "8")]) is None


@given(st.lists(st.tuples(st.sampled_from("abc"), RATES, HOURS), max_size=8))
def test_no_other_pair_of_venues_earns_more(listed: list[tuple[str, Decimal, Decimal]]) -> None:
    """Against every pair of two different exchanges, and it never loses."""
    found = [funding_terms(name, "BTC", rate, hours) for name, rate, hours in listed]
    pair = best_pair("BTC", found)
    differences = [
        short.funding_per_hour - long.funding_per_hour
        for long in found
        for short in found
        if long.exchange != short.exchange
        and long.funding_per_hour is not None
        and short.funding_per_hour is not None
    ]
    if pair is None:
        assert not differences
    else:
        assert pair.earned_per_hour == max(differences)
        assert pair.earned_per_hour >= 0
