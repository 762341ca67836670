"""What can be asked: a method a resource of REST, on both clients.

``tests/client/test_resources.py`` holds the list against that of the service: names, rows,
parameters.
"""

from collections.abc import Callable
from typing import Generic, ParamSpec, Protocol, TypeVar, overload

from perps_stats.client import asking, comparing
from perps_stats.client.answers import Answer, AsyncAnswer
from perps_stats.client.asking import Asked, asked
from perps_stats.core.comparisons import (
    Basis,
    ComparableFunding,
    CostHour,
    CrossSpread,
    ExecutionCost,
    FundingCell,
    NetPair,
    Premium,
    QuotedSpread,
    Series,
    Share,
    ShareHour,
    SpreadAverage,
)
from perps_stats.core.figures import (
    Coverage,
    LiquidityAverages,
    LiquidityDepthStats,
    Slippage,
)
from perps_stats.core.ledger import StreamCoverage
from perps_stats.core.listings import ExchangeRecord, SymbolRecord, TableRecord
from perps_stats.core.types import (
    FundingRate,
    Gap,
    Kline,
    Liquidation,
    Market,
    OpenInterest,
    Orderbook,
    Ticker,
    Trade,
)

P = ParamSpec("P")
T = TypeVar("T")
RowT = TypeVar("RowT")
MOST_ROWS = 5000
MOST_BOOKS = 500
"""Of one page: what the service gives at most."""


class Asks(Protocol):
    def put(
        self, path: str, row: type[RowT], asked: Asked, most: int = MOST_ROWS
    ) -> Answer[RowT]: ...


class AsksAsync(Protocol):
    def put(
        self, path: str, row: type[RowT], asked: Asked, most: int = MOST_ROWS
    ) -> AsyncAnswer[RowT]: ...


class Resource(Generic[P, T]):
    """``takes`` has the parameters of the method that a client gets; a page ``most`` rows."""

    def __init__(
        self, path: str, row: type[T], takes: Callable[P, None], most: int = MOST_ROWS
    ) -> None:
        self.path = path
        self.row = row
        self.takes = takes
        self.most = most

    @overload
    def __get__(self, client: Asks, owner: type[object]) -> Callable[P, Answer[T]]: ...
    @overload
    def __get__(self, client: AsksAsync, owner: type[object]) -> Callable[P, AsyncAnswer[T]]: ...
    def __get__(
        self, client: Asks | AsksAsync, owner: type[object]
    ) -> Callable[P, Answer[T] | AsyncAnswer[T]]:
        def ask(*args: P.args, **kwargs: P.kwargs) -> Answer[T] | AsyncAnswer[T]:
            self.takes(*args, **kwargs)
            return client.put(self.path, self.row, asked(kwargs), self.most)

        return ask


class Resources:
    """Every parameter may be left out. ``limit`` is the most rows of the whole answer, of however
    many pages; without it there are all.
    """

    exchanges = Resource("exchanges", ExchangeRecord, asking.of_exchanges)
    symbols = Resource("symbols", SymbolRecord, asking.of_markets)
    markets = Resource("markets", Market, asking.of_markets)
    stats = Resource("stats", TableRecord, asking.listed)
    coverage = Resource("coverage", Coverage, asking.coverage)
    coverage_streams = Resource("coverage/streams", StreamCoverage, asking.stream_coverage)

    tickers = Resource("tickers", Ticker, asking.of_markets)
    orderbooks = Resource("orderbooks", Orderbook, asking.books, MOST_BOOKS)
    liquidity = Resource("liquidity", LiquidityDepthStats, asking.of_markets)
    slippage = Resource("slippage", Slippage, asking.slippages)

    tickers_history = Resource("tickers/history", Ticker, asking.span)
    orderbooks_history = Resource("orderbooks/history", Orderbook, asking.span_of_books, MOST_BOOKS)
    trades = Resource("trades", Trade, asking.span)
    liquidity_history = Resource("liquidity/history", LiquidityDepthStats, asking.span)
    liquidity_averages = Resource("liquidity/averages", LiquidityAverages, asking.span)
    slippage_history = Resource("slippage/history", Slippage, asking.span_of_slippages)
    funding_rates = Resource("funding-rates", FundingRate, asking.span_of_funding)
    open_interest = Resource("open-interest", OpenInterest, asking.span)
    klines = Resource("klines", Kline, asking.span_of_klines)
    liquidations = Resource("liquidations", Liquidation, asking.span_of_liquidations)
    gaps = Resource("gaps", Gap, asking.span_of_gaps)

    funding_matrix = Resource("funding/matrix", FundingCell, comparing.funding)
    funding_arbitrage = Resource("funding/arbitrage", NetPair, comparing.pairs)
    basis = Resource("basis", Basis, comparing.now)
    spread = Resource("spread", QuotedSpread, comparing.now)
    spread_cross = Resource("spread/cross", CrossSpread, comparing.now)
    shares = Resource("shares", Share, comparing.shares)
    cost = Resource("cost", ExecutionCost, comparing.costs)
    cost_hours = Resource("cost/hours", CostHour, comparing.cost_hours)
    catalog = Resource("catalog", Series, comparing.catalog)

    funding_history = Resource("funding/history", ComparableFunding, asking.span_of_funding)
    basis_history = Resource("basis/history", Premium, asking.span)
    spread_history = Resource("spread/history", SpreadAverage, asking.span)
    shares_history = Resource("shares/history", ShareHour, comparing.share_hours)
