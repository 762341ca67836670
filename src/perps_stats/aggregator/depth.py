"""Market depth: cumulative base quantity within a percentage of mid."""

from collections.abc import Sequence
from decimal import Decimal

from perps_stats.aggregator.exact import ASKS, BIDS, BPS, Deeper, exact, mid_price, reach, within
from perps_stats.core.errors import BadInput
from perps_stats.core.figures import DepthLevel, MarketDepth
from perps_stats.core.types import Orderbook, OrderbookLevel

DEFAULT_PERCENTAGES: tuple[Decimal, ...] = tuple(
    map(Decimal, ("0.001", "0.0025", "0.005", "0.01", "0.02", "0.05"))
)
"""Fractions: 0.01 is one percent."""


def calculate_market_depth(
    book: Orderbook, percentages: Sequence[Decimal] = DEFAULT_PERCENTAGES
) -> MarketDepth:
    """A row for each percentage, in the order asked for; volumes are ``None`` on an unusable book.

    Raises ``BadInput`` for a percentage that is not positive.
    """
    for percentage in percentages:
        _check(percentage)
    mid, levels = _measured(book, percentages)
    return MarketDepth(
        exchange=book.exchange,
        symbol=book.symbol,
        mid_price=mid,
        levels=levels,
        timestamp=book.timestamp,
    )


def _check(percentage: Decimal) -> None:
    if not percentage.is_finite() or percentage <= 0:
        raise BadInput("percentage", str(percentage), "use a positive fraction: 0.01 is 1 %")


def _measured(
    book: Orderbook, percentages: Sequence[Decimal]
) -> tuple[Decimal | None, list[DepthLevel]]:
    nearest_first = sorted(set(percentages))
    try:
        with exact():
            mid = mid_price(book)
            below = [mid * (1 - percentage) for percentage in nearest_first]
            above = [mid * (1 + percentage) for percentage in nearest_first]
            bids = dict(zip(nearest_first, _quantities(book.bids, below, BIDS), strict=True))
            asks = dict(zip(nearest_first, _quantities(book.asks, above, ASKS), strict=True))
            reached = min(reach(book.bids[-1].price, mid), reach(book.asks[-1].price, mid))
            return mid, [
                DepthLevel(
                    percentage=percentage,
                    bid_volume=bids[percentage],
                    ask_volume=asks[percentage],
                    floor=not book.complete and reached < percentage * BPS,
                )
                for percentage in percentages
            ]
    except ArithmeticError:
        return None, [_unknown(percentage) for percentage in percentages]


def _unknown(percentage: Decimal) -> DepthLevel:
    return DepthLevel(percentage=percentage, bid_volume=None, ask_volume=None, floor=False)


def _quantities(
    levels: Sequence[OrderbookLevel], limits: Sequence[Decimal], deeper: Deeper
) -> list[Decimal]:
    prices = [level.price for level in levels]
    return within(prices, (level.quantity for level in levels), limits, deeper)
