"""Liquidity depth: the value that rests within a distance of b bps from mid, per side.

Bids at ``mid * (1 - b / 10^4)`` or better, asks at ``mid * (1 + b / 10^4)`` or better, inclusive.
"""

from collections.abc import Sequence
from decimal import Decimal
from operator import mul

from msgspec import Struct

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


class Ladder(Struct, frozen=True):
    """The bands of a book as integers, as the compiled book sums them.

    Twice the mid counts units of ``price_scale`` decimals; values those of both scales together.
    """

    twice_mid: int
    bids: tuple[int, ...]
    asks: tuple[int, ...]
    price_scale: int
    quantity_scale: int


_BELOW = [1 - distance / BPS for distance in BANDS.values()]
_ABOVE = [1 + distance / BPS for distance in BANDS.values()]


def calculate_liquidity_depth(book: Orderbook, ladder: Ladder | None = None) -> LiquidityDepthStats:
    """In quote, exact. ``None`` throughout where the book is unusable.

    ``ladder`` are the bands of the same book, where they are summed already.
    """
    try:
        with exact():
            figures = _figures(book) if ladder is None else _of_ladder(book, ladder)
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
    return _named(mid, bids, asks, book)


def _named(
    mid: Decimal, bids: Sequence[Decimal], asks: Sequence[Decimal], book: Orderbook
) -> dict[str, Decimal]:
    return {
        "mid_price": mid,
        **{f"bid_{band}": value for band, value in zip(BANDS, bids, strict=True)},
        **{f"ask_{band}": value for band, value in zip(BANDS, asks, strict=True)},
        "reach_bid_bps": reach(book.bids, mid),
        "reach_ask_bps": reach(book.asks, mid),
    }


def _of_ladder(book: Orderbook, ladder: Ladder) -> dict[str, Decimal]:
    mid = Decimal(ladder.twice_mid).scaleb(-ladder.price_scale) / 2
    scale = -(ladder.price_scale + ladder.quantity_scale)
    bids = [Decimal(value).scaleb(scale) for value in ladder.bids]
    asks = [Decimal(value).scaleb(scale) for value in ladder.asks]
    return _named(mid, bids, asks, book)


def _values(
    levels: Sequence[OrderbookLevel], limits: Sequence[Decimal], deeper: Deeper
) -> list[Decimal]:
    prices = [level.price for level in levels]
    values = map(mul, prices, (level.quantity for level in levels))
    return within(prices, values, limits, deeper)
