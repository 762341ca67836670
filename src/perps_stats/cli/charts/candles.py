"""Candles: how long they are to be so that they can be told apart, and longer ones from shorter."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import groupby

from msgspec.structs import replace

from perps_stats.aggregator.exact import exact
from perps_stats.cli.charts.figure import Span
from perps_stats.core.intervals import INTERVALS
from perps_stats.core.types import Kline

MONDAY = datetime(1970, 1, 5, tzinfo=UTC)
"""All intervals that candles are merged to begin anew on Mondays."""
UNEVEN = "3d"
"""Exchanges do not agree on which days these begin."""
EVEN = [name for name in INTERVALS if name != UNEVEN]


def drawn_interval(asked: str, span: Span, most: int) -> str:
    """The shortest interval from the ``asked`` one on of which the span has at most so many."""
    names = list(INTERVALS)
    longer = [name for name in names[names.index(asked) :] if name in {asked, *EVEN}]
    fitting = (name for name in longer if span.length / INTERVALS[name] <= most)
    return next(fitting, longer[-1])


def made_of(interval: str) -> list[str]:
    """The intervals whose candles make up one of ``interval``, itself first, the longest first."""
    whole = INTERVALS[interval]
    shorter = [
        name
        for name in EVEN
        if INTERVALS[name] < whole and not whole % INTERVALS[name] and interval != UNEVEN
    ]
    return [interval, *reversed(shorter)]


def merged(candles: Iterable[Kline], interval: str) -> Iterator[Kline]:
    """Candles of one market, in order, as longer ones. Where one is missing there is a hole."""
    length = INTERVALS[interval]
    for opened, group in groupby(candles, lambda candle: opening(candle.open_time, length)):
        parts = list(group)
        if parts[0].interval == interval:
            yield from parts
        elif len(parts) * INTERVALS[parts[0].interval] == length:
            yield _joined(parts, interval, opened)


def opening(time: datetime, length: timedelta) -> datetime:
    """When the candle of that length opened in which ``time`` lies."""
    return time - (time - MONDAY) % length


def _joined(parts: list[Kline], interval: str, opened: datetime) -> Kline:
    first, last = parts[0], parts[-1]
    counts = [part.trades for part in parts if part.trades is not None]
    return replace(
        last,
        interval=interval,
        open_time=opened,
        close_time=opened + INTERVALS[interval],
        open=first.open,
        high=max(part.high for part in parts),
        low=min(part.low for part in parts),
        volume=_sum([part.volume for part in parts]),
        turnover=_sum([part.turnover for part in parts]),
        trades=sum(counts) if len(counts) == len(parts) else None,
        aggregated_from=first.interval,
    )


def _sum(amounts: list[Decimal | None]) -> Decimal | None:
    """Unknown where one is unknown."""
    known = [amount for amount in amounts if amount is not None]
    with exact():
        return sum(known, Decimal(0)) if len(known) == len(amounts) else None
