"""The repository on PostgreSQL: what ``core.traits.Repository`` promises, put together."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from perps_stats.core import catalogue, figures, types
from perps_stats.core.catalogue import DataSet
from perps_stats.core.intervals import interval_length
from perps_stats.core.spans import Span
from perps_stats.core.stored import (
    ClosedGap,
    Filled,
    Mark,
    Progress,
    Query,
    Row,
    StoredExchange,
    StoredSeries,
    StoredSession,
    StoredTable,
    Written,
)
from perps_stats.database import progress, repair, upkeep
from perps_stats.database.contradictions import Contradiction
from perps_stats.database.coverage import coverage
from perps_stats.database.embedded import Embedded
from perps_stats.database.held import DatabaseStats
from perps_stats.database.link import Link
from perps_stats.database.markets import Markets
from perps_stats.database.migrate import migrate, require_current
from perps_stats.database.reading import Reading
from perps_stats.database.rollups import forget_hours
from perps_stats.database.rows import to_row
from perps_stats.database.sessions import Sessions
from perps_stats.database.statements import statement
from perps_stats.database.stats import stats
from perps_stats.database.write import Write

RecordT = TypeVar("RecordT", bound=Struct)


class PostgresRepository(Reading):
    """See ``core.traits.Repository`` for what each method means. ``open_repository`` makes one."""

    def __init__(self, link: Link) -> None:
        super().__init__(link)
        self._markets = Markets(link)
        self._sessions = Sessions(link)
        self._write = Write(link)

    async def close(self) -> None:
        await self._sessions.leave()
        await self.link.close()

    async def store_markets(
        self, markets: Sequence[types.Market], *, simulated: bool
    ) -> dict[str, int]:
        return await self._markets.store(markets, simulated=simulated)

    async def get_markets(
        self, exchange: str | None = None, symbol: str | None = None
    ) -> list[types.Market]:
        return await self._markets.get(exchange, symbol)

    async def write(
        self,
        batch: Mapping[str, Sequence[Row]],
        marks: Sequence[Mark] = (),
        filled: Sequence[Filled] = (),
        *,
        gaps: Sequence[types.Gap] = (),
        session: int | None = None,
    ) -> Written:
        rows = [await self._gap_row(gap) for gap in gaps]
        whose = self._sessions.current if session is None else session
        return await self._write.write(batch, marks, whose, filled, rows)

    async def _gap_row(self, gap: types.Gap) -> Row:
        return to_row(catalogue.GAPS, gap, await self._markets.id_of(gap.exchange, gap.symbol))

    async def get_progress(self, market_ids: Sequence[int]) -> list[Progress]:
        return await progress.progress(self.link, market_ids)

    async def store_earliest(
        self, market_id: int, series: Sequence[tuple[str, str]], earliest: datetime
    ) -> None:
        names = ([name for name, _ in series], [interval for _, interval in series])
        await self.link.fetch(statement("keep_earliest"), market_id, *names, earliest)

    async def get_stored_candles(self, market_id: int, interval: str, span: Span) -> list[Span]:
        length = interval_length(interval)
        return await progress.stored_candles(self.link, market_id, interval, length, span)

    async def get_vouched(self, market_id: int, stream: str, span: Span) -> list[Span]:
        return await progress.vouched(self.link, market_id, stream, span)

    async def get_interval_changes(
        self, market: types.Market, span: Span
    ) -> list[figures.IntervalChange]:
        market_id = await self._markets.id_of(market.exchange, market.symbol)
        names = (market.exchange, market.symbol)
        return await progress.interval_changes(self.link, market_id, *names, span)

    async def get_unrepaired(
        self, exchange: str, streams: Sequence[str], since: datetime
    ) -> list[ClosedGap]:
        return await repair.unrepaired(self.link, exchange, streams, since)

    async def count_recovered(self, market_id: int, data_set: str, variant: str, span: Span) -> int:
        return await repair.count_recovered(self.link, market_id, data_set, variant, span)

    async def begin_session(self) -> int:
        return await self._sessions.begin()

    async def end_session(self, session: int) -> None:
        await self._sessions.end(session)

    async def get_session(self, session: int) -> StoredSession | None:
        return await self._sessions.get(session)

    async def list_crashes(self) -> int:
        return await self._sessions.list_crashes()

    async def get_exchanges(self) -> list[StoredExchange]:
        return [StoredExchange(*row) for row in await self.link.fetch(statement("all_exchanges"))]

    async def get_stats(self) -> list[StoredTable]:
        names = {one.table: one.name for one in catalogue.DATA_SETS.values()}
        return [
            StoredTable(
                data_set=names[table.table],
                rows=table.rows,
                exact=table.rows_exact,
                bytes=table.bytes,
                first=table.first_ts,
                last=table.last_ts,
            )
            for table in (await self.stats()).tables
        ]

    async def get_series_sizes(self) -> list[StoredSeries]:
        names = {one.table: one.name for one in catalogue.DATA_SETS.values()}
        return [
            StoredSeries(
                data_set=names[held.table],
                exchange=held.exchange,
                symbol=held.symbol,
                rows=held.rows,
                exact=held.rows_exact,
            )
            for held in (await self.stats(by_market=True)).holdings
        ]

    async def get_coverage(
        self, query: Query, data_sets: Sequence[str] = (), intervals: Sequence[str] = ()
    ) -> list[figures.Coverage]:
        return await coverage(self.link, query, data_sets, intervals, now=datetime.now(UTC))

    async def stats(self, *, by_market: bool = False) -> DatabaseStats:
        return await stats(self.link, now=datetime.now(UTC), by_market=by_market)

    async def clean(
        self, older_than: datetime, data_sets: Sequence[str] = (), *, dry: bool = False
    ) -> list[upkeep.Removed]:
        """What was removed per table, or with ``dry`` would be; without ``data_sets`` of all."""
        removed = await upkeep.clean(self.link, older_than, data_sets, dry=dry)
        if not dry:
            await forget_hours(self.link, older_than, [one.table for one in removed])
        return removed

    def vacuum(self) -> AsyncIterator[upkeep.Vacuumed]:
        return upkeep.vacuum(self.link)

    async def get_contradictions(self, limit: int = 1000) -> list[Contradiction]:
        """Those that were seen last."""
        return [
            Contradiction(**row)
            for row in await self.link.fetch(statement("contradictions"), limit)
        ]

    async def truncate(self, *, dry: bool = False) -> list[upkeep.Removed]:
        """Remove everything, the exchanges and markets too."""
        removed = await upkeep.truncate(self.link, dry=dry)
        if not dry:
            await forget_hours(self.link, None, [one.table for one in removed])
            self._markets.forget()
            self._write.forget()
        return removed

    async def store(self, data_set: DataSet, records: Sequence[Struct]) -> Written:
        """Records of any data set."""
        rows: list[Row] = []
        for record in records:
            exchange, symbol = getattr(record, "exchange"), getattr(record, "symbol")  # noqa: B009
            rows.append(to_row(data_set, record, await self._markets.id_of(exchange, symbol)))
        return await self.write({data_set.name: rows}, ())

    async def store_tickers(self, rows: Sequence[types.Ticker]) -> Written:
        return await self.store(catalogue.TICKERS, rows)

    async def store_orderbooks(self, rows: Sequence[types.Orderbook]) -> Written:
        return await self.store(catalogue.ORDERBOOKS, rows)

    async def store_trades(self, rows: Sequence[types.Trade]) -> Written:
        return await self.store(catalogue.TRADES, rows)

    async def store_funding_rates(self, rows: Sequence[types.FundingRate]) -> Written:
        return await self.store(catalogue.FUNDING_RATES, rows)

    async def store_open_interest(self, rows: Sequence[types.OpenInterest]) -> Written:
        return await self.store(catalogue.OPEN_INTEREST, rows)

    async def store_klines(self, rows: Sequence[types.Kline]) -> Written:
        return await self.store(catalogue.KLINES, rows)

    async def store_liquidations(self, rows: Sequence[types.Liquidation]) -> Written:
        return await self.store(catalogue.LIQUIDATIONS, rows)

    async def store_liquidity_depth(self, rows: Sequence[figures.LiquidityDepthStats]) -> Written:
        return await self.store(catalogue.LIQUIDITY, rows)

    async def store_slippage(self, rows: Sequence[figures.Slippage]) -> Written:
        return await self.store(catalogue.SLIPPAGE, rows)

    async def store_gap(self, gap: types.Gap) -> None:
        await self.store(catalogue.GAPS, [gap])


@asynccontextmanager
async def open_link(url: str | None, directory: Path) -> AsyncGenerator[Link]:
    """The database at ``url``; without one, our own in ``directory``, started if need be."""
    async with AsyncExitStack() as stack:
        if url is None:
            server = Embedded(directory)
            await server.open()
            stack.push_async_callback(server.close)
            link = Link(server.url, server.revive, directory)
        else:
            link = Link(url)
        stack.push_async_callback(link.close)
        await link.open()
        yield link


@asynccontextmanager
async def open_repository(
    url: str | None, directory: Path, *, apply_migrations: bool = True
) -> AsyncGenerator[PostgresRepository]:
    """Without ``apply_migrations`` a schema that is behind is a ``DatabaseError``."""
    async with open_link(url, directory) as link:
        repository = PostgresRepository(link)
        try:
            await (migrate if apply_migrations else require_current)(link)
            yield repository
        finally:
            await repository.close()
