"""The arithmetic of order books, trades and funding: pure, exact, without a clock or a socket."""

from collections.abc import Awaitable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Protocol, TypeAlias

from perps_stats.aggregator.comparing import shares, spread_bps
from perps_stats.aggregator.depth import DEFAULT_PERCENTAGES, calculate_market_depth
from perps_stats.aggregator.floors import floors
from perps_stats.aggregator.funding import best_pair, funding_terms
from perps_stats.aggregator.liquidity import BANDS, calculate_liquidity_depth
from perps_stats.aggregator.slippage import (
    BOTH_SIDES,
    STANDARD_AMOUNTS,
    calculate_slippage,
    calculate_slippages,
    check_fee,
)
from perps_stats.aggregator.vwap import calculate_vwap
from perps_stats.core.figures import LiquidityDepthStats, MarketDepth, Slippage
from perps_stats.core.types import Orderbook, Side, Trade

__all__ = [
    "BANDS",
    "BOTH_SIDES",
    "DEFAULT_PERCENTAGES",
    "STANDARD_AMOUNTS",
    "Aggregator",
    "best_pair",
    "calculate_liquidity_depth",
    "calculate_market_depth",
    "calculate_slippage",
    "calculate_slippages",
    "calculate_vwap",
    "check_fee",
    "floors",
    "funding_terms",
    "shares",
    "spread_bps",
]

Outcome: TypeAlias = LiquidityDepthStats | Exception


class Books(Protocol):
    """The part of ``IPerps`` that liquidity is measured from."""

    def get_name(self) -> str: ...
    async def get_orderbook(self, symbol: str, depth: int) -> Orderbook: ...


class Gather(Protocol):
    """Awaits all together and answers in their order: ``asyncio.gather``."""

    def __call__(self, *questions: Awaitable[Outcome]) -> Awaitable[list[Outcome]]: ...


class Aggregator:
    """``IAggregator``. It is handed ``asyncio.gather``: what decides knows no event loop."""

    def __init__(self, gather: Gather) -> None:
        self._gather = gather

    def calculate_liquidity_depth(self, book: Orderbook) -> LiquidityDepthStats:
        return calculate_liquidity_depth(book)

    async def calculate_liquidity_depth_all(
        self, exchanges: Sequence[Books], symbol: str, depth: int
    ) -> Mapping[str, Outcome]:
        """By exchange name: its figures, or why there are none."""
        asked = (_liquidity_depth(exchange, symbol, depth) for exchange in exchanges)
        outcomes = await self._gather(*asked)
        names = (exchange.get_name() for exchange in exchanges)
        return dict(zip(names, outcomes, strict=True))

    def calculate_slippage(
        self,
        book: Orderbook,
        amount: Decimal,
        side: Side,
        *,
        mark_price: Decimal | None = None,
        fee: Decimal | None = None,
    ) -> Slippage:
        return calculate_slippage(book, amount, side, mark_price=mark_price, fee=fee)

    def calculate_market_depth(
        self, book: Orderbook, percentages: Sequence[Decimal] = DEFAULT_PERCENTAGES
    ) -> MarketDepth:
        return calculate_market_depth(book, percentages)

    def calculate_vwap(self, trades: Iterable[Trade]) -> Decimal | None:
        return calculate_vwap(trades)


async def _liquidity_depth(exchange: Books, symbol: str, depth: int) -> Outcome:
    try:
        return calculate_liquidity_depth(await exchange.get_orderbook(symbol, depth))
    except Exception as error:  # noqa: BLE001 - one exchange's failure must not lose the others
        return error
