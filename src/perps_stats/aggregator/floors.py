"""Which figures of a row are lower bounds, because the received book ends before them."""

from perps_stats.aggregator.liquidity import BANDS
from perps_stats.core.figures import LiquidityAverages, LiquidityDepthStats, Slippage


def floors(row: LiquidityDepthStats | LiquidityAverages | Slippage) -> set[str]:
    """The names of the fields that every face must show as "at least"."""
    return _of_slippage(row) if isinstance(row, Slippage) else _of_liquidity(row)


def _of_liquidity(stats: LiquidityDepthStats | LiquidityAverages) -> set[str]:
    if stats.complete:
        return set()
    reached = {"bid": stats.reach_bid_bps, "ask": stats.reach_ask_bps}
    return {
        f"{side}_{band}"
        for side, bps in reached.items()
        for band, distance in BANDS.items()
        if bps is not None and bps < distance
    }


def _of_slippage(row: Slippage) -> set[str]:
    return {"max_amount"} if row.fillable is None and row.max_amount is not None else set()
