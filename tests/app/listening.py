"""The feeds of a collector that collects from a simulated exchange into a real database."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from perps_stats.app.collect import collect, open_streamed
from perps_stats.app.live import LiveFeeds
from perps_stats.database.repository import PostgresRepository
from perps_stats.settings import load_settings
from perps_stats.sim import SimSettings, Simulator

PATIENCE_SECONDS = 60.0
ALL_DATA = "orderbook,trades,ticker,funding,klines,liquidations,open_interest"


@asynccontextmanager
async def listening(
    repository: PostgresRepository, spool: Path, *faults: str, name: str = "binance"
) -> AsyncGenerator[tuple[LiveFeeds, Simulator]]:
    """Lively BTC and ETH, until left."""
    feeds, until = LiveFeeds(), asyncio.Event()
    sim = SimSettings(exchanges=(name,), symbols=("BTC", "ETH"), faults=faults, rate=20.0)
    async with Simulator(sim) as simulator:
        venue = simulator.venues[name]
        given = {
            f"exchanges.{name}.rest_url": venue.rest_url,
            f"exchanges.{name}.ws_url": venue.ws_url,
            "stream.exchanges": name,
            "stream.symbols": "BTC,ETH",
            "stream.data": ALL_DATA,
            "stream.poll_seconds": "2",
            "stream.store_seconds": "1",
            "stream.book_seconds": "1",
            "stream.spool_dir": str(spool),
        }
        settings = load_settings(given, {}, Path.cwd())[0]
        async with open_streamed(settings) as exchanges:
            task = asyncio.create_task(
                collect(
                    settings,
                    exchanges.values(),
                    repository,
                    until=until,
                    report=lambda _counts: None,
                    observe=feeds.observed(lambda _observer: None),
                )
            )
            advancing = asyncio.create_task(advance(feeds))
            try:
                yield feeds, simulator
            finally:
                advancing.cancel()
                until.set()
                await task


async def advance(feeds: LiveFeeds) -> None:
    while True:
        feeds.advance()
        await asyncio.sleep(0.02)


async def so(condition: Callable[[], bool]) -> None:
    """Wait until it is so. Raises ``TimeoutError``."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():
            await asyncio.sleep(0.02)
