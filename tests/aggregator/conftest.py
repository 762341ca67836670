"""Books for the aggregator's tests: written down, or random at any scale."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import strategies as st

from perps_stats.core.types import Orderbook, OrderbookLevel

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
Levels = Sequence[tuple[str, str]]
MakeBook = Callable[..., Orderbook]


def make_book(bids: Levels, asks: Levels, *, complete: bool = False) -> Orderbook:
    return Orderbook(
        exchange="binance",
        symbol="BTC",
        bids=[OrderbookLevel(Decimal(price), Decimal(quantity)) for price, quantity in bids],
        asks=[OrderbookLevel(Decimal(price), Decimal(quantity)) for price, quantity in asks],
        timestamp=NOON,
        complete=complete,
    )


@pytest.fixture(scope="session")
def book_of() -> MakeBook:
    return make_book


@st.composite
def books(draw: st.DrawFn) -> Orderbook:
    """Usable books: sparse or dense, locked or not, of any price and quantity scale."""
    span = draw(st.sampled_from([60, 1_000, 10**9]))
    lowest = draw(st.integers(1, 10**7))
    ticks = draw(
        st.lists(st.integers(lowest, lowest + span), unique=True, min_size=2, max_size=40).map(
            sorted
        )
    )
    cut = draw(st.integers(1, len(ticks) - 1))
    locked = draw(st.booleans())
    bids, asks = ticks[:cut][::-1], ticks[cut - 1 if locked else cut :]
    price_scale, quantity_scale = draw(st.integers(-12, 3)), draw(st.integers(-12, 6))
    quantities = st.integers(1, 10**9)

    def level(tick: int) -> OrderbookLevel:
        quantity = Decimal(draw(quantities)).scaleb(quantity_scale)
        return OrderbookLevel(Decimal(tick).scaleb(price_scale), quantity)

    return Orderbook(
        exchange="binance",
        symbol="BTC",
        bids=[level(tick) for tick in bids],
        asks=[level(tick) for tick in asks],
        timestamp=NOON,
        complete=draw(st.booleans()),
    )


st.register_type_strategy(Orderbook, books())

TWO = [("100", "1"), ("99", "2")]
UNUSABLE = {
    "empty": ([], []),
    "no bids": ([], TWO[:1]),
    "no asks": (TWO, []),
    "crossed": ([("100", "1")], [("99.9", "1")]),
    "a zero quantity": ([("100", "0")], [("101", "1")]),
    "a negative quantity": ([("100", "1")], [("101", "-1")]),
    "a negative price": ([("-100", "1")], [("101", "1")]),
    "a zero price": ([("100", "1"), ("0", "1")], [("101", "1")]),
    "no number": ([("NaN", "1")], [("101", "1")]),
    "an infinite quantity": ([("100", "1")], [("101", "Infinity")]),
    "an infinite price": ([("100", "1")], [("Infinity", "1")]),
    "bids out of order": ([("99", "1"), ("99.99", "1"), ("98", "1")], [("101", "1")]),
    "a price twice": ([("100", "1")], [("100.01", "1"), ("100.01", "1"), ("102", "1")]),
    "more digits than exact arithmetic has": ([("100", "1." + "1" * 120)], [("101", "1")]),
}


@pytest.fixture(params=list(UNUSABLE))
def unusable_book(request: pytest.FixtureRequest) -> Orderbook:
    bids, asks = UNUSABLE[request.param]
    return make_book(bids, asks)
