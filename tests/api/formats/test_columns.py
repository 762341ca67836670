"""Every field of every resource is a column."""

import pytest

from perps_stats.api.formats.columns import Kind, columns_of
from perps_stats.api.resources import RESOURCES, Resource
from perps_stats.core.types import Orderbook, Ticker


def test_fields_in_order() -> None:
    """With their kinds and units, then what a record says beside them."""
    named = [(column.name, column.kind, column.unit) for column in columns_of(Ticker)]
    assert named[:4] == [
        ("exchange", Kind.TEXT, None),
        ("symbol", Kind.TEXT, None),
        ("last_price", Kind.DECIMAL, "quote/base"),
        ("mark_price", Kind.DECIMAL, "quote/base"),
    ]
    assert named[-3:] == [
        ("timestamp", Kind.TIME, None),
        ("recv_ts", Kind.TIME, None),
        ("simulated", Kind.FLAG, None),
    ]


def test_sides_of_a_book() -> None:
    """Two lists each, as in an exported file."""
    assert [(column.name, column.kind, column.unit) for column in columns_of(Orderbook)][2:6] == [
        ("bid_prices", Kind.DECIMALS, "quote/base"),
        ("bid_quantities", Kind.DECIMALS, "base"),
        ("ask_prices", Kind.DECIMALS, "quote/base"),
        ("ask_quantities", Kind.DECIMALS, "base"),
    ]


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.path)
def test_names_are_unique(resource: Resource) -> None:
    """So that a table can be read by name."""
    names = [column.name for column in columns_of(resource.row)]
    assert len(set(names)) == len(names)
