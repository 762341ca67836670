"""Of an aggregate that is stored in part only the rest is left."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from perps_stats.core.types import Side, Trade
from perps_stats.exchanges.contract import Fills
from perps_stats.ingest.fills import rest_of

AGGREGATE = Trade(
    exchange="binance",
    symbol="BTC",
    id="a7",
    price=Decimal(60_000),
    quantity=Decimal(6),
    side=Side.BUY,
    timestamp=datetime(2026, 1, 31, tzinfo=UTC),
)
QUANTITIES = {10: Decimal(1), 11: Decimal(2), 12: Decimal(3)}


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ([], ("a7", 6)),
        ([10], ("a7", 5)),
        ([11, 12], ("10", 1)),
        ([10, 11], ("12", 3)),
        ([10, 11, 12], None),
    ],
)
def test_what_is_held_is_taken_off(held: list[int], expected: tuple[str, int] | None) -> None:
    """Quantities are exact; a single trade that is left bears its own number."""
    fills = Fills(AGGREGATE, range(10, 13))
    rest = rest_of(fills, {number: QUANTITIES[number] for number in held})
    assert (rest and (rest.id, int(rest.quantity))) == expected


@pytest.mark.parametrize(
    ("wanted", "expected"), [(range(5, 10), None), (range(5, 11), "a7"), (range(12, 20), "a7")]
)
def test_only_what_is_wanted_counts(wanted: range, expected: str | None) -> None:
    """An aggregate beside the gap is nothing that was missed."""
    rest = rest_of(Fills(AGGREGATE, range(10, 13)), {}, wanted)
    assert (rest and rest.id) == expected


def test_a_lone_trade_has_its_number_where_it_was_missed() -> None:
    """A backfill lists it as the exchange does."""
    lone = Fills(AGGREGATE, range(10, 11))
    whole, missed = rest_of(lone, {}), rest_of(lone, {}, range(10, 11))
    assert (whole and whole.id, missed and missed.id) == ("a7", "10")
