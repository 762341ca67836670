"""Grids of exchange time."""

from perps_stats.ingest.grids import Grid

SECOND = 1_000_000


def test_the_grid_is_crossed_once_for_each_step() -> None:
    """A point belongs to the event that reaches it."""
    grid = Grid(1.0)
    assert not grid.crossed(0, SECOND - 1)
    assert grid.crossed(SECOND - 1, SECOND)
    assert not grid.crossed(SECOND, SECOND + 1)
    assert not grid.crossed(5 * SECOND, SECOND)


def test_a_cell_lies_between_two_points() -> None:
    """The first belongs to it, the second does not."""
    assert Grid(10.0).cell(20 * SECOND) == (20 * SECOND, 30 * SECOND)
    assert Grid(10.0).cell(30 * SECOND - 1) == (20 * SECOND, 30 * SECOND)
