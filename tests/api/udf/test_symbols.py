"""How the charting library is told what a price may be."""

from decimal import Decimal

import pytest
from msgspec import structs
from tests.api.rows import MARKETS

from perps_stats.api.udf.symbols import price_steps

from .conftest import candle


@pytest.mark.parametrize(
    ("tick", "scale", "steps"),
    [
        ("0.10", 2, (1, 10)),
        ("0.25", None, (25, 100)),
        ("5", None, (5, 1)),
        ("1E+1", None, (10, 1)),
        ("1E-8", 2, (1, 100_000_000)),
        (None, 3, (1, 1000)),
        (None, 0, (1, 1)),
        (None, None, (1, 100)),
    ],
)
def test_the_scale_of_prices(tick: str | None, scale: int | None, steps: tuple[int, int]) -> None:
    """That of the tick; else of the wire; else that of the last candle, here two decimals."""
    exact = None if tick is None else Decimal(tick)
    market = structs.replace(MARKETS[0], tick_size=exact, price_scale=scale)
    assert price_steps(market, [candle("2026-03-01T12:00:00")]) == steps
