"""A stream is cut while others go on: what it missed is had again, and is the exchange's truth."""

import asyncio
import os
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path

from msgspec import Struct
from tests.ingest.repair.cable import Cable, cable
from tests.ingest.repair.truth import kept, true_trades

from perps_stats.app.collect import collect, open_streamed
from perps_stats.app.repair import keep_repaired
from perps_stats.core.spans import Span
from perps_stats.core.stored import Query
from perps_stats.core.types import Gap, GapCause, Market, Trade
from perps_stats.database.repository import PostgresRepository
from perps_stats.settings import DatabaseSettings, ExchangeSettings, Settings, StreamSettings
from perps_stats.sim import SimSettings, Simulator
from perps_stats.sim.server import Venue, wall_clock

VENUES = ("binance", "kucoin", "lighter", "paradex", "aster")
MILLISECOND = timedelta(milliseconds=1)
MISSED = 2
"""Trades of each exchange, at least. The last hundred of KuCoin and of Lighter, which are all that
can be had, reach back over 20 seconds in the liveliest minute of an hour, over 30 in others.
"""


class Lines(Struct):
    """Simulated exchanges, and the cables that their streams come by."""

    simulator: Simulator
    settings: Settings
    cables: list[Cable]


@asynccontextmanager
async def lines(directory: Path, *venues: str) -> AsyncGenerator[Lines]:
    async with AsyncExitStack() as stack:
        sim = SimSettings(exchanges=venues, symbols=("BTC",), rate=2.0)
        simulator = await stack.enter_async_context(Simulator(sim))
        laid = {
            name: await stack.enter_async_context(cable(venue.port))
            for name, venue in simulator.venues.items()
        }
        where = {
            name: ExchangeSettings(
                rest_url=venue.rest_url, ws_url=f"ws://127.0.0.1:{laid[name].port}"
            )
            for name, venue in simulator.venues.items()
        }
        stream = StreamSettings(exchanges=venues, symbols=("BTC",), data=("trades",))
        database = DatabaseSettings(dir=directory)
        settings = Settings(exchanges=where, stream=stream, database=database)
        yield Lines(simulator, settings, list(laid.values()))


async def trades_of_each(repository: PostgresRepository, count: int) -> None:
    """Until so many are stored of each exchange."""
    while True:
        found = [
            len(await repository.get_trades(Query(exchange=name, limit=count))) for name in VENUES
        ]
        if min(found) >= count:
            return
        await asyncio.sleep(0.1)


async def until_missed(venue: Venue, native: str, since: int) -> None:
    """Until enough has been traded that nobody heard."""
    while len({one.time for one in venue.source(native).trades(100) if one.time > since}) < MISSED:
        await asyncio.sleep(0.1)


async def mended_gaps(repository: PostgresRepository) -> list[Gap]:
    """Once each exchange has a gap that is repaired."""
    while True:
        gaps = await repository.get_gaps(Query(limit=100))
        if {gap.exchange for gap in gaps if gap.repaired_at is not None} == set(VENUES):
            return gaps
        await asyncio.sleep(0.1)


async def test_what_a_cut_stream_missed_is_the_truth(
    repository: PostgresRepository, tmp_path: Path
) -> None:
    """On each exchange: from the first trade to the last all are there, none twice; each gap says
    how many were recovered.
    """
    until = asyncio.Event()
    async with lines(tmp_path, *VENUES) as here, open_streamed(here.settings) as exchanges:
        asked = list(exchanges.values())
        collecting = collect(
            here.settings, asked, repository, until=until, report=lambda _counts: None
        )
        async with asyncio.timeout(90), asyncio.TaskGroup() as group:
            group.create_task(collecting)
            group.create_task(keep_repaired(asked, repository, until=until))
            await trades_of_each(repository, 2)
            markets = [await each.client.get_market("BTC") for each in asked]
            for line in here.cables:
                line.cut()
            since = wall_clock()
            for market in markets:
                await until_missed(here.simulator.venues[market.exchange], market.native, since)
            for line in here.cables:
                line.join()
            gaps = await mended_gaps(repository)
            until.set()
        for market in markets:
            own = [gap for gap in gaps if gap.exchange == market.exchange]
            await assert_whole(here, repository, market, own)
        assert sum(gap.rows_recovered or 0 for gap in gaps) > len(VENUES)


async def assert_whole(
    here: Lines, repository: PostgresRepository, market: Market, gaps: list[Gap]
) -> None:
    rows = await assert_true(here.simulator.venues[market.exchange], repository, market)
    assert {gap.cause for gap in gaps} == {GapCause.DISCONNECT}
    not_received = sum(row.recv_ts is None for row in rows)
    assert sum(gap.rows_recovered or 0 for gap in gaps) == not_received
    assert all(gap.repaired_at for gap in gaps)


async def assert_true(venue: Venue, repository: PostgresRepository, market: Market) -> list[Trade]:
    """From the first millisecond after the first trade to that of the last."""
    rows = await repository.get_trades(Query(exchange=market.exchange, limit=10_000))
    span = Span(rows[0].timestamp + MILLISECOND, rows[-1].timestamp)
    inside = [kept(row) for row in rows if span.start <= row.timestamp < span.end]
    assert sorted(inside) == sorted(true_trades(venue, market, span)), market.exchange
    return rows


async def streaming(venue: Venue, url: str, directory: Path) -> Process:
    given = {
        "PERPS_STATS__EXCHANGES__BINANCE__REST_URL": venue.rest_url,
        "PERPS_STATS__EXCHANGES__BINANCE__WS_URL": venue.ws_url,
        "PERPS_STATS__DATABASE__DIR": str(directory),
        "DATABASE_URL": url,
    }
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "perps_stats", "stream"),
        *("-e", "binance", "--symbols", "BTC", "--data", "trades"),
        env={**os.environ, **given},
        cwd=directory,
        stderr=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
    )


async def test_what_a_killed_collector_missed_is_the_truth(
    repository: PostgresRepository, url: str, tmp_path: Path
) -> None:
    """The next start finds the gap, closes it, and repairs it."""
    binance = Query(exchange="binance", limit=10_000)
    async with Simulator(SimSettings(exchanges=("binance",), symbols=("BTC",), rate=3.0)) as sim:
        venue = sim.venues["binance"]
        async with asyncio.timeout(90):
            first = await streaming(venue, url, tmp_path)
            while len(await repository.get_trades(binance)) < 5:
                await asyncio.sleep(0.1)
            first.kill()
            await first.wait()
            await until_missed(venue, "BTCUSDT", wall_clock())
            second = await streaming(venue, url, tmp_path)
            while not any(gap.repaired_at for gap in await repository.get_gaps(binance)):
                await asyncio.sleep(0.1)
            second.terminate()
            await second.wait()
        (market,) = await repository.get_markets("binance", "BTC")
        gaps = await repository.get_gaps(binance)
        assert [gap.cause for gap in gaps] == [GapCause.CRASH]
        await assert_true(venue, repository, market)
        assert (gaps[0].rows_recovered or 0) > 0
