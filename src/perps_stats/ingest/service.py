"""Collecting, from the first question to the last row: markets, session, streams, writer."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain, repeat
from typing import Protocol

import structlog
from msgspec import Struct
from msgspec.structs import replace

from perps_stats.core.errors import DatabaseError, ExchangeError, UnknownMarket
from perps_stats.core.stored import GapFilter, Mark, Query
from perps_stats.core.traits import Repository
from perps_stats.core.types import Gap, Market
from perps_stats.database.failures import DatabaseAway
from perps_stats.exchanges.contract import Answer, Ask, Exchange
from perps_stats.feed.budget import Budget
from perps_stats.feed.client import ExchangeClient
from perps_stats.feed.flow import run
from perps_stats.ingest.collector import Collector, Listening
from perps_stats.ingest.grids import Grids
from perps_stats.ingest.listings import Listings
from perps_stats.ingest.outside import Outside
from perps_stats.ingest.poll.poll import Poll
from perps_stats.ingest.snapshots import Fetch
from perps_stats.ingest.spool.spool import Spool
from perps_stats.ingest.writer import Writer
from perps_stats.net.websocket import WebSocketLimits

log = structlog.get_logger()
LAST_FLUSH_SECONDS = 3.0
MOST_OPEN_GAPS = 100_000
BEGIN_AGAIN_SECONDS = (2.0, 5.0, 15.0, 60.0)
"""Between two tries of an exchange that could not be asked for its markets."""


class Sender(Protocol):
    """Asks one exchange within its limits: see ``net.http.HttpSender``.

    ``simulated`` is known after the first answer; times of ``budget`` are of ``outside.steady``.
    """

    @property
    def budget(self) -> Budget: ...
    @property
    def simulated(self) -> bool | None: ...
    async def send(self, ask: Ask) -> Answer: ...


class Source(Struct, frozen=True, kw_only=True):
    """One exchange as it is collected from."""

    exchange: Exchange
    client: ExchangeClient
    sender: Sender
    listening: Listening


class Plan(Struct, frozen=True, kw_only=True):
    """``symbols`` empty: all that trade."""

    symbols: Sequence[str]
    grids: Grids
    limits: WebSocketLimits
    outside: Outside
    listings_seconds: float = 600.0
    """How often exchanges are asked for new markets, and for ended ones."""


class Collecting:
    """Collects from several exchanges into one repository. ``counts`` is live; ``collectors`` are
    those of the ``sources`` that have begun; ``idle`` are the names of those that list nothing of
    what is wanted.
    """

    def __init__(
        self, sources: Sequence[Source], plan: Plan, repository: Repository, spool: Spool
    ) -> None:
        self.sources = sources
        self._plan = plan
        self._repository = repository
        self.collectors: list[Collector] = []
        self.polls: list[Poll] = []
        self.idle: set[str] = set()
        self._first = _FirstTries([source.exchange.name for source in sources], plan.symbols)
        self.writer = Writer(repository, self._marks, spool, plan.outside)
        self.writer.on_full = self._pause
        self.writer.on_room = self._resume

    async def run(self, stop: asyncio.Event) -> None:
        """Until stopped. Raises ``ExchangeError`` where no source can begin, or a symbol is listed
        nowhere; ``DatabaseError`` when the last rows could not be kept. A source that cannot begin
        is tried again and again while the others go on.
        """
        await self.writer.replay(stop)
        if stop.is_set():
            return
        crashes = await self._repository.list_crashes()
        if crashes:
            log.warning("an earlier collector died", gaps=crashes)
        session = await self._repository.begin_session()
        self.writer.begin(await self._repository.get_session(session))
        written = asyncio.Event()
        writing = asyncio.create_task(self.writer.run(written))
        try:
            async with asyncio.TaskGroup() as group:
                for source in self.sources:
                    group.create_task(self._collect(source, stop))
        finally:
            written.set()
            await self._finish(writing, session)

    async def _collect(self, source: Source, stop: asyncio.Event) -> None:
        listings = Listings(source.client, self._plan.symbols)
        collector = await self._begin(source, listings, stop)
        if collector is None:
            return
        self.collectors.append(collector)
        async with asyncio.TaskGroup() as group:
            group.create_task(collector.run(stop))
            group.create_task(self._follow(source, listings, collector, stop))

    async def _adopt(self, source: Source, listings: Listings, collector: Collector) -> None:
        """What earlier runs left open."""
        left = Query(exchange=source.exchange.name, limit=MOST_OPEN_GAPS)
        gaps = await self._repository.get_gaps(left, GapFilter(still_open=True))
        collector.adopt(gaps)
        await self._close_ended(listings, gaps)

    async def _close_ended(self, listings: Listings, gaps: Sequence[Gap]) -> None:
        """Of markets that trade no more nothing will come to close a gap with."""
        now = self._plan.outside.now()
        trading = await listings.trading()
        for gap in gaps:
            if gap.symbol not in trading:
                self.writer.keep_gap(replace(gap, end_time=max(now, gap.start_time)))

    async def _begin(
        self, source: Source, listings: Listings, stop: asyncio.Event
    ) -> Collector | None:
        """Once exchange and database answer, and something is listed that is wanted; ``None`` if we
        are stopped before.
        """
        name = source.exchange.name
        for seconds in chain(BEGIN_AGAIN_SECONDS, repeat(BEGIN_AGAIN_SECONDS[-1])):
            pause = seconds
            try:
                if name in self.idle:
                    await listings.ask_anew()
                collector = await self._collector(source, await self._wanted(listings))
                await self._adopt(source, listings, collector)
            except DatabaseAway as error:
                log.warning("cannot begin", exchange=name, error=str(error))
                if await _stopped(stop, pause):
                    return None
            except ExchangeError as error:
                log.warning("cannot begin", exchange=name, error=str(error))
                self._first.failed(source, error)
                if isinstance(error, UnknownMarket):
                    self.idle.add(name)
                    pause = self._plan.listings_seconds
                if await _stopped(stop, pause):
                    return None
            else:
                self.idle.discard(name)
                self._first.succeeded(source)
                return collector
        return None

    async def _follow(
        self, source: Source, listings: Listings, collector: Collector, stop: asyncio.Event
    ) -> None:
        """New markets are collected, too, and those that trade no more are left alone."""
        bound = log.bind(exchange=source.exchange.name)
        while not await _stopped(stop, self._plan.listings_seconds):
            try:
                news = await listings.news(collector.feeds)
                for native in news.ended:
                    bound.warning("market ended", market=native)
                    collector.end(native)
                markets = await self._with_ids(source, news.new) if news.new else []
                if markets and not stop.is_set():
                    bound.info("new markets", markets=[market.native for market in news.new])
                    collector.add(markets)
            except (ExchangeError, DatabaseError) as error:
                bound.warning("listings not followed", error=str(error))

    async def _finish(self, writing: asyncio.Task[None], session: int) -> None:
        """The last rows are written and the session ended, or the next start finds a crash."""
        try:
            async with asyncio.timeout(LAST_FLUSH_SECONDS):
                await writing
                await self._repository.end_session(session)
        except TimeoutError:
            slow = f"the database did not take the last rows in {LAST_FLUSH_SECONDS:.0f} s"
            raise DatabaseError(f"{slow}; {self.writer.left()}") from None

    async def _with_ids(
        self, source: Source, markets: Sequence[Market]
    ) -> list[tuple[Market, int]]:
        simulated = source.sender.simulated is True
        ids = await self._repository.store_markets(markets, simulated=simulated)
        return [(market, ids[market.native]) for market in markets]

    async def _collector(self, source: Source, markets: Sequence[Market]) -> Collector:
        return Collector(
            listening=source.listening,
            markets=await self._with_ids(source, markets),
            send=source.sender.send,
            fetch=_fetch(source),
            client=source.client,
            budget=source.sender.budget,
            sink=self.writer,
            grids=self._plan.grids,
            limits=self._plan.limits,
            outside=self._plan.outside,
        )

    async def _wanted(self, listings: Listings) -> list[Market]:
        """Raises ``UnknownMarket`` where the exchange lists none of the symbols."""
        markets = await listings.wanted()
        unknown = [error.symbol for error in listings.unknown]
        for symbol in self._plan.symbols:
            if symbol not in unknown:
                self._first.listed(symbol)
        for missing in listings.unknown:
            log.warning("not collected", error=str(missing))
        return markets

    def _marks(self) -> Iterable[Mark]:
        return (mark for collector in self.collectors for mark in collector.marks())

    def _pause(self) -> None:
        log.warning("reading is paused", rows_waiting=self.writer.waiting)
        for collector in self.collectors:
            collector.pause()

    def _resume(self) -> None:
        for collector in self.collectors:
            collector.resume()

    def counts(self) -> Counter[str]:
        """Since the start: frames, rows, new rows, connections, snapshots; and what waits now."""
        total = Counter(self.writer.counts)
        total["waiting"] = self.writer.waiting
        for collector in self.collectors:
            total.update(collector.counts())
        for poll in self.polls:
            total.update({f"polls_{name}": count for name, count in poll.counts.items()})
        return total


def _fetch(source: Source) -> Fetch | None:
    snapshot, send = source.exchange.book_snapshot, source.sender.send
    return None if snapshot is None else lambda market, depth: run(snapshot(market, depth), send)


class _FirstTries:
    """What the first tries of all sources say together, once each had its own."""

    def __init__(self, names: Iterable[str], symbols: Iterable[str]) -> None:
        self._waiting = set(names)
        self._unlisted = dict.fromkeys(symbols)
        self._any_began = self._all_told = False
        self._error: ExchangeError | None = None

    def listed(self, symbol: str) -> None:
        self._unlisted.pop(symbol, None)

    def succeeded(self, source: Source) -> None:
        self._any_began = True
        self._told(source)

    def failed(self, source: Source, error: ExchangeError) -> None:
        """Raises the first error where none could begin."""
        self._error = self._error or error
        self._unlisted = self._unlisted if isinstance(error, UnknownMarket) else {}
        self._told(source)

    def _told(self, source: Source) -> None:
        self._waiting.discard(source.exchange.name)
        if self._waiting or self._all_told:
            return
        self._all_told = True
        if self._error is not None and not self._any_began:
            raise self._error
        for symbol in self._unlisted:
            raise UnknownMarket(symbol)


async def _stopped(stop: asyncio.Event, seconds: float) -> bool:
    """Whether we are told to stop within so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return False
    return True
