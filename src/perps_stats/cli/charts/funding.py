"""The figure of funding: settled rates, each in force until its time, in terms that compare."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import TypeAlias

from msgspec.structs import replace

from perps_stats.aggregator import funding_terms
from perps_stats.aggregator.exact import exact
from perps_stats.cli.charts.candles import MONDAY
from perps_stats.cli.charts.figure import Panel, Point, Run, Span, listed, runs_of
from perps_stats.cli.comparable import FUNDING, terms
from perps_stats.cli.comparable import UNITS as TERM_UNITS
from perps_stats.cli.output import Record, plain
from perps_stats.core.catalogue import FUNDING_RATES
from perps_stats.core.types import FundingRate, Market

FIELDS = (*FUNDING_RATES.fields, *FUNDING)
UNITS = {**FUNDING_RATES.units, **{name: TERM_UNITS[name] for name in FUNDING}}
PER = {"8h": "% per 8 h", "year": "% per year"}
PERCENT = Decimal(100)
WINDOWS = tuple(timedelta(hours=hours) for hours in (8, 24, 168))
"""What rates are taken together over where there are too many."""
LATE = 1.5
"""The next settlement is missing if it is not there after so many intervals."""
Held: TypeAlias = Mapping[Market, Sequence[FundingRate]]
"""The settled rates of each market of a symbol, in order."""


def panel(symbol: str, held: Held, per: str) -> Panel:
    lines = (run for market, rates in held.items() for run in _runs(market.exchange, rates, per))
    return Panel(
        title=f"{symbol}, settled funding",
        unit=PER[per],
        runs=tuple(lines),
        stepped=True,
        from_zero=True,
    )


def _runs(exchange: str, rates: Sequence[FundingRate], per: str) -> Iterator[Run]:
    """A run begins where the interval of its first rate began."""
    known = {settled_at(rate): rate for rate in rates if value_of(rate, per) is not None}
    points = [Point(time, value_of(rate, per) or Decimal(0)) for time, rate in known.items()]
    lengths = {time: _length(rate) for time, rate in known.items()}

    def joined(left: Point, right: Point) -> bool:
        return right.time - left.time <= LATE * lengths[right.time]

    for run in runs_of(exchange, points, joined):
        first = run.points[0]
        begin = Point(first.time - lengths[first.time], first.value)
        yield Run(exchange, (begin, *run.points), begun=True)


def settled_at(rate: FundingRate) -> datetime:
    """The time of a settled rate is that of its settlement."""
    time = rate.funding_time or rate.timestamp
    if time is None:  # the key of a stored row
        raise TypeError(f"a stored rate of {rate.exchange} has no time")
    return time


def _length(rate: FundingRate) -> timedelta:
    return timedelta(hours=float(rate.funding_interval or 0))


def value_of(rate: FundingRate, per: str) -> Decimal | None:
    """In percent. Unknown where the interval is."""
    found = funding_terms(rate.exchange, rate.symbol, rate.funding_rate, rate.funding_interval)
    value = found.funding_8h if per == "8h" else found.funding_apr
    return None if value is None else value * PERCENT


def thinned(rates: Sequence[FundingRate], span: Span, most: int) -> Sequence[FundingRate]:
    """As they are, or if they are too many, what was paid over longer windows as one rate.

    A window that lacks a rate is left out.
    """
    if len(rates) <= most:
        return rates
    length = next((each for each in WINDOWS if span.length / each <= most), WINDOWS[-1])
    return list(_windows([rate for rate in rates if rate.funding_interval], length))


def _windows(rates: Sequence[FundingRate], length: timedelta) -> Iterator[FundingRate]:
    def window(rate: FundingRate) -> int:
        """A rate belongs to where the middle of its interval lies: times are a little late."""
        return (settled_at(rate) - _length(rate) / 2 - MONDAY) // length

    for number, group in groupby(rates, window):
        parts = list(group)
        end = MONDAY + (number + 1) * length
        if sum((_length(part) for part in parts), timedelta()) == length:
            with exact():
                paid = sum((part.funding_rate for part in parts), Decimal(0))
            hours = Decimal(length // timedelta(hours=1))
            yield replace(
                parts[-1],
                funding_rate=paid,
                funding_interval=hours,
                funding_time=end,
                timestamp=end,
            )


def records(held: Held) -> list[Record]:
    return [_record(rate) for rates in held.values() for rate in rates]


def _record(rate: FundingRate) -> Record:
    found = terms(rate.exchange, rate.symbol, rate.funding_rate, rate.funding_interval)
    return {**plain(rate), **found}


def notes(symbol: str, stored: Held, shown: Held) -> Iterator[str]:
    """What was made of what, and what cannot be compared."""
    for market, rates in stored.items():
        if shown[market] is not rates:
            hours = {rate.funding_interval for rate in shown[market]}
            each = ", ".join(f"{hour:f} h" for hour in hours if hour is not None)
            count = len(rates)
            yield f"{market.exchange} {symbol}: shown is what each {each} paid, of {count} rates"
    unknown = listed(
        rate.exchange for rates in stored.values() for rate in rates if not rate.funding_interval
    )
    if unknown:
        yield f"{symbol}: rates whose interval is not known are left out: {unknown}"
