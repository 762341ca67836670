"""Liquidity depth: the value that rests within a distance of b bps from mid, per side.

Bids at ``mid * (1 - b / 10^4)`` or better, asks at ``mid * (1 + b / 10^4)`` or better, inclusive.
"""

from collections.abc import Sequence
from decimal import Decimal
from operator import mul

from perps_stats.aggregator.digest import Digest
from perps_stats.aggregator.exact import ASKS, BIDS, BPS, Deeper, exact, mid_price, reach, within
from perps_stats.core.figures import LiquidityDepthStats
from perps_stats.core.types import Orderbook, OrderbookLevel

BANDS: dict[str, Decimal] = {
    "1bps": Decimal(1),
    "2_5bps": Decimal("2.5"),
    "5bps": Decimal(5),
    "10bps": Decimal(10),
    "20bps": Decimal(20),
    "50bps": Decimal(50),
    "100bps": Decimal(100),
}
"""The distance of each band, by what its field names end with."""

TENTHS = tuple(int(distance * 10) for distance in BANDS.values())
"""The same in tenths of a basis point."""


_BELOW = [1 - distance / BPS for distance in BANDS.values()]
_ABOVE = [1 + distance / BPS for distance in BANDS.values()]


def calculate_liquidity_depth(book: Orderbook, digest: Digest | None = None) -> LiquidityDepthStats:
    """In quote, exact. ``None`` throughout where the book is unusable.

    Where the book is summed up already, its levels are not looked at.
    """
    try:
        with exact():
            figures = _figures(book) if digest is None else _of_digest(digest)
    except ArithmeticError:
        figures = {}
    return LiquidityDepthStats(
        timestamp=book.timestamp,
        exchange=book.exchange,
        symbol=book.symbol,
        complete=book.complete,
        recv_ts=book.recv_ts,
        **figures,
    )


def _figures(book: Orderbook) -> dict[str, Decimal]:
    mid = mid_price(book)
    bids = _values(book.bids, [mid * factor for factor in _BELOW], BIDS)
    asks = _values(book.asks, [mid * factor for factor in _ABOVE], ASKS)
    return _named(mid, bids, asks, reach(book.bids[-1].price, mid), reach(book.asks[-1].price, mid))


def _named(
    mid: Decimal,
    bids: Sequence[Decimal],
    asks: Sequence[Decimal],
    reach_bid: Decimal,
    reach_ask: Decimal,
) -> dict[str, Decimal]:
    return {
        "mid_price": mid,
        **{f"bid_{band}": value for band, value in zip(BANDS, bids, strict=True)},
        **{f"ask_{band}": value for band, value in zip(BANDS, asks, strict=True)},
        "reach_bid_bps": reach_bid,
        "reach_ask_bps": reach_ask,
    }


def _of_digest(digest: Digest) -> dict[str, Decimal]:
    mid = digest.mid
    return _named(
        mid,
        [digest.value(value) for value in digest.bids],
        [digest.value(value) for value in digest.asks],
        reach(digest.price(digest.deepest_bid), mid),
        reach(digest.price(digest.deepest_ask), mid),
    )


def _values(
    levels: Sequence[OrderbookLevel], limits: Sequence[Decimal], deeper: Deeper
) -> list[Decimal]:
    prices = [level.price for level in levels]
    values = map(mul, prices, (level.quantity for level in levels))
    return within(prices, values, limits, deeper)
