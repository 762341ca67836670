"""Values in buckets: by the definition of a cumulative histogram."""

import math

from hypothesis import given
from hypothesis import strategies as st

from perps_stats.core.distributions import Buckets

VALUES = st.lists(st.floats(-10, 10))


def test_bounds_are_inclusive() -> None:
    """A value at a bound is at most the bound; what is above all is only in the last."""
    buckets = Buckets((0.0, 1.0))
    for value in (-5.0, 0.0, 0.5, 1.0, 1.5):
        buckets.add(value)
    told = buckets.distribution()
    assert told.bounds == (0.0, 1.0, math.inf)
    assert told.at_most == (2, 4, 5)
    assert (told.sum, told.count) == (-2.0, 5)


@given(VALUES)
def test_each_bound_counts_what_is_not_above_it(values: list[float]) -> None:
    """By the definition of a cumulative histogram."""
    bounds = (-1.0, 0.0, 2.5)
    buckets = Buckets(bounds)
    for value in values:
        buckets.add(value)
    told = buckets.distribution()
    assert told.at_most == tuple(
        sum(value <= bound for value in values) for bound in (*bounds, math.inf)
    )
    assert math.isclose(told.sum, math.fsum(values), abs_tol=1e-9)
