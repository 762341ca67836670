"""Where candles begin."""

from datetime import UTC, datetime

import pytest

from perps_stats.sim.candles import bar_start, minutes_of


@pytest.mark.parametrize(
    ("interval", "start"),
    [
        ("1m", datetime(2026, 1, 31, 13, 47, tzinfo=UTC)),
        ("15m", datetime(2026, 1, 31, 13, 45, tzinfo=UTC)),
        ("4h", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("1d", datetime(2026, 1, 31, tzinfo=UTC)),
        ("1w", datetime(2026, 1, 26, tzinfo=UTC)),
    ],
)
def test_a_bar_begins_at_a_multiple_of_its_length(interval: str, start: datetime) -> None:
    """13:47 on Saturday 2026-01-31; the week's bar began on Monday the 26th."""
    minute = int(datetime(2026, 1, 31, 13, 47, tzinfo=UTC).timestamp()) // 60
    assert bar_start(minute, minutes_of(interval)) * 60 == start.timestamp()
