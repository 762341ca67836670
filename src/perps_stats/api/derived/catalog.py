"""Which series are held: from when to when, how many rows, and what part of them is missing."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TypeAlias

from perps_stats.aggregator.exact import ratio
from perps_stats.api.filters import Filters
from perps_stats.api.names import Choice
from perps_stats.api.sizes import Name
from perps_stats.api.sources import Sources
from perps_stats.core.comparisons import Series
from perps_stats.core.figures import Coverage
from perps_stats.core.ledger import StreamCoverage
from perps_stats.core.live import STREAMS
from perps_stats.core.stored import StoredSeries

Stream: TypeAlias = tuple[str, str, str]
"""Exchange, symbol, stream."""


async def catalog(sources: Sources, choice: Choice, filters: Filters) -> list[Series]:
    held = await sources.coverage(choice, filters)
    gaps = _gap_shares(await sources.stream_coverage(choice, filters))
    counted = [each for each in held if each.rows is not None]
    sizes = dict[Name, StoredSeries]()
    if len(counted) < len(held):
        sizes.update(await sources.sizes.rows())
    return [_series(each, sizes, counted, gaps) for each in held]


def _series(
    held: Coverage,
    sizes: Mapping[Name, StoredSeries],
    counted: Iterable[Coverage],
    gaps: Mapping[Stream, Decimal],
) -> Series:
    rows, exact = rows_of(held, sizes, counted)
    return Series(
        exchange=held.exchange,
        symbol=held.symbol,
        data_set=held.data_set,
        interval=held.interval,
        kind=held.kind,
        first=held.first,
        last=held.last,
        rows=rows,
        exact=exact,
        gap_share=_gap_share(held, gaps),
    )


def rows_of(
    held: Coverage, sizes: Mapping[Name, StoredSeries], counted: Iterable[Coverage]
) -> tuple[int | None, bool | None]:
    """And whether they were counted. Sizes are of whole data sets of a market: what is counted of
    its series is not the others'.
    """
    if held.rows is not None:
        return held.rows, True
    size = sizes.get(_name(held))
    if size is None:
        return None, None
    others = sum(each.rows or 0 for each in counted if _name(each) == _name(held))
    return max(0, size.rows - others), size.exact


def _name(held: Coverage) -> Name:
    return (held.exchange, held.symbol, held.data_set)


def _gap_share(held: Coverage, gaps: Mapping[Stream, Decimal]) -> Decimal | None:
    if held.missing is not None:
        expected = (held.rows or 0) + held.missing
        return ratio(Decimal(held.missing), Decimal(expected)) if expected else None
    streams = STREAMS.get(held.data_set, ())
    shares = [gaps[name] for s in streams if (name := (held.exchange, held.symbol, s)) in gaps]
    return max(shares, default=None)


def _gap_shares(streams: Iterable[StreamCoverage]) -> Mapping[Stream, Decimal]:
    return {
        (each.exchange, each.symbol, each.stream): each.gap_pct
        for each in streams
        if each.gap_pct is not None
    }
