"""Candles that can be taken apart and put together again."""

from fractions import Fraction
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from perps_stats.sim.model.noise import dice
from perps_stats.sim.model.swing import Swing, Volumes, prints, split, swing_of


class Sums(NamedTuple):
    """What a swing says of itself, reckoned here from its legs."""

    open: int
    high: int
    low: int
    close: int
    buys: int
    sells: int
    bought: Fraction
    sold: Fraction


def sums(swing: Swing) -> Sums:
    ends = [price for leg in swing.legs for price in (leg.start, leg.end)]
    return Sums(
        ends[0],
        max(ends),
        min(ends),
        ends[-1],
        sum(leg.buys for leg in swing.legs),
        sum(leg.sells for leg in swing.legs),
        sum((Fraction(leg.start + leg.end, 2) * leg.buys for leg in swing.legs), Fraction()),
        sum((Fraction(leg.start + leg.end, 2) * leg.sells for leg in swing.legs), Fraction()),
    )


@st.composite
def swings(draw: st.DrawFn) -> Swing:
    low = draw(st.integers(1, 10**6))
    high = low + draw(st.integers(0, 5000))
    start, end = draw(st.integers(low, high)), draw(st.integers(low, high))
    volumes = Volumes(*(draw(st.integers(5000, 10**7)) * 8 for _ in range(2)))
    turns = (start, low, high, end) if draw(st.booleans()) else (start, high, low, end)
    return swing_of(turns, volumes, 8, dice(draw(st.integers(0, 999))))


@given(swings(), st.sampled_from([24, 60]), st.integers(0, 999))
def test_the_parts_make_the_whole(whole: Swing, count: int, seed: int) -> None:
    """Open, high, low, close, volumes and turnovers of the parts give those of the swing."""
    parts = [sums(part) for part in split(whole, count, 4, dice(seed))]
    assert len(parts) == count
    assert sums(whole) == Sums(
        parts[0].open,
        max(part.high for part in parts),
        min(part.low for part in parts),
        parts[-1].close,
        sum(part.buys for part in parts),
        sum(part.sells for part in parts),
        sum((part.bought for part in parts), Fraction()),
        sum((part.sold for part in parts), Fraction()),
    )


@given(swings(), st.integers(6, 200), st.integers(0, 999))
def test_the_prints_make_the_swing(whole: Swing, pairs: int, seed: int) -> None:
    """Prices and quantities of single prints give the swing, by the taker's side."""
    parts = prints(whole, 2 * pairs, dice(seed))
    bought = [part for part in parts if part.taker_buys]
    sold = [part for part in parts if not part.taker_buys]
    assert len(parts) == 2 * pairs
    assert min(part.quantity for part in parts) >= 2
    assert sums(whole) == Sums(
        parts[0].price,
        max(part.price for part in parts),
        min(part.price for part in parts),
        parts[-1].price,
        sum(part.quantity for part in bought),
        sum(part.quantity for part in sold),
        Fraction(sum(part.quantity * part.price for part in bought)),
        Fraction(sum(part.quantity * part.price for part in sold)),
    )
