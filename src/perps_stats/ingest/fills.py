"""Aggregated trades without what is stored of them as single ones, so that none is counted twice.

An aggregate names the numbers of the single trades within.
"""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from msgspec.structs import replace

from perps_stats.core.spans import Span
from perps_stats.core.stored import Query
from perps_stats.core.traits import Repository
from perps_stats.core.types import Market, Trade
from perps_stats.exchanges.contract import Fills

NEAR = timedelta(seconds=2)
"""Fills of up to 100 ms are one aggregate: those that cross an end of a span begin no earlier."""
MOST = 1_000_000


async def singles_around(repository: Repository, market: Market, span: Span) -> list[Trade]:
    """The single trades that are stored of a span, and near it."""
    query = Query(
        markets=((market.exchange, market.symbol),),
        start=span.start - NEAR,
        end=span.end + NEAR,
        limit=MOST,
    )
    return [each for each in await repository.get_trades(query) if each.id.isdecimal()]


def quantities(singles: list[Trade]) -> dict[int, Decimal]:
    """By number."""
    return {int(each.id): each.quantity for each in singles}


def rest_of(fills: Fills, held: Mapping[int, Decimal], wanted: range | None = None) -> Trade | None:
    """The aggregate without what is ``held`` of it, if anything is left, and of what is ``wanted``.
    A single trade that is left, or wanted, has its own number.
    """
    left = [number for number in fills.numbers if number not in held]
    if not (left if wanted is None else any(number in wanted for number in left)):
        return None
    quantity = fills.trade.quantity - sum(held.get(number, 0) for number in fills.numbers)
    is_single = len(left) == 1 and (wanted is not None or len(fills.numbers) > 1)
    name = str(left[0]) if is_single else fills.trade.id
    return replace(fills.trade, id=name, quantity=quantity)
