"""Basis: how far a perpetual trades above the index that it follows."""

from decimal import Decimal

from perps_stats.aggregator.comparing import mid_of
from perps_stats.aggregator.exact import ratio, to_bps
from perps_stats.aggregator.funding import YEAR
from perps_stats.core.comparisons import Premium
from perps_stats.core.types import Ticker


def basis_bps(price: Decimal | None, index: Decimal | None) -> Decimal | None:
    """``(price - index) / index``, in basis points."""
    if price is None or index is None or index <= 0:
        return None
    return to_bps(price - index, index)


def premium(ticker: Ticker) -> Premium:
    """Of mark and of mid; ``None`` where one of both is not known."""
    mid = mid_of(ticker.best_bid_price, ticker.best_ask_price)
    return Premium(
        exchange=ticker.exchange,
        symbol=ticker.symbol,
        mark_price=ticker.mark_price,
        mid_price=mid,
        index_price=ticker.index_price,
        mark_basis_bps=basis_bps(ticker.mark_price, ticker.index_price),
        mid_basis_bps=basis_bps(mid, ticker.index_price),
        timestamp=ticker.timestamp,
    )


def basis_apr(premium: Premium, interval: Decimal | None) -> Decimal | None:
    """The basis of mark, paid once an interval of so many hours for a year of 8,760."""
    mark, index = premium.mark_price, premium.index_price
    if interval is None or interval <= 0 or mark is None or index is None or index <= 0:
        return None
    return ratio((mark - index) * YEAR, index * interval)
