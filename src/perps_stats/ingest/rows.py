"""What is kept of a stream, as rows of PostgreSQL text. Prices stay the text that the wire said."""

from typing import TypeAlias

from perps_stats.core.stored import Row
from perps_stats.core.times import text_of_us
from perps_stats.core.types import Market
from perps_stats.exchanges.events import (
    BestTick,
    DayTick,
    FundingTick,
    KlineTick,
    LiquidationTick,
    MarkTick,
    TradeTick,
)

State: TypeAlias = BestTick | DayTick | MarkTick | FundingTick
"""What a later one replaces."""
SET_BACK_US = 60_000_000
BOOLEAN = {True: "t", False: "f", None: None}


def trade_row(market_id: str, tick: TradeTick, recv_us: int) -> Row:
    return (
        market_id,
        tick.id,
        tick.price,
        tick.quantity,
        tick.side,
        text_of_us(tick.ts),
        BOOLEAN[tick.liquidation],
        text_of_us(recv_us),
    )


class TickerState:
    """What is last known of a market. A part whose channel fell silent is ``None`` again."""

    def __init__(self) -> None:
        self.best: BestTick | None = None
        self.day: DayTick | None = None
        self.mark: MarkTick | None = None
        self.last_price: str | None = None
        self.recv_us = 0


def is_late(before: State | None, state: State) -> bool:
    """Whether it was overtaken on its way. One that is older by far is of a clock that was set
    back: it counts.
    """
    return before is not None and 0 < before.ts - state.ts < SET_BACK_US


def ticker_row(market_id: str, best: BestTick, state: TickerState) -> Row:
    """The top of the book at its own time, with what was last known of the rest."""
    day, mark = state.day, state.mark
    return (
        market_id,
        state.last_price or (day.last_price if day else None),
        mark.mark_price if mark else None,
        mark.index_price if mark else None,
        best.bid_price,
        best.bid_qty,
        best.ask_price,
        best.ask_qty,
        day.volume if day else None,
        day.turnover if day else None,
        mark.open_interest if mark else None,
        mark.open_value if mark else None,
        day.change if day else None,
        day.change_pct if day else None,
        day.high_price if day else None,
        day.low_price if day else None,
        text_of_us(best.ts),
        text_of_us(state.recv_us),
    )


def funding_row(market_id: str, market: Market, tick: FundingTick, recv_us: int) -> Row:
    """The running estimate for the coming settlement."""
    settles = None if tick.next_funding_ts is None else text_of_us(tick.next_funding_ts)
    known = None if market.funding_interval is None else f"{market.funding_interval:f}"
    return (
        market_id,
        tick.funding_rate,
        tick.funding_rate,
        settles,
        settles,
        tick.interval or known,
        None,
        None,
        "predicted",
        text_of_us(tick.ts),
        text_of_us(recv_us),
    )


def kline_row(market_id: str, tick: KlineTick, recv_us: int) -> Row:
    return (
        market_id,
        tick.interval,
        text_of_us(tick.open_ts),
        text_of_us(tick.close_ts),
        tick.open,
        tick.high,
        tick.low,
        tick.close,
        tick.volume,
        tick.turnover,
        None if tick.trades is None else str(tick.trades),
        BOOLEAN[tick.closed],
        None,
        text_of_us(recv_us),
    )


def liquidation_row(market_id: str, tick: LiquidationTick, recv_us: int) -> Row:
    return (
        market_id,
        tick.price,
        tick.quantity,
        tick.side,
        text_of_us(tick.ts),
        text_of_us(recv_us),
    )
