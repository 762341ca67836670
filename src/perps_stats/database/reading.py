"""What is stored, read back as records: the part of the repository that only asks."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from msgspec import Struct, structs

from perps_stats.core import catalogue, figures, types
from perps_stats.core.catalogue import DataSet
from perps_stats.core.comparisons import SlippageHour
from perps_stats.core.ledger import GapSum, StreamCoverage
from perps_stats.core.stored import ALL_GAPS, GapFilter, HeldHour, Query, Shown
from perps_stats.database import hours, ledger, merged, pages
from perps_stats.database.held_hours import held_hours
from perps_stats.database.lines import lines
from perps_stats.database.link import Link
from perps_stats.database.slippage_hours import slippage_hours

RecordT = TypeVar("RecordT", bound=Struct)


class Reading:
    """See ``core.traits.Repository`` for what each method means."""

    def __init__(self, link: Link) -> None:
        self.link = link

    async def get_lines(
        self, data_set: DataSet, query: Query, shown: Shown, which: GapFilter = ALL_GAPS
    ) -> bytes:
        if data_set is catalogue.GAPS:
            return await ledger.gap_lines(self.link, query, shown, which)
        return await lines(self.link, data_set, query, shown)

    async def get_tickers(self, query: Query) -> list[types.Ticker]:
        return await self._page(catalogue.TICKERS, types.Ticker, query)

    async def get_orderbooks(self, query: Query) -> list[types.Orderbook]:
        return await self._page(catalogue.ORDERBOOKS, types.Orderbook, query)

    async def get_trades(self, query: Query) -> list[types.Trade]:
        return await self._page(catalogue.TRADES, types.Trade, query)

    async def get_funding_rates(self, query: Query) -> list[types.FundingRate]:
        return await self._page(catalogue.FUNDING_RATES, types.FundingRate, query)

    async def get_open_interest(self, query: Query) -> list[types.OpenInterest]:
        return await self._page(catalogue.OPEN_INTEREST, types.OpenInterest, query)

    async def get_klines(self, query: Query, interval: str) -> list[types.Kline]:
        only = {**query.only, "interval": interval}
        query = structs.replace(query, only=only)
        return await self._page(catalogue.KLINES, types.Kline, query)

    async def get_merged_klines(self, query: Query, interval: str) -> list[types.Kline]:
        records = await merged.merged_klines(self.link, query, interval)
        return [record for record in records if isinstance(record, types.Kline)]

    async def get_hourly_klines(self, query: Query) -> list[types.Kline]:
        return await hours.hourly_klines(self.link, query)

    async def get_hourly_tickers(self, query: Query) -> list[figures.Hour]:
        return await hours.hours(self.link, "tickers_1h", query)

    async def get_hourly_liquidity(self, query: Query) -> list[figures.Hour]:
        return await hours.hours(self.link, "liquidity_1h", query)

    async def get_held_hours(self, query: Query) -> list[HeldHour]:
        return await held_hours(self.link, query)

    async def get_liquidations(self, query: Query) -> list[types.Liquidation]:
        return await self._page(catalogue.LIQUIDATIONS, types.Liquidation, query)

    async def get_liquidity_depth(self, query: Query) -> list[figures.LiquidityDepthStats]:
        return await self._page(catalogue.LIQUIDITY, figures.LiquidityDepthStats, query)

    async def get_liquidity_averages(self, query: Query) -> list[figures.LiquidityAverages]:
        return await self._page(catalogue.LIQUIDITY_AVERAGES, figures.LiquidityAverages, query)

    async def get_slippage(self, query: Query) -> list[figures.Slippage]:
        return await self._page(catalogue.SLIPPAGE, figures.Slippage, query)

    async def get_slippage_hours(self, query: Query) -> list[SlippageHour]:
        return await slippage_hours(self.link, query)

    async def get_gaps(self, query: Query, which: GapFilter = ALL_GAPS) -> list[types.Gap]:
        return await ledger.gaps(self.link, query, which)

    async def sum_gaps(self, query: Query, which: GapFilter = ALL_GAPS) -> list[GapSum]:
        return await ledger.sum_gaps(self.link, query, which, now=datetime.now(UTC))

    async def get_stream_coverage(
        self,
        query: Query,
        streams: Sequence[str] = (),
        *,
        by: str,
        verifiable: Collection[tuple[str, str]],
    ) -> list[StreamCoverage]:
        return await ledger.stream_coverage(
            self.link,
            query,
            streams=streams,
            by=by,
            verifiable=verifiable,
            now=datetime.now(UTC),
        )

    async def get_latest_tickers(self, query: Query) -> list[types.Ticker]:
        return await self._latest(catalogue.TICKERS, types.Ticker, query)

    async def get_latest_funding_rates(self, query: Query) -> list[types.FundingRate]:
        kinds = [kind.value for kind in types.FundingKind]
        return await self._latest(catalogue.FUNDING_RATES, types.FundingRate, query, kinds)

    async def get_latest_open_interest(self, query: Query) -> list[types.OpenInterest]:
        return await self._latest(catalogue.OPEN_INTEREST, types.OpenInterest, query)

    async def get_latest_klines(self, query: Query, *intervals: str) -> list[types.Kline]:
        return await self._latest(catalogue.KLINES, types.Kline, query, intervals)

    async def get_latest_orderbooks(self, query: Query) -> list[types.Orderbook]:
        return await self._latest(catalogue.ORDERBOOKS, types.Orderbook, query)

    async def get_latest_liquidity_depth(self, query: Query) -> list[figures.LiquidityDepthStats]:
        return await self._latest(catalogue.LIQUIDITY, figures.LiquidityDepthStats, query)

    async def get_latest_slippage(self, query: Query) -> list[figures.Slippage]:
        return await self._latest(catalogue.SLIPPAGE, figures.Slippage, query)

    async def _page(self, data_set: DataSet, row: type[RecordT], query: Query) -> list[RecordT]:
        records = await pages.page(self.link, data_set, query)
        return [record for record in records if isinstance(record, row)]

    async def _latest(
        self,
        data_set: DataSet,
        row: type[RecordT],
        query: Query,
        variants: Sequence[str] | None = None,
    ) -> list[RecordT]:
        records = await pages.latest(self.link, data_set, query, variants)
        return [record for record in records if isinstance(record, row)]
