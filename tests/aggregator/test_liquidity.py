"""Liquidity depth against an independent reference in fractions."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from perps_stats.aggregator.liquidity import BANDS, calculate_liquidity_depth
from perps_stats.core.figures import LiquidityDepthStats
from perps_stats.core.types import Orderbook

DISTANCES = {
    "1bps": Fraction(1),
    "2_5bps": Fraction(5, 2),
    "5bps": Fraction(5),
    "10bps": Fraction(10),
    "20bps": Fraction(20),
    "50bps": Fraction(50),
    "100bps": Fraction(100),
}


def mid_of(book: Orderbook) -> Fraction:
    return (Fraction(book.bids[0].price) + Fraction(book.asks[0].price)) / 2


def value_within(book: Orderbook, side: str, distance: Fraction) -> Fraction:
    """The definition, read aloud: every level of the side that is no further than the distance."""
    mid = mid_of(book)
    total = Fraction(0)
    for level in book.bids if side == "bid" else book.asks:
        price = Fraction(level.price)
        away = (mid - price if side == "bid" else price - mid) / mid * 10_000
        if away <= distance:
            total += price * Fraction(level.quantity)
    return total


def figure(stats: LiquidityDepthStats, name: str) -> Decimal:
    value = getattr(stats, name)
    assert isinstance(value, Decimal)
    return value


@given(st.from_type(Orderbook))
def test_every_band_equals_the_sum_in_fractions(book: Orderbook) -> None:
    """Each band holds exactly the value that the definition gives, at any scale."""
    stats = calculate_liquidity_depth(book)
    assert Fraction(figure(stats, "mid_price")) == mid_of(book)
    for band, distance in DISTANCES.items():
        for side in ("bid", "ask"):
            expected = value_within(book, side, distance)
            assert expected == Fraction(figure(stats, f"{side}_{band}"))


@given(st.from_type(Orderbook))
def test_depth_grows_with_distance(book: Orderbook) -> None:
    """A wider band never holds less."""
    stats = calculate_liquidity_depth(book)
    for side in ("bid", "ask"):
        values = [figure(stats, f"{side}_{band}") for band in DISTANCES]
        assert values == sorted(values)


@given(st.from_type(Orderbook))
def test_reach_is_the_last_level_rounded_down(book: Orderbook) -> None:
    """Reach is within 0.0001 bps below the true distance of the last level."""
    stats = calculate_liquidity_depth(book)
    mid = mid_of(book)
    for name, level in (("reach_bid_bps", book.bids[-1]), ("reach_ask_bps", book.asks[-1])):
        true = abs(Fraction(level.price) - mid) / mid * 10_000
        assert 0 <= true - Fraction(figure(stats, name)) < Fraction(1, 10_000)


def test_a_level_on_the_edge_is_inside(book_of: Callable[..., Orderbook]) -> None:
    """The edge of a band is inclusive: at mid 100000, 5 bps end at 99950 and 100050."""
    book = book_of([("99990", "1"), ("99950", "2"), ("99949.9", "4")], [("100010", "1")])
    stats = calculate_liquidity_depth(book)
    assert stats.bid_1bps == Decimal(99990)
    assert stats.bid_2_5bps == Decimal(99990)
    assert stats.bid_5bps == Decimal(99990) + 2 * Decimal(99950)
    assert stats.bid_10bps == Decimal(99990) + 2 * Decimal(99950) + 4 * Decimal("99949.9")
    assert stats.reach_bid_bps == Decimal("5.01")
    assert stats.reach_ask_bps == Decimal(1)


def test_a_locked_book_has_a_mid(book_of: Callable[..., Orderbook]) -> None:
    """Bid = ask is no contradiction: mid is that price, and its levels count in every band."""
    stats = calculate_liquidity_depth(book_of([("100", "1")], [("100", "2")]))
    assert stats.mid_price == Decimal(100)
    assert (stats.bid_1bps, stats.ask_1bps) == (Decimal(100), Decimal(200))
    assert stats.reach_bid_bps == Decimal(0)


def test_an_unusable_book_gives_nulls(unusable_book: Orderbook) -> None:
    """Nothing is derived from a book without a mid: every figure is null, nothing is raised."""
    stats = calculate_liquidity_depth(unusable_book)
    named = {"timestamp", "exchange", "symbol", "complete", "recv_ts"}
    fields = msgspec.structs.asdict(stats)
    assert {name for name, value in fields.items() if value is not None} <= named
    assert (stats.exchange, stats.symbol) == ("binance", "BTC")
    assert stats.timestamp == unusable_book.timestamp


def test_every_band_of_the_row_is_computed() -> None:
    """The row's fields and the bands are the same list."""
    fields = {name for name in LiquidityDepthStats.__struct_fields__ if name.endswith("bps")}
    bands = {f"{side}_{band}" for side in ("bid", "ask") for band in BANDS}
    assert fields == bands | {"reach_bid_bps", "reach_ask_bps"}
    assert {band: Fraction(distance) for band, distance in BANDS.items()} == DISTANCES
