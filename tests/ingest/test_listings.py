"""Markets that come and go while others are collected, against the simulator's lists."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec import structs

from perps_stats.app.clients import Asked
from perps_stats.app.collect import collect
from perps_stats.core.errors import UnknownMarket
from perps_stats.core.stored import GapFilter, Query
from perps_stats.core.times import EPOCH
from perps_stats.core.types import Gap, GapCause, Market, MarketStatus
from perps_stats.database.repository import PostgresRepository
from perps_stats.exchanges import EXCHANGES
from perps_stats.exchanges.contract import Exchange, Flow
from perps_stats.ingest.listings import Listings
from perps_stats.ingest.observer import Observer
from perps_stats.settings import DatabaseSettings, ExchangeSettings, Settings, StreamSettings
from perps_stats.sim import SimSettings, Simulator

from .collecting import PATIENCE_SECONDS, client_of, sender_to, until

ALL = Query(limit=100_000)
LISTINGS_SECONDS = 1.0
SIM = SimSettings(exchanges=("binance",), symbols=("BTC", "ETH", "SOL"))


class Lists:
    """What the exchange lists, but for the coins that are hidden or halted."""

    def __init__(self) -> None:
        self.hidden: set[str] = set()
        self.halted: set[str] = set()

    @property
    def exchange(self) -> Exchange:
        return replace(EXCHANGES["binance"], markets=self._markets)

    def _markets(self) -> Flow[list[Market]]:
        listed = yield from EXCHANGES["binance"].markets()
        return [self._shown(market) for market in listed if market.base not in self.hidden]

    def _shown(self, market: Market) -> Market:
        halted = market.base in self.halted
        return structs.replace(market, status=MarketStatus.HALTED) if halted else market


@asynccontextmanager
async def listings_of(lists: Lists, *symbols: str) -> AsyncGenerator[Listings]:
    async with Simulator(SIM) as simulator, sender_to(simulator, "binance") as sender:
        yield Listings(client_of(lists.exchange, sender), symbols)


async def test_all_that_trade_are_wanted_and_new_ones_are_news() -> None:
    """A halted market is neither wanted nor new; once it trades it is."""
    lists = Lists()
    lists.hidden, lists.halted = {"ETH"}, {"SOL"}
    async with listings_of(lists) as listings:
        wanted = [market.native for market in await listings.wanted()]
        assert "BTCUSDT" in wanted
        lists.hidden, lists.halted = set(), set()
        news = await listings.news(wanted)
        assert ([market.native for market in news.new], news.ended) == (["ETHUSDT", "SOLUSDT"], [])


async def test_of_named_ones_those_that_were_unknown_are_news() -> None:
    """Nobody else is; that none is listed is an error at first, and no news later."""
    lists = Lists()
    lists.hidden = {"ETH", "BTC"}
    async with listings_of(lists, "ETH") as listings:
        with pytest.raises(UnknownMarket, match="'ETH'"):
            await listings.wanted()
        assert await listings.news([]) == ([], [])
        lists.hidden = set()
        assert [market.native for market in (await listings.news([])).new] == ["ETHUSDT"]


async def test_what_is_halted_has_ended_and_what_is_missing_if_it_is_missing_twice() -> None:
    """A list with a hole ends nothing."""
    lists = Lists()
    async with listings_of(lists) as listings:
        collected = [market.native for market in await listings.wanted()]
        lists.hidden, lists.halted = {"ETH"}, {"SOL"}
        assert (await listings.news(collected)).ended == ["SOLUSDT"]
        assert (await listings.news(["BTCUSDT", "ETHUSDT"])).ended == ["ETHUSDT"]
        lists.hidden = set()
        await listings.news(["BTCUSDT", "ETHUSDT"])
        lists.hidden = {"ETH"}
        assert (await listings.news(["BTCUSDT", "ETHUSDT"])).ended == []


async def test_markets_come_and_go_while_others_are_collected(
    repository: PostgresRepository, tmp_path: Path
) -> None:
    """A new one is collected without a gap of the others; one that ends leaves no gap open, nor
    does one that an earlier run had left.
    """
    lists, stop = Lists(), asyncio.Event()
    lists.hidden, lists.halted = {"ETH"}, {"SOL"}
    async with Simulator(SIM) as simulator, sender_to(simulator, "binance") as sender:
        exchange = lists.exchange
        asked = Asked(exchange, client_of(exchange, sender), sender)
        await repository.store_markets(await left_by(asked), simulated=True)
        await repository.store_gap(crash_of("SOL"))
        settings = settings_for(simulator, tmp_path)
        observers: list[Observer] = []
        collecting = collect(
            settings,
            [asked],
            repository,
            until=stop,
            report=lambda _counts: None,
            observe=observers.append,
        )
        task = asyncio.create_task(collecting)
        await until_kept(repository, "BTC", EPOCH)
        lists.hidden = set()
        await until_kept(repository, "ETH", EPOCH)
        lists.halted = {"ETH", "SOL"}
        (collector,) = observers[0].collecting.collectors
        await until(lambda: "ETHUSDT" not in collector.feeds)
        ended = datetime.now(UTC)
        await until_kept(repository, "BTC", ended + timedelta(seconds=3))
        stop.set()
        await task
    assert await newest(repository, "ETH") < ended
    assert [gap.symbol for gap in await repository.get_gaps(ALL)] == ["SOL"]
    assert await repository.get_gaps(ALL, GapFilter(still_open=True)) == []


async def left_by(asked: Asked) -> list[Market]:
    return [market for market in await asked.client.get_markets() if market.symbol == "SOL"]


def crash_of(symbol: str) -> Gap:
    now = datetime.now(UTC)
    return Gap(
        exchange="binance",
        symbol=symbol,
        stream="trades",
        start_time=now,
        cause=GapCause.CRASH,
        detected_at=now,
    )


def settings_for(simulator: Simulator, directory: Path) -> Settings:
    venue = simulator.venues["binance"]
    return Settings(
        exchanges={"binance": ExchangeSettings(rest_url=venue.rest_url, ws_url=venue.ws_url)},
        database=DatabaseSettings(dir=directory),
        stream=StreamSettings(
            exchanges=("binance",),
            symbols=("all",),
            data=("orderbook",),
            store_seconds=1.0,
            listings_minutes=LISTINGS_SECONDS / 60,
        ),
    )


async def newest(repository: PostgresRepository, symbol: str) -> datetime:
    """The time of its last liquidity; long ago where there is none."""
    rows = await repository.get_liquidity_depth(Query(symbol=symbol, limit=100_000))
    return max((row.timestamp for row in rows if row.timestamp), default=EPOCH)


async def until_kept(repository: PostgresRepository, symbol: str, after: datetime) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await newest(repository, symbol) <= after:
            await asyncio.sleep(0.2)
