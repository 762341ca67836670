"""What makes venues comparable: the spread of the best prices, and shares of a total."""

from collections.abc import Sequence
from decimal import Decimal

from perps_stats.aggregator.exact import ratio, to_bps


def spread_bps(bid: Decimal | None, ask: Decimal | None) -> Decimal | None:
    """Between the best prices, in basis points of mid. ``None`` where one is missing or crossed."""
    if bid is None or ask is None or not 0 < bid <= ask:
        return None
    return to_bps((ask - bid) * 2, ask + bid)


def shares(values: Sequence[Decimal | None]) -> list[Decimal | None]:
    """Each value as a fraction of the sum of those that are known. ``None`` for the others, and
    for all where only one is known, or nothing.
    """
    known = [value for value in values if value is not None]
    total = sum(known, Decimal(0))
    if len(known) < 2 or not total:  # noqa: PLR2004 a share needs another
        return [None] * len(values)
    return [None if value is None else ratio(value, total) for value in values]
