"""What a pair of venues leaves of its funding: after two fees and two slippages on each of both."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import asdict, replace

from perps_stats.aggregator.comparing import currency_of
from perps_stats.aggregator.exact import BPS, ratio, to_bps
from perps_stats.aggregator.funding import funding_pairs
from perps_stats.core.comparisons import ExecutionCost, FundingCell, NetPair
from perps_stats.core.figures import FundingPair, FundingTerms

Name: TypeAlias = tuple[str, str]
"""A market by exchange and symbol."""


class RoundTrip(Struct, frozen=True):
    """Into a position and out of it, at the books of now: in basis points of the amount."""

    fees: Decimal | None
    book: Decimal | None
    timestamp: datetime | None
    missing: Sequence[str]


def round_trip(both: Sequence[ExecutionCost]) -> RoundTrip:
    """Of a purchase and a sale of the same amount."""
    name = f"{both[0].exchange}:{both[0].symbol}"
    why = dict.fromkeys(f"{name}: {text}" for cost in both for text in cost.missing)
    return RoundTrip(
        fees=_sum([cost.fee_bps for cost in both]),
        book=_sum([cost.book_bps for cost in both]),
        timestamp=_oldest(cost.timestamp for cost in both),
        missing=list(why),
    )


def net_pairs(
    cells: Sequence[FundingCell], trips: Mapping[Name, RoundTrip], size: Decimal, hours: Decimal
) -> list[NetPair]:
    """Of the venues of one coin, each two that amounts compare between; the best after ``hours``
    first. Those whose cost is not known come last, by what they earn.
    """
    names = {(cell.exchange, cell.symbol): cell for cell in cells}
    by_currency = sorted(cells, key=lambda cell: currency_of(cell.quote))
    pairs = [
        _net(pair, names, trips, size, hours)
        for _, alike in groupby(by_currency, key=lambda cell: currency_of(cell.quote))
        for pair in funding_pairs(cells[0].base, map(_terms, alike))
    ]
    pairs.sort(key=_worth, reverse=True)
    absent = [f"{c.exchange}:{c.symbol}" for c in cells if c.funding_per_hour is None]
    return [replace(pair, rank=at, absent=absent) for at, pair in enumerate(pairs, 1)]


def _worth(pair: NetPair) -> tuple[bool, Decimal]:
    known = pair.net_bps is not None
    return known, pair.net_bps if pair.net_bps is not None else pair.earned_per_hour or Decimal(0)


def _terms(cell: FundingCell) -> FundingTerms:
    return FundingTerms(
        exchange=cell.exchange,
        symbol=cell.symbol,
        funding_per_hour=cell.funding_per_hour,
        funding_8h=cell.funding_8h,
        funding_apr=cell.funding_apr,
    )


def _net(
    pair: FundingPair,
    cells: Mapping[Name, FundingCell],
    trips: Mapping[Name, RoundTrip],
    size: Decimal,
    hours: Decimal,
) -> NetPair:
    names = (pair.long_exchange, pair.long_symbol), (pair.short_exchange, pair.short_symbol)
    legs, both = [cells[name] for name in names], [trips[name] for name in names]
    fees, book = _sum([trip.fees for trip in both]), _sum([trip.book for trip in both])
    cost = _sum([fees, book])
    per_hour = pair.earned_per_hour or Decimal(0)
    return NetPair(
        **asdict(pair),
        rank=0,
        long_quote=legs[0].quote,
        short_quote=legs[1].quote,
        size=size,
        fees_bps=fees,
        slippage_bps=book,
        cost_bps=cost,
        cost=None if cost is None else cost * size / BPS,
        break_even_hours=ratio(cost, per_hour * BPS) if cost is not None and per_hour else None,
        hold_hours=hours,
        net_bps=None if cost is None else to_bps(per_hour * hours, Decimal(1)) - cost,
        absent=[],
        timestamp=_oldest([*(leg.timestamp for leg in legs), *(trip.timestamp for trip in both)]),
        missing=[why for trip in both for why in trip.missing],
    )


def _sum(parts: Sequence[Decimal | None]) -> Decimal | None:
    known = [part for part in parts if part is not None]
    return sum(known, Decimal(0)) if len(known) == len(parts) else None


def _oldest(times: Iterable[datetime | None]) -> datetime | None:
    return min((time for time in times if time is not None), default=None)
