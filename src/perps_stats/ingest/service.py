"""Collecting, from the first question to the last row: markets, session, streams, writer."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence

import structlog
from msgspec import Struct

from perps_stats.core.errors import DatabaseError
from perps_stats.core.traits import Mark, Query, Repository
from perps_stats.core.types import Market, MarketStatus
from perps_stats.exchanges.contract import Exchange
from perps_stats.feed.client import ExchangeClient
from perps_stats.feed.flow import run
from perps_stats.ingest.collector import Collector, Listening
from perps_stats.ingest.market import Grids
from perps_stats.ingest.snapshots import Fetch
from perps_stats.ingest.writer import Writer
from perps_stats.net.http import HttpSender
from perps_stats.net.websocket import WebSocketLimits

log = structlog.get_logger()
LAST_FLUSH_SECONDS = 4.0
MOST_OPEN_GAPS = 100_000


class Source(Struct, frozen=True, kw_only=True):
    """One exchange as it is collected from."""

    exchange: Exchange
    client: ExchangeClient
    sender: HttpSender
    listening: Listening


class Plan(Struct, frozen=True, kw_only=True):
    """``symbols`` empty: all that trade."""

    symbols: Sequence[str]
    grids: Grids
    limits: WebSocketLimits


class Collecting:
    """Collects from several exchanges into one repository. ``counts`` is live."""

    def __init__(self, sources: Sequence[Source], plan: Plan, repository: Repository) -> None:
        self._sources = sources
        self._plan = plan
        self._repository = repository
        self._collectors: list[Collector] = []
        self.writer = Writer(repository, self._marks)
        self.writer.on_full = self._pause
        self.writer.on_room = self._resume

    async def run(self, stop: asyncio.Event) -> None:
        """Until stopped. Raises ``ExchangeError`` for a source that cannot begin, or
        ``DatabaseError`` when the last rows could not be kept.
        """
        self._collectors = [await self._collector(source) for source in self._sources]
        crashes = await self._repository.list_crashes()
        if crashes:
            log.warning("an earlier collector died", gaps=crashes)
        session = await self._repository.begin_session()
        for collector, source in zip(self._collectors, self._sources, strict=True):
            left = Query(exchange=source.exchange.name, limit=MOST_OPEN_GAPS)
            collector.adopt(await self._repository.get_gaps(left, still_open=True))
        written = asyncio.Event()
        writing = asyncio.create_task(self.writer.run(written))
        try:
            async with asyncio.TaskGroup() as group:
                for collector in self._collectors:
                    group.create_task(collector.run(stop))
        finally:
            written.set()
            await self._finish(writing, session)

    async def _finish(self, writing: asyncio.Task[None], session: int) -> None:
        """The last rows are written and the session ended, or the next start finds a crash."""
        try:
            async with asyncio.timeout(LAST_FLUSH_SECONDS):
                await writing
                await self._repository.end_session(session)
        except TimeoutError:
            waiting = self.writer.waiting
            raise DatabaseError(
                f"the database did not take the last {waiting} rows in {LAST_FLUSH_SECONDS:.0f} s; "
                "the next start lists them as a crash gap"
            ) from None

    async def _collector(self, source: Source) -> Collector:
        markets = await self._wanted(source)
        simulated = source.sender.simulated is True
        ids = await self._repository.store_markets(markets, simulated=simulated)
        return Collector(
            listening=source.listening,
            markets=[(market, ids[market.native]) for market in markets],
            send=source.sender.send,
            fetch=_fetch(source),
            sink=self.writer,
            grids=self._plan.grids,
            limits=self._plan.limits,
        )

    async def _wanted(self, source: Source) -> list[Market]:
        if not self._plan.symbols:
            listed = await source.client.get_markets()
            return [market for market in listed if market.status is MarketStatus.TRADING]
        found = [await source.client.get_market(symbol) for symbol in self._plan.symbols]
        return list({market.native: market for market in found}.values())

    def _marks(self) -> Iterable[Mark]:
        return (mark for collector in self._collectors for mark in collector.marks())

    def _pause(self) -> None:
        log.warning("reading is paused", rows_waiting=self.writer.waiting)
        for collector in self._collectors:
            collector.pause()

    def _resume(self) -> None:
        for collector in self._collectors:
            collector.resume()

    def counts(self) -> Counter[str]:
        """Since the start: frames, rows, new rows, connections, snapshots; and what waits now."""
        total = Counter(self.writer.counts)
        total["waiting"] = self.writer.waiting
        for collector in self._collectors:
            total.update(collector.counts())
        return total


def _fetch(source: Source) -> Fetch | None:
    snapshot, send = source.exchange.book_snapshot, source.sender.send
    return None if snapshot is None else lambda market, depth: run(snapshot(market, depth), send)
