"""A simulated Binance that writes down which pages of candles it is asked for, and can be told to
do something in the middle; the program that asks it, and what a database should hold afterwards.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from aiohttp import web
from msgspec import Struct
from tests.cli.program import SECONDS, Ended, Program, ended

from perps_stats.core.spans import Span
from perps_stats.core.times import rfc3339, to_ms
from perps_stats.sim import SimSettings, Simulator, server, truths
from perps_stats.sim.binance import venue
from perps_stats.sim.facts import Source, Truth
from perps_stats.sim.faults import Fault
from perps_stats.sim.losses import Losses
from perps_stats.sim.model.world import World

SYMBOLS = ("BTC", "ETH")
PAGES = 5
"""Of each symbol: 4000 candles, of which Binance tells 999 for the weight of one request."""
MIDDLE = PAGES
"""So many of all pages are answered before something happens."""
FILLED = """
    select native, (extract(epoch from lower(span)) * 1000)::bigint,
        (extract(epoch from upper(span)) * 1000)::bigint
    from backfill_progress join markets using (market_id), unnest(covered) as span
    order by native, lower(span)
"""
CANDLES = """
    select (extract(epoch from ts) * 1000)::bigint, open, high, low, close, volume, turnover, trades
    from klines join markets using (market_id) where native = $1 order by ts
"""


class Watched:
    """The dialect of Binance with an ear at its door. ``pages`` counts by symbol and begin."""

    def __init__(self, world: World, faults: tuple[Fault, ...]) -> None:
        self._dialect = venue.of_model(world, faults)
        self.counters = self._dialect.counters
        self.pages: Counter[tuple[str, str]] = Counter()
        self._until = 0
        self._do: Callable[[], object] = lambda: None

    def interrupt(self, do: Callable[[], object]) -> None:
        """``do`` is called in the middle, while two pages are under way and wait for it."""
        self._until, self._do = self.pages.total() + MIDDLE + 1, do

    @property
    def asked_again(self) -> dict[str, int]:
        """By symbol, how often a page was asked for that had been asked for before."""
        again: Counter[str] = Counter()
        for (symbol, _), times in self.pages.items():
            again[symbol] += times - 1
        return dict(again)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.path.endswith("/klines") and request.query["interval"] == "1m":
            self.pages[request.query["symbol"], request.query["startTime"]] += 1
            if self.pages.total() == self._until:
                await asyncio.to_thread(self._do)
        return await self._dialect.answer(request)

    def truth(self, symbol: str) -> Truth:
        return self._dialect.truth(symbol)

    def source(self, symbol: str) -> Source:
        return self._dialect.source(symbol)

    @property
    def losses(self) -> Losses:
        return self._dialect.losses

    def inject(self, fault: Fault) -> None:
        self._dialect.inject(fault)

    def loosen(self, times: int) -> None:
        self._dialect.loosen(times)

    async def close(self) -> None:
        await self._dialect.close()


class Scene(Struct):
    """``span`` is the past that is wanted: it ended a day ago."""

    program: Program
    exchange: Watched
    span: Span

    async def backfill(self, *words: str) -> Ended:
        bounds = ("--from", rfc3339(self.span.start), "--to", rfc3339(self.span.end))
        what = ("-s", ",".join(SYMBOLS), "--data", "klines", *bounds)
        return await self.run("backfill", *what, *words)

    async def run(self, *words: str) -> Ended:
        return await asyncio.to_thread(lambda: ended(self.program.start(*words)))

    async def held(self, url: str) -> Mapping[str, Sequence[tuple[int, int]]]:
        """The spans that count as filled, in ms, by market. What is stored is their truth, and
        nothing beside them: by checksum.
        """
        connection = await asyncpg.connect(url)
        try:
            spans: dict[str, list[tuple[int, int]]] = {f"{name}USDT": [] for name in SYMBOLS}
            for native, start, end in await connection.fetch(FILLED):
                spans[native].append((start, end))
            for native, filled in spans.items():
                stored = [tuple(row) for row in await connection.fetch(CANDLES, native)]
                assert truths.checksum(self._truth(native, filled)) == truths.checksum(stored)
            return spans
        finally:
            await connection.close()

    def _truth(self, native: str, spans: Sequence[tuple[int, int]]) -> list[truths.Row]:
        source = self.exchange.source(native)
        carried = truths.CARRIED["binance"]
        return [row for span in spans for row in truths.candles(source, "1m", *span, carried)]

    def all(self) -> Mapping[str, Sequence[tuple[int, int]]]:
        """What ``held`` says in the end."""
        return {f"{name}USDT": [(to_ms(self.span.start), to_ms(self.span.end))] for name in SYMBOLS}


@asynccontextmanager
async def opened_scene(directory: Path, patch: pytest.MonkeyPatch) -> AsyncGenerator[Scene]:
    watched: list[Watched] = []

    def of_model(world: World, faults: tuple[Fault, ...]) -> Watched:
        watched.append(Watched(world, faults))
        return watched[0]

    patch.setitem(server.DIALECTS, "binance", of_model)
    settings = SimSettings(exchanges=("binance",), symbols=SYMBOLS, generosity=1000)
    end = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=1)
    async with Simulator(settings) as simulator:
        environ = {
            "PERPS_STATS__ASK__EXCHANGES": "binance",
            "PERPS_STATS__STREAM__EXCHANGES": "binance",
            "PERPS_STATS__EXCHANGES__BINANCE__REST_URL": simulator.venues["binance"].rest_url,
            "PERPS_STATS__EXCHANGES__BINANCE__WS_URL": simulator.venues["binance"].ws_url,
            "PERPS_STATS__EXCHANGES__BINANCE__LIMIT_FACTOR": "1000",
            "PERPS_STATS__NETWORK__READ_SECONDS": str(SECONDS),  # a page is not asked for again
        }
        span = Span(end - timedelta(minutes=4000), end)
        yield Scene(Program(directory, environ), watched[0], span)
