"""Deterministic randomness, and shares that add up."""

from hypothesis import given
from hypothesis import strategies as st

from perps_stats.sim.model.noise import apportion, dice, drift, wander


def test_the_same_key_throws_the_same() -> None:
    """Dice depend on their key alone."""
    assert dice(7, "BTC", 3).random() == dice(7, "BTC", 3).random()
    assert dice(7, "BTC", 3).random() != dice(8, "BTC", 3).random()


@given(st.floats(-1e6, 1e6))
def test_a_curve_stays_within_its_bounds(position: float) -> None:
    """A wandering curve never leaves -1 to 1, and a drift keeps a price within a factor of 2."""
    assert -1 <= wander("x", position) <= 1
    assert 0.5 < drift("x", int(position)) < 2


@given(
    st.integers(0, 10**9),
    st.lists(st.floats(0.01, 10), min_size=1, max_size=70),
    st.sampled_from([1, 2, 4, 8]),
    st.integers(0, 3),
)
def test_parts_add_up(total: int, weights: list[float], unit: int, least: int) -> None:
    """The parts are multiples of the unit, at least the least, and together the total."""
    total = (total // unit + least * len(weights)) * unit
    parts = apportion(total, weights, unit, least)
    assert sum(parts) == total
    assert all(part % unit == 0 and part >= least * unit for part in parts)
