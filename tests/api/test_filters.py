"""A query string becomes filters, or one refusal: nothing else."""

from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perps_stats.api.filters import Filters, read_filters
from perps_stats.api.parameters import MAX_LIMIT
from perps_stats.api.resources import RESOURCES
from perps_stats.core.errors import BadInput
from perps_stats.core.types import Side

from .rows import NOW

SLIPPAGE = next(each for each in RESOURCES if each.path == "slippage/history")
NAMES = [name for each in SLIPPAGE.parameters for name in (each.name, *each.aliases)]


def read(query: str) -> Filters:
    return read_filters(query.encode(), SLIPPAGE.parameters, NOW)


def test_nothing_said() -> None:
    """500 rows, newest first, exact."""
    filters = read("")
    assert (filters.limit, filters.order, filters.numbers) == (500, "desc", "string")
    assert (filters.exchanges, filters.symbols, filters.start, filters.end) == ((), (), None, None)


def test_everything_said() -> None:
    """Each text in its type."""
    filters = read(
        "exchange=binance,kucoin&symbol=BTC&symbol=ETH,%20SOL&start=2026-03-01&end_time=-1h"
        "&limit=7&order=asc&numbers=float&side=buy&amount=100.50&cursor=x"
    )
    assert (filters.exchanges, filters.symbols) == (("binance", "kucoin"), ("BTC", "ETH", "SOL"))
    assert filters.start == datetime(2026, 3, 1, tzinfo=UTC)
    assert filters.end == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert (filters.limit, filters.order, filters.numbers) == (7, "asc", "float")
    assert (filters.side, filters.amount, filters.cursor) == (Side.BUY, Decimal("100.50"), "x")


def test_the_greatest_limit_is_taken() -> None:
    """The bound itself is allowed."""
    assert read(f"limit={MAX_LIMIT}").limit == 5000


@pytest.mark.parametrize("zone", ["+02:00", "%2B02:00", "+0200"])
def test_a_bare_plus_of_a_zone_is_understood(zone: str) -> None:
    """In a query string it means a space; before a zone there is no other reading."""
    filters = read(f"start=2026-03-01T14:00:00.5{zone}")
    assert filters.start == datetime(2026, 3, 1, 12, 0, 0, 500_000, tzinfo=UTC)


def test_a_span_of_nothing_is_a_span() -> None:
    """Half-open: it holds no moment, and contradicts nothing."""
    filters = read("start=2026-03-01&end=2026-03-01")
    assert filters.start == filters.end


@given(st.lists(st.tuples(st.sampled_from([*NAMES, "x", ""]), st.text(max_size=12)), max_size=4))
def test_any_text_is_read_or_refused(pairs: list[tuple[str, str]]) -> None:
    """No text raises anything else, and no limit above the greatest passes."""
    with suppress(BadInput):
        assert 1 <= read(urlencode(pairs, errors="surrogatepass")).limit <= MAX_LIMIT


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(query: bytes) -> None:
    """Also those that no client should send."""
    with suppress(BadInput):
        read_filters(query, SLIPPAGE.parameters, NOW)
