"""Time: UTC everywhere; integers in microseconds on the hot path, ``datetime`` elsewhere."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from perps_stats.core.errors import BadInput

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
DAY_MINUTES = 1_440
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
# Epoch s, ms, us and ns of the years 1973 to 2286 do not overlap.
MAGNITUDES = ((10**11, 10**9), (10**14, 10**6), (10**17, 10**3), (10**20, 1))
REMEDY = (
    "use 2026-01-31, 2026-01-31T12:00:00Z, epoch s, ms, us or ns, now, "
    "or a span back from now such as -24h"
)


def from_ms(epoch_ms: int) -> datetime:
    return EPOCH + epoch_ms * timedelta(milliseconds=1)


def from_us(epoch_us: int) -> datetime:
    return EPOCH + epoch_us * MICROSECOND


def to_ms(time: datetime) -> int:
    return to_us(time) // 1000


def to_us(time: datetime) -> int:
    return (time - EPOCH) // MICROSECOND


@lru_cache(maxsize=4096)
def _second_text(epoch_s: int) -> str:
    return (EPOCH + timedelta(seconds=epoch_s)).strftime("%Y-%m-%d %H:%M:%S")


def text_of_us(epoch_us: int) -> str:
    """The text PostgreSQL's COPY takes for a ``timestamptz``."""
    seconds, micros = divmod(epoch_us, 1_000_000)
    return f"{_second_text(seconds)}.{micros:06d}+00"


@lru_cache(maxsize=64)
def _minute_texts(day: int) -> list[str]:
    date = (EPOCH + timedelta(days=day)).strftime("%Y-%m-%d")
    return [f"{date} {hour:02}:{minute:02}:00+00" for hour in range(24) for minute in range(60)]


def text_of_minute(epoch_minute: int) -> str:
    """The same of a whole minute."""
    day, minute = divmod(epoch_minute, DAY_MINUTES)
    return _minute_texts(day)[minute]


def rfc3339(time: datetime) -> str:
    """UTC with microseconds and ``Z``: the form of every face of the product."""
    utc = time.astimezone(UTC).replace(tzinfo=None)
    return f"{utc.isoformat(timespec='microseconds')}Z"


def parse_time(text: str, *, now: datetime, field: str = "time") -> datetime:
    """RFC 3339, a date, epoch s, ms, us or ns (told apart by magnitude), ``now``, ``-24h``,
    ``now-24h``.

    A time without a zone is UTC. Raises ``BadInput`` that names ``field``.
    """
    try:
        return _to_time(text, now)
    except (ValueError, OverflowError):  # before the year 1, after 9999
        raise BadInput(field, text, REMEDY) from None


def _to_time(text: str, now: datetime) -> datetime:
    if text == "now":
        return now
    if match := re.fullmatch(r"(?:now)?-(\d{1,6})([smhdw])", text):
        return now - timedelta(**{UNITS[match[2]]: int(match[1])})
    if re.fullmatch(r"[0-9]{9,19}", text):
        return _from_epoch(int(text))
    time = datetime.fromisoformat(text)
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def _from_epoch(number: int) -> datetime:
    """Nanoseconds mean the next microsecond: no time we know lies between, so that a span holds the
    same rows.
    """
    scale = next(scale for below, scale in MAGNITUDES if number < below)
    return from_us(-(-number * scale // 1000))


def parse_duration(text: str, *, field: str = "duration") -> timedelta:
    """``30d``, ``12h``, ``90s``. Raises ``BadInput``."""
    match = re.fullmatch(r"(\d{1,6})([smhdw])", text)
    if not match or int(match[1]) == 0:
        raise BadInput(field, text, "use a number and a unit: 30d, 12h, 15m, 90s")
    return timedelta(**{UNITS[match[2]]: int(match[1])})
