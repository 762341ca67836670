"""What taking an amount costs in all: the parts add up, the unknown is not zero, venues compare."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from perps_stats.aggregator.cost import Offer, TakerFee, compare_costs, taker_fee
from perps_stats.aggregator.slippage import calculate_slippage
from perps_stats.core.errors import BadInput
from perps_stats.core.types import Orderbook, Side

from .comparables import book, figures, market, offer

BOOKS = st.from_type(Orderbook)
BIDS, ASKS = [("99", "10")], [("101", "1"), ("102", "10")]
TINY = Fraction(1, 10**7)
"""Of a basis point: each part is rounded to its eighth decimal."""


def test_the_parts_of_a_purchase() -> None:
    """203 buys one at 101 and one at 102: 101.5 on average, of a mid of 100. Half the spread is
    1 / 101 of the amount, all that the book takes 1.5 / 101.5, the fee a two-thousandth.
    """
    (found,) = compare_costs([offer("a", BIDS, ASKS)], Decimal(203), Side.BUY)
    assert figures(found.reference_price, found.avg_price) == (100, Decimal("101.5"))
    assert found.half_spread_bps == Decimal("99.00990099")
    assert found.book_bps == Decimal("147.78325123")
    assert found.impact_bps == Decimal("48.77335024")
    assert figures(found.fee_bps, found.fee_from) == (5, "settings")
    assert found.total_bps == Decimal("152.78325123")
    assert found.shortfall == Decimal("152.78325123") * 203 / 10_000
    assert figures(found.fillable, found.measured_from, found.missing) == (True, "orderbooks", [])


def test_the_parts_of_a_sale() -> None:
    """990 sells ten at 99, worth 1000 at mid: 10 short, and a fee of half of 0.99."""
    (found,) = compare_costs([offer("a", BIDS, ASKS)], Decimal(990), Side.SELL)
    assert found.book_bps == found.half_spread_bps == Decimal("101.01010101")
    assert found.impact_bps == 0
    assert found.shortfall is not None
    assert abs(Fraction(found.shortfall) - Fraction(10) - Fraction("0.495")) < TINY


@given(BOOKS, st.sampled_from(list(Side)), st.decimals("0.01", 1, places=2))
def test_parts_add_up_to_what_is_short(held: Orderbook, side: Side, part: Decimal) -> None:
    """Cash against the worth at mid, by the definition in fractions; no part is below zero."""
    levels = held.asks if side is Side.BUY else held.bids
    amount = levels[0].price * levels[0].quantity * part
    fee = TakerFee(Decimal("0.0004"), "settings")
    held = replace(held, exchange="a")
    (found,) = compare_costs([Offer(market=market("a"), fee=fee, book=held)], amount, side)
    mid = (Fraction(held.bids[0].price) + Fraction(held.asks[0].price)) / 2
    worth = Fraction(amount) / Fraction(levels[0].price) * mid
    short = Fraction(amount) - worth if side is Side.BUY else worth - Fraction(amount)
    assert found.total_bps is not None
    assert found.half_spread_bps is not None
    true = short / Fraction(amount) * 10_000 + 4
    assert abs(Fraction(found.total_bps) - true) < TINY
    assert found.impact_bps == 0
    assert found.half_spread_bps >= 0
    assert found.split_bps == found.total_bps
    assert found.split_amount == amount


@given(st.lists(BOOKS, min_size=1, max_size=3), st.sampled_from(list(Side)), st.data())
def test_a_split_costs_no_more_than_the_best_venue(
    held: list[Orderbook], side: Side, data: st.DataObject
) -> None:
    """As it is told, to the last digit; its parts sum to the amount."""
    levels = [each.asks if side is Side.BUY else each.bids for each in held]
    whole = [sum(level.price * level.quantity for level in each) for each in levels]
    amount = max(whole) * data.draw(st.decimals("0.01", "1.5", places=2))
    offers = [
        Offer(
            market=market(name),
            fee=TakerFee(data.draw(st.decimals(0, "0.001", places=5)), "settings"),
            book=replace(each, exchange=name),
        )
        for name, each in zip("abc", held, strict=False)
    ]
    found = compare_costs(offers, amount, side)
    totals = [cost.total_bps for cost in found if cost.total_bps is not None]
    splits = {cost.split_bps for cost in found}
    assert len(splits) == 1
    split = splits.pop()
    assert (split is None) == (sum(whole) < amount)
    if split is not None:
        assert sum(cost.split_amount or 0 for cost in found) == amount
        assert not totals or split <= min(totals)


def test_without_a_fee_there_is_no_total() -> None:
    """What the book takes is told; what to do about the fee, too; it has no rank and no part."""
    offers = [offer("a", BIDS, ASKS, fee=None), offer("b", BIDS, ASKS)]
    first, second = compare_costs(offers, Decimal(101), Side.BUY)
    assert figures(first.fee_bps, first.total_bps, first.shortfall, first.rank) == (None,) * 4
    assert first.book_bps == second.book_bps
    assert first.missing == ["a does not tell its taker fee: set exchanges.a.taker_fee"]
    assert figures(first.split_amount, second.split_amount, second.rank) == (None, 101, 1)
    assert first.absent == second.absent == ["a:BTC"]


def test_who_says_the_fee() -> None:
    """The settings prevail; a fee of zero is one."""
    own = market("a", fee="0.0006")
    assert taker_fee(own, Decimal("0.0002")) == TakerFee(Decimal("0.0002"), "settings")
    assert taker_fee(own, None) == TakerFee(Decimal("0.0006"), "exchange")
    assert taker_fee(market("a"), None) == TakerFee(None, None)
    assert taker_fee(own, Decimal(0)).bps == 0


@pytest.mark.parametrize(
    ("complete", "fillable", "why"),
    [
        (True, False, "the whole book holds 1121"),
        (False, None, "the known levels hold 1121; what lies deeper is not known"),
    ],
)
def test_what_cannot_be_filled(complete: bool, fillable: bool | None, why: str) -> None:  # noqa: FBT001
    """A whole book cannot fill it, of another nobody knows: never a price."""
    (found,) = compare_costs([offer("a", BIDS, ASKS, complete=complete)], Decimal(2000), Side.BUY)
    assert figures(found.avg_price, found.total_bps, found.fillable) == (None, None, fillable)
    assert figures(found.max_amount, found.missing) == (1121, [why])
    assert figures(found.split_amount, found.split_bps) == (None, None)


def test_two_fill_together_what_neither_fills_alone() -> None:
    """1500 of two books that hold 1121 each: both have a part, though neither has a total."""
    offers = [offer("a", BIDS, ASKS), offer("b", BIDS, ASKS)]
    found = compare_costs(offers, Decimal(1500), Side.BUY)
    assert [each.total_bps for each in found] == [None, None]
    assert sum(each.split_amount or 0 for each in found) == 1500
    assert found[0].split_bps is not None


def test_a_stored_sample_where_the_known_levels_end() -> None:
    """It was of the whole book. What it costs is known; half the spread of then is not."""
    whole = book("a", BIDS, [*ASKS, ("110", "100")])
    sample = calculate_slippage(whole, Decimal(2000), Side.BUY)
    short = replace(offer("a", BIDS, ASKS), sampled=[sample])
    (found,) = compare_costs([short], Decimal(2000), Side.BUY)
    assert figures(found.measured_from, found.fillable) == ("slippage", True)
    assert figures(found.half_spread_bps, found.impact_bps) == (None, None)
    assert found.avg_price == sample.avg_price
    assert found.total_bps is not None
    assert figures(found.split_amount, found.split_bps) == (2000, found.total_bps)
    (other,) = compare_costs([short], Decimal(2000), Side.SELL)
    assert other.total_bps is None


def test_an_unusable_or_absent_book_says_why() -> None:
    """Crossed: nothing is derived. None: the reason that was given."""
    crossed = Offer(
        market=market("a"),
        fee=TakerFee(Decimal(0), "settings"),
        book=book("a", [("102", "1")], [("101", "1")]),
    )
    absent = Offer(market=market("b"), fee=TakerFee(Decimal(0), "settings"), absent=["no book"])
    found = compare_costs([crossed, absent], Decimal(1), Side.BUY)
    assert [each.reference_price for each in found] == [None, None]
    assert [each.measured_from for each in found] == [None, None]
    assert "crossed" in found[0].missing[0]
    assert found[1].missing == ["no book"]


def test_pegged_coins_are_dollars_and_others_are_apart() -> None:
    """USDT and USDC compete; a market in euros has a rank and a split of its own."""
    cheap = [("100", "10")]
    offers = [
        offer("a", cheap, cheap, quote="USDT"),
        offer("b", BIDS, ASKS, quote="USDC"),
        offer("c", BIDS, ASKS, quote="EUR"),
    ]
    found = {each.exchange: each for each in compare_costs(offers, Decimal(100), Side.BUY)}
    assert [found[name].rank for name in "abc"] == [1, 2, 1]
    assert [found[name].split_amount for name in "abc"] == [100, 0, 100]


def test_an_amount_is_positive() -> None:
    """Zero is refused as slippage refuses it."""
    with pytest.raises(BadInput, match="amount"):
        compare_costs([offer("a", BIDS, ASKS)], Decimal(0), Side.BUY)
