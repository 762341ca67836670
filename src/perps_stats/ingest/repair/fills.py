"""Missed trades out of aggregates, so that none is counted twice.

An aggregate names the numbers of the single trades within. Those that a stream has brought are
taken off it: what is left is what was missed.
"""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from msgspec.structs import replace

from perps_stats.core.errors import Unreadable
from perps_stats.core.spans import Span
from perps_stats.core.stored import ClosedGap, Query
from perps_stats.core.traits import Repository
from perps_stats.core.types import Market, Trade
from perps_stats.exchanges.contract import Fills
from perps_stats.feed.client import ExchangeClient
from perps_stats.feed.flow import refuse

AROUND = timedelta(seconds=2)
"""Fills of up to 100 ms are one aggregate: those that cross an end of the gap begin no earlier."""
MOST = 1_000_000


async def missed_fills(
    client: ExchangeClient, repository: Repository, closed: ClosedGap, market: Market
) -> list[Trade] | None:
    """Raises ``ExchangeError``, also for a row that cannot be read. ``None``: which were missed is
    not known, as no trade is stored on one side of the gap.
    """
    gap, exchange = closed.gap, client.exchange
    start, end = gap.start_time, gap.end_time or gap.start_time
    around = Span(start - AROUND, end + AROUND)
    query = Query(
        markets=((gap.exchange, gap.symbol),), start=around.start, end=around.end, limit=MOST
    )
    single = [each for each in await repository.get_trades(query) if each.id.isdecimal()]
    before = [int(each.id) for each in single if each.timestamp <= start]
    after = [int(each.id) for each in single if each.timestamp >= end]
    if exchange.fills is None or not before or not after:
        return None
    held = {int(each.id): each.quantity for each in single}
    listed = await client.put(exchange.fills(market, around), refuse)
    missing = range(max(before) + 1, min(after))
    if not listed or listed[-1].numbers.stop < missing.stop:
        raise Unreadable("the aggregates do not reach the end of the gap yet")
    rest = (rest_of(fills, held, missing) for fills in listed)
    return [each for each in rest if each is not None]


def rest_of(fills: Fills, held: Mapping[int, Decimal], missing: range) -> Trade | None:
    """The aggregate without what is ``held`` of it; a single trade that is left has its number."""
    left = [number for number in fills.numbers if number not in held]
    if not any(number in missing for number in left):
        return None
    quantity = fills.trade.quantity - sum(held.get(number, 0) for number in fills.numbers)
    name = str(left[0]) if len(left) == 1 else fills.trade.id
    return replace(fills.trade, id=name, quantity=quantity)
