"""Missed trades out of aggregates, so that none is counted twice.

An aggregate names the numbers of the single trades within. Those that a stream has brought are
taken off it: what is left is what was missed.
"""

from collections.abc import AsyncGenerator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from msgspec.structs import replace

from perps_stats.core.errors import NotOffered, Unreadable
from perps_stats.core.spans import Span
from perps_stats.core.stored import ClosedGap, Query
from perps_stats.core.traits import Repository
from perps_stats.core.types import Market, Trade
from perps_stats.exchanges.contract import Fills
from perps_stats.feed.client import ExchangeClient
from perps_stats.feed.flow import refuse
from perps_stats.ingest.backfill.series import HOUR, cut

NEAR = timedelta(seconds=2)
"""Fills of up to 100 ms are one aggregate: those that cross an end of the gap begin no earlier."""
MOST = 1_000_000


class Around(NamedTuple):
    """What is stored of single trades around a gap: quantities by number. ``missing``: the numbers
    between the last before it and the first after it.
    """

    held: Mapping[int, Decimal]
    missing: range
    span: Span


async def around(repository: Repository, closed: ClosedGap) -> Around | None:
    """``None`` where no trade is stored on one side of the gap."""
    gap = closed.gap
    start, end = gap.start_time, gap.end_time or gap.start_time
    span = Span(start - NEAR, end + NEAR)
    query = Query(markets=((gap.exchange, gap.symbol),), start=span.start, end=span.end, limit=MOST)
    single = [each for each in await repository.get_trades(query) if each.id.isdecimal()]
    before = [int(each.id) for each in single if each.timestamp <= start]
    after = [int(each.id) for each in single if each.timestamp >= end]
    if not before or not after:
        return None
    held = {int(each.id): each.quantity for each in single}
    return Around(held, range(max(before) + 1, min(after)), span)


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
        listed = await client.put(fills(market, part), refuse)
        rest = (rest_of(each, known.held, known.missing) for each in listed)
        yield [each for each in rest if each is not None]
        reached = listed[-1].numbers.stop if listed else reached
        left = Span(part.end, left.end)
    if reached < known.missing.stop:
        raise Unreadable("the aggregates do not reach the end of the gap yet")


def rest_of(fills: Fills, held: Mapping[int, Decimal], missing: range) -> Trade | None:
    """The aggregate without what is ``held`` of it; a single trade that is left has its number."""
    left = [number for number in fills.numbers if number not in held]
    if not any(number in missing for number in left):
        return None
    quantity = fills.trade.quantity - sum(held.get(number, 0) for number in fills.numbers)
    name = str(left[0]) if len(left) == 1 else fills.trade.id
    return replace(fills.trade, id=name, quantity=quantity)
