"""Times as text for COPY, and where candles begin."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perps_stats.core.intervals import INTERVALS, interval_length, opening
from perps_stats.core.times import EPOCH, MICROSECOND, text_of_minute, text_of_us

MOMENT = st.integers(0, 4_000_000_000_000_000)
MINUTE = timedelta(minutes=1)


@given(MOMENT)
def test_microseconds_as_text(epoch_us: int) -> None:
    """What the text says is the time, in UTC."""
    assert datetime.fromisoformat(text_of_us(epoch_us)) == EPOCH + epoch_us * MICROSECOND


@given(st.integers(0, 60_000_000))
def test_minutes_as_text(minute: int) -> None:
    """The same of a whole minute."""
    assert datetime.fromisoformat(text_of_minute(minute)) == EPOCH + minute * MINUTE


@given(MOMENT, st.sampled_from(list(INTERVALS)))
def test_a_candle_holds_its_moment(epoch_us: int, interval: str) -> None:
    """It opens at or before, lasts its length, and the next opens where it ends."""
    moment, length = EPOCH + epoch_us * MICROSECOND, interval_length(interval)
    opens = opening(moment, interval)
    assert opens <= moment < opens + length
    assert opening(opens, interval) == opens
    assert opening(opens + length, interval) == opens + length


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        ("1m", datetime(2026, 3, 4, 13, 47, tzinfo=UTC)),
        ("4h", datetime(2026, 3, 4, 12, tzinfo=UTC)),
        ("1d", datetime(2026, 3, 4, tzinfo=UTC)),
        ("1w", datetime(2026, 3, 2, tzinfo=UTC)),
    ],
)
def test_where_candles_open(interval: str, expected: datetime) -> None:
    """Days at midnight UTC, weeks on Mondays: 2026-03-04 is a Wednesday."""
    assert opening(datetime(2026, 3, 4, 13, 47, 12, tzinfo=UTC), interval) == expected
