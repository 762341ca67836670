"""Times as text for COPY and as people say them, and where candles begin."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perps_stats.core.errors import BadInput
from perps_stats.core.intervals import INTERVALS, interval_length, opening
from perps_stats.core.times import (
    EPOCH,
    MICROSECOND,
    parse_time,
    text_of_minute,
    text_of_us,
)

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


NOW = datetime(2026, 3, 4, 13, 47, 12, 345678, tzinfo=UTC)
MORNING = datetime(2026, 3, 4, 6, 0, 0, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", NOW),
        ("now-7d", NOW - timedelta(days=7)),
        ("-7d", NOW - timedelta(days=7)),
        ("now-90s", NOW - timedelta(seconds=90)),
        ("2026-03-04", datetime(2026, 3, 4, tzinfo=UTC)),
        ("2026-03-04T06:00:00.123456", MORNING),
        ("2026-03-04T07:00:00.123456+01:00", MORNING),
        ("1772604000", MORNING.replace(microsecond=0)),
        ("1772604000123", MORNING.replace(microsecond=123000)),
        ("1772604000123456", MORNING),
        ("1772604000123456000", MORNING),
        ("1772604000123455001", MORNING),
        ("100000000", datetime(1973, 3, 3, 9, 46, 40, tzinfo=UTC)),
        ("9999999999999999999", datetime(2286, 11, 20, 17, 46, 40, tzinfo=UTC)),
    ],
)
def test_forms_of_a_time(text: str, expected: datetime) -> None:
    """Epochs by their magnitude; between two microseconds the later one, which a span begins at."""
    assert parse_time(text, now=NOW) == expected


@pytest.mark.parametrize(
    "text", ["", "now+1h", "now-", "-7", "now-7y", "12345678", "12345678901234567890", "tomorrow"]
)
def test_what_is_no_time(text: str) -> None:
    """It is refused by the name of its field."""
    with pytest.raises(BadInput) as raised:
        parse_time(text, now=NOW, field="start_time")
    assert (raised.value.field, raised.value.value) == ("start_time", text)
