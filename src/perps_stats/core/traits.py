"""The protocols the parts meet at."""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Protocol, TypeVar

from perps_stats.core.catalogue import DataSet
from perps_stats.core.comparisons import SlippageHour
from perps_stats.core.figures import (
    Coverage,
    Hour,
    IntervalChange,
    LiquidityAverages,
    LiquidityDepthStats,
    MarketDepth,
    Slippage,
)
from perps_stats.core.ledger import GapSum, StreamCoverage
from perps_stats.core.spans import Span
from perps_stats.core.stored import (
    ALL_GAPS,
    ClosedGap,
    Filled,
    GapFilter,
    HeldHour,
    Mark,
    Progress,
    Query,
    Row,
    Shown,
    StoredExchange,
    StoredSeries,
    StoredSession,
    StoredTable,
    Written,
)
from perps_stats.core.types import (
    FundingRate,
    Gap,
    Kline,
    Liquidation,
    Market,
    MarketStats,
    OpenInterest,
    Orderbook,
    Side,
    Ticker,
    Trade,
)

EventT_co = TypeVar("EventT_co", covariant=True)


class IPerps(Protocol):
    """Fifteen questions that can be put to any exchange. Every method may raise ``ExchangeError``.

    ``symbol`` is any form of DESIGN 6; raises ``UnknownMarket``. History is oldest first, over the
    half-open span from ``start_time`` to ``end_time``, and pages by itself.
    """

    def get_name(self) -> str: ...
    async def parse_symbol(self, symbol: str) -> str: ...
    async def get_markets(self) -> list[Market]: ...
    async def get_market(self, symbol: str) -> Market: ...
    async def get_ticker(self, symbol: str) -> Ticker: ...
    async def get_all_tickers(self) -> list[Ticker]: ...
    async def get_orderbook(self, symbol: str, depth: int) -> Orderbook: ...
    async def get_funding_rate(self, symbol: str) -> FundingRate: ...
    async def get_funding_rate_history(
        self,
        symbol: str,
        start_time: datetime | None = None,
        end_time: datetime | None = None,
        limit: int | None = None,
    ) -> list[FundingRate]: ...
    async def get_open_interest(self, symbol: str) -> OpenInterest: ...
    async def get_klines(
        self,
        symbol: str,
        interval: str,
        start_time: datetime | None = None,
        end_time: datetime | None = None,
        limit: int | None = None,
    ) -> list[Kline]: ...
    async def get_recent_trades(self, symbol: str, limit: int) -> list[Trade]: ...
    async def get_market_stats(self, symbol: str) -> MarketStats: ...
    async def get_all_market_stats(self) -> list[MarketStats]: ...
    async def is_supported(self, symbol: str) -> bool: ...


class IPerpsStream(Protocol[EventT_co]):
    def stream(
        self, channels: Sequence[str], symbols: Sequence[str]
    ) -> AsyncIterator[EventT_co]: ...


class IAggregator(Protocol):
    """Arithmetic on books, trades and funding. Formulas: DESIGN 7; unusable books give ``None``."""

    def calculate_liquidity_depth(self, book: Orderbook) -> LiquidityDepthStats: ...
    async def calculate_liquidity_depth_all(
        self, exchanges: Sequence[IPerps], symbol: str, depth: int
    ) -> Mapping[str, "LiquidityDepthStats | Exception"]: ...
    def calculate_slippage(
        self,
        book: Orderbook,
        amount: Decimal,
        side: Side,
        *,
        mark_price: Decimal | None = None,
        fee: Decimal | None = None,
    ) -> Slippage: ...
    def calculate_market_depth(
        self, book: Orderbook, percentages: Sequence[Decimal]
    ) -> MarketDepth: ...
    def calculate_vwap(self, trades: Iterable[Trade]) -> Decimal | None: ...


class Repository(Protocol):
    """What is kept. Every method may raise ``DatabaseError``.

    ``store_*`` take records of any exchange whose markets were stored, and write each at most once:
    the key decides. ``get_*`` answer the rows of a query, oldest first unless it says otherwise;
    ``get_latest_*`` the last row of each market of the filter (of each side and amount for
    slippage, of each kind for funding): all of them, whatever the query's span and limit.
    """

    async def store_markets(self, markets: Sequence[Market], *, simulated: bool) -> dict[str, int]:
        """Market ids by native name. Refuses to mix simulated and live data of one exchange."""
        ...

    async def get_markets(
        self, exchange: str | None = None, symbol: str | None = None
    ) -> list[Market]: ...

    async def get_exchanges(self) -> list[StoredExchange]: ...
    async def get_stats(self) -> list[StoredTable]:
        """One for each data set of the catalogue."""
        ...

    async def get_series_sizes(self) -> list[StoredSeries]:
        """One for each data set of each market that has rows of it."""
        ...

    async def get_coverage(
        self, query: Query, data_sets: Sequence[str] = (), intervals: Sequence[str] = ()
    ) -> list[Coverage]:
        """What is held of each series and what is missing, of the query's markets and span.

        Without ``data_sets`` of all but the gaps, without ``intervals`` of all.
        """
        ...

    async def write(
        self,
        batch: Mapping[str, Sequence[Row]],
        marks: Sequence[Mark] = (),
        filled: Sequence[Filled] = (),
        *,
        gaps: Sequence[Gap] = (),
        session: int | None = None,
    ) -> Written:
        """Rows by data set name, the marks and gaps they bring and the history they fill, in one
        transaction: all or nothing. Marks are those of ``session``, else of the one begun here.

        Returned means acknowledged: committed durably. Raises ``RowRefused`` where it is a row,
        mark or gap that cannot be stored, and not the database that takes none now.
        """
        ...

    async def get_progress(self, market_ids: Sequence[int]) -> list[Progress]:
        """Of each series of these markets that was ever asked for."""
        ...

    async def store_earliest(
        self, market_id: int, series: Sequence[tuple[str, str]], earliest: datetime
    ) -> None:
        """Where the exchange's history begins, for series named by data set and interval."""
        ...

    async def get_stored_candles(self, market_id: int, interval: str, span: Span) -> list[Span]:
        """The spans of stored candles without a hole."""
        ...

    async def get_vouched(self, market_id: int, stream: str, span: Span) -> list[Span]:
        """What a stream of the market has collected without a gap."""
        ...

    async def get_interval_changes(self, market: Market, span: Span) -> list[IntervalChange]:
        """When the interval of settled funding changed within the span."""
        ...

    async def store_tickers(self, rows: Sequence[Ticker]) -> Written: ...
    async def store_orderbooks(self, rows: Sequence[Orderbook]) -> Written: ...
    async def store_trades(self, rows: Sequence[Trade]) -> Written: ...
    async def store_funding_rates(self, rows: Sequence[FundingRate]) -> Written: ...
    async def store_open_interest(self, rows: Sequence[OpenInterest]) -> Written: ...
    async def store_klines(self, rows: Sequence[Kline]) -> Written: ...
    async def store_liquidations(self, rows: Sequence[Liquidation]) -> Written: ...
    async def store_liquidity_depth(self, rows: Sequence[LiquidityDepthStats]) -> Written: ...
    async def store_slippage(self, rows: Sequence[Slippage]) -> Written: ...
    async def store_gap(self, gap: Gap) -> None:
        """Open a gap, or complete the one with the same start."""
        ...

    async def get_unrepaired(
        self, exchange: str, streams: Sequence[str], since: datetime
    ) -> list[ClosedGap]:
        """The gaps of these streams that ended since, oldest first."""
        ...

    async def count_recovered(self, market_id: int, data_set: str, variant: str, span: Span) -> int:
        """The rows of a span that no stream has brought. ``variant`` is the interval or the kind,
        empty where there is none.
        """
        ...

    async def begin_session(self) -> int:
        """A new collecting session. It counts as alive while this repository is connected."""
        ...

    async def end_session(self, session: int) -> None: ...

    async def get_session(self, session: int) -> StoredSession | None:
        """Of any process; ``None`` where this database never had it."""
        ...

    async def list_crashes(self) -> int:
        """Open a ``crash`` gap at each last mark of the sessions that died without an end.

        Returns how many. A session's crash is listed once.
        """
        ...

    async def get_lines(
        self, data_set: DataSet, query: Query, shown: Shown, which: GapFilter = ALL_GAPS
    ) -> bytes:
        """The records of a query as JSON, a line each, as every face shows them: with what is
        simulated and what is a floor. ``which`` is of gaps alone.
        """
        ...

    async def get_tickers(self, query: Query) -> list[Ticker]: ...
    async def get_orderbooks(self, query: Query) -> list[Orderbook]: ...
    async def get_trades(self, query: Query) -> list[Trade]: ...
    async def get_funding_rates(self, query: Query) -> list[FundingRate]: ...
    async def get_open_interest(self, query: Query) -> list[OpenInterest]: ...
    async def get_klines(self, query: Query, interval: str) -> list[Kline]: ...
    async def get_merged_klines(self, query: Query, interval: str) -> list[Kline]:
        """Candles of so many minutes, of stored ones of a minute: those of which each is stored."""
        ...

    async def get_hourly_klines(self, query: Query) -> list[Kline]:
        """The same of an hour, whose figures are kept."""
        ...

    async def get_hourly_tickers(self, query: Query) -> list[Hour]: ...
    async def get_hourly_liquidity(self, query: Query) -> list[Hour]: ...
    async def get_held_hours(self, query: Query) -> list[HeldHour]: ...
    async def get_liquidations(self, query: Query) -> list[Liquidation]: ...
    async def get_liquidity_depth(self, query: Query) -> list[LiquidityDepthStats]: ...
    async def get_liquidity_averages(self, query: Query) -> list[LiquidityAverages]: ...
    async def get_slippage(self, query: Query) -> list[Slippage]: ...
    async def get_slippage_hours(self, query: Query) -> list[SlippageHour]:
        """By the hour of the week, of all the query's markets and span, whatever its limit."""
        ...

    async def get_gaps(self, query: Query, which: GapFilter = ALL_GAPS) -> list[Gap]:
        """Also those that began before the span and reach into it."""
        ...

    async def sum_gaps(self, query: Query, which: GapFilter = ALL_GAPS) -> list[GapSum]:
        """The same by stream and cause, of all pages. What is open lasts until now."""
        ...

    async def get_stream_coverage(
        self,
        query: Query,
        streams: Sequence[str] = (),
        *,
        by: str,
        verifiable: Collection[tuple[str, str]],
    ) -> list[StreamCoverage]:
        """For how long streams were collected and vouched for: one row for each ``day``, ``hour``
        or whole ``stream``. ``verifiable`` names them by exchange and stream.
        """
        ...

    async def get_latest_tickers(self, query: Query) -> list[Ticker]: ...
    async def get_latest_funding_rates(self, query: Query) -> list[FundingRate]: ...
    async def get_latest_open_interest(self, query: Query) -> list[OpenInterest]: ...
    async def get_latest_klines(self, query: Query, *intervals: str) -> list[Kline]:
        """Of each of these intervals."""
        ...

    async def get_latest_orderbooks(self, query: Query) -> list[Orderbook]: ...
    async def get_latest_liquidity_depth(self, query: Query) -> list[LiquidityDepthStats]: ...
    async def get_latest_slippage(self, query: Query) -> list[Slippage]: ...
