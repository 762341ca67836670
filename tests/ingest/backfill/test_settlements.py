"""Holes in settled funding are seen by the distance of settlements."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from perps_stats.core.spans import Span
from perps_stats.core.types import FundingKind, FundingRate
from perps_stats.ingest.backfill.settlements import holes_in

DAY = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def rate(hour: float, interval: int | None) -> FundingRate:
    return FundingRate(
        exchange="any",
        symbol="BTC",
        funding_rate=Decimal("0.0001"),
        funding_interval=None if interval is None else Decimal(interval),
        kind=FundingKind.SETTLED,
        timestamp=DAY + hour * HOUR,
    )


def hours(*bounds: tuple[float, float]) -> list[Span]:
    return [Span(DAY + first * HOUR, DAY + after * HOUR) for first, after in bounds]


@pytest.mark.parametrize(
    ("settled", "expected"),
    [
        ([(0, 8), (8, 8), (16, 8)], []),
        ([(0.001, 8), (8.002, 8), (16, 8)], []),  # a few milliseconds late
        ([(0, 8), (16, None)], [(0, 16)]),  # one is not there
        ([(0, 8), (8, 8)], [(8, 24)]),  # the last is not there
        ([(16, 8)], [(0, 16)]),  # the first are not there
        ([], [(0, 24)]),
        ([(0, 8), (8, 8), (12, 4), (16, 4), (20, 4)], []),  # the interval changes
        ([(0, 4), (4, 4), (12, 8), (16, 4), (20, 4)], [(4, 12)]),  # one at 8 is not there
    ],
)
def test_holes(
    settled: list[tuple[float, int | None]], expected: list[tuple[float, float]]
) -> None:
    """More than one and a half intervals apart, or once as far as two."""
    found = [rate(hour, interval) for hour, interval in settled]
    assert holes_in(found, Span(DAY, DAY + 24 * HOUR), 8 * HOUR) == hours(*expected)
