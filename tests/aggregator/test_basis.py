"""Basis: (price - index) / index, and what it comes to in a year of funding intervals."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from perps_stats.aggregator.basis import basis_apr, basis_bps, premium
from perps_stats.core.types import Ticker

from .comparables import NOON, figures


def ticker(**prices: str) -> Ticker:
    blank = Ticker(exchange="a", symbol="BTC", timestamp=NOON)
    return replace(blank, **{name: Decimal(text) for name, text in prices.items()})


@pytest.mark.parametrize(
    ("price", "index", "expected"),
    [
        ("100.05", "100", "5"),
        ("99.9", "100", "-10"),
        ("1", "3", "-6666.66666667"),
        (None, "100", None),
        ("100", None, None),
        ("100", "0", None),
    ],
)
def test_basis_is_of_the_index(price: str | None, index: str | None, expected: str | None) -> None:
    """To 8 decimals; unknown where one of both is."""
    found = basis_bps(*(None if text is None else Decimal(text) for text in (price, index)))
    assert found == (None if expected is None else Decimal(expected))


def test_of_mark_and_of_mid() -> None:
    """Each has its own; a crossed pair of best prices has no mid."""
    told = ticker(mark_price="101", index_price="100", best_bid_price="99", best_ask_price="100")
    found = premium(told)
    assert figures(found.mark_basis_bps, found.mid_price, found.mid_basis_bps) == (
        100,
        Decimal("99.5"),
        -50,
    )
    crossed = premium(ticker(index_price="100", best_bid_price="101", best_ask_price="100"))
    assert figures(crossed.mid_price, crossed.mid_basis_bps, crossed.mark_basis_bps) == (
        None,
        None,
        None,
    )


def test_a_year_of_it_needs_an_interval() -> None:
    """5 bps each 8 hours are 0.5475 a year; without an interval a perpetual's basis has no year."""
    found = premium(ticker(mark_price="100.05", index_price="100"))
    assert basis_apr(found, Decimal(8)) == Decimal("0.5475")
    assert basis_apr(found, Decimal(1)) == Decimal("4.38")
    assert basis_apr(found, None) is None
    assert basis_apr(premium(ticker(index_price="100")), Decimal(8)) is None
