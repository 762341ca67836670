"""VWAP: the volume-weighted average price of trades."""

from collections.abc import Iterable
from decimal import Decimal

from perps_stats.aggregator.exact import ZERO, exact, ratio
from perps_stats.core.types import Trade


def calculate_vwap(trades: Iterable[Trade]) -> Decimal | None:
    """Value over quantity, to 18 significant digits. ``None`` where nothing was traded."""
    value, quantity = ZERO, ZERO
    try:
        with exact():
            for trade in trades:
                value += trade.price * trade.quantity
                quantity += trade.quantity
            return ratio(value, quantity) if quantity > 0 and value.is_finite() else None
    except ArithmeticError:
        return None
