"""Missed trades out of aggregates, without what a stream has brought of them."""

from collections.abc import AsyncGenerator, Mapping
from decimal import Decimal
from typing import NamedTuple

from perps_stats.core.errors import NotOffered, Unreadable
from perps_stats.core.spans import Span
from perps_stats.core.stored import ClosedGap
from perps_stats.core.traits import Repository
from perps_stats.core.types import Market, Trade
from perps_stats.feed.client import ExchangeClient
from perps_stats.feed.flow import refuse
from perps_stats.ingest.backfill.series import HOUR, cut
from perps_stats.ingest.fills import MOST, NEAR, quantities, rest_of, singles_around


class Around(NamedTuple):
    """What is stored of single trades around a gap: quantities by number. ``missing``: the numbers
    between the last before it and the first after it.
    """

    held: Mapping[int, Decimal]
    missing: range
    span: Span


async def around(repository: Repository, closed: ClosedGap, market: Market) -> Around | None:
    """``None`` where no trade is stored on one side of the gap."""
    gap = closed.gap
    start, end = gap.start_time, gap.end_time or gap.start_time
    singles = await singles_around(repository, market, Span(start, end))
    before = [int(each.id) for each in singles if each.timestamp <= start]
    after = [int(each.id) for each in singles if each.timestamp >= end]
    if not before or not after:
        return None
    missing = range(max(before) + 1, min(after))
    return Around(quantities(singles), missing, Span(start - NEAR, end + NEAR))


async def missed_fills(
    client: ExchangeClient, market: Market, known: Around
) -> AsyncGenerator[list[Trade]]:
    """Hour by hour. Raises ``ExchangeError``, also for a row that cannot be read."""
    fills = client.exchange.fills
    if fills is None:
        raise NotOffered("trades as aggregates")
    left, reached = known.span, known.missing.start
    while left.start < left.end:
        part = cut(left, HOUR)
        listed = await client.put(fills(market, part, MOST), refuse)
        rest = (rest_of(each, known.held, known.missing) for each in listed)
        yield [each for each in rest if each is not None]
        reached = listed[-1].numbers.stop if listed else reached
        left = Span(part.end, left.end)
    if reached < known.missing.stop:
        raise Unreadable("the aggregates do not reach the end of the gap yet")
