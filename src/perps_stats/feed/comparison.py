"""A live book against the exchange's own answer of it, brought to the same update."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import chain, zip_longest
from operator import ge, le
from typing import TypeAlias

from perps_stats.core.types import Market, OrderbookLevel
from perps_stats.exchanges.events import BookDelta, BookSnapshot
from perps_stats.feed.sides import PlainSides, Sides

Levels: TypeAlias = list[OrderbookLevel]
Near: TypeAlias = Callable[[Decimal, Decimal], bool]
NONE = OrderbookLevel(Decimal(0), Decimal(0))
NOT_QUITE = 0.999
"""Of what both know: the last level is at its edge, by a hair."""


def difference(
    market: Market, snapshot: BookSnapshot, later: Sequence[BookDelta], held: Sides
) -> str | None:
    """The first level that ``held`` has otherwise than the answer with all ``later`` changes, as
    far as both are known; ``None`` where they are equal. Raises ``ValueError`` for no levels.
    """
    answer = PlainSides(market.price_scale or 0, market.quantity_scale or 0)
    answer.replace(snapshot.bids, snapshot.asks, snapshot.depth)
    for delta in later:
        answer.update(delta.bids, delta.asks)
    share = min(answer.known_share(), held.known_share()) * NOT_QUITE
    if share <= 0:  # the price has left what one of them knows
        return None
    bids, asks = zip(held.known(share), answer.known(share), strict=True)
    below, above = Decimal(1 - share), Decimal(1 + share)
    found = chain(_differences("bid", *bids, ge, below), _differences("ask", *asks, le, above))
    return next(found, None)


def _differences(
    side: str, ours: Levels, theirs: Levels, is_near: Near, reach: Decimal
) -> Iterator[str]:
    bound = (ours or theirs or [NONE])[0].price * reach
    mine, others = (
        [level for level in levels if is_near(level.price, bound)] for levels in (ours, theirs)
    )
    for held, told in zip_longest(mine, others):
        if held != told:
            yield f"{side}: the exchange has {_told(told)}, the book {_told(held)}"


def _told(level: OrderbookLevel | None) -> str:
    return "none" if level is None else f"{level.quantity} at {level.price}"
