"""All exchanges collected at once into one database, from simulated venues, within their limits."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from msgspec.structs import replace

from perps_stats.app.collect import Report, collect, open_streamed
from perps_stats.core.errors import UnknownMarket, Unreachable
from perps_stats.core.figures import LiquidityDepthStats
from perps_stats.core.stored import Query
from perps_stats.core.types import Market, Ticker, Trade
from perps_stats.database.failures import DatabaseAway
from perps_stats.database.repository import PostgresRepository
from perps_stats.exchanges import EXCHANGES
from perps_stats.settings import (
    DatabaseSettings,
    ExchangeSettings,
    NetworkSettings,
    Settings,
    StreamSettings,
)
from perps_stats.sim import SimSettings, Simulator

SECONDS = 90.0
"""At most: a trade may be long in coming."""
LEAST_SECONDS = 5.0
PARADEX = ("paradex", "BTC")
NOBODY = "http://127.0.0.1:9"
ONCE_A_MINUTE = {"kucoin"}
"""Who tells the running rate so rarely that none is kept in a few seconds."""
ALL = Query(limit=100_000)


def settings_for(
    simulator: Simulator,
    *,
    symbols: tuple[str, ...] = ("BTC", "ETH"),
    down: tuple[str, ...] = (),
) -> Settings:
    """``down`` names exchanges that nobody answers for."""
    return Settings(
        exchanges={
            name: ExchangeSettings(rest_url=venue.rest_url, ws_url=venue.ws_url)
            for name, venue in simulator.venues.items()
        }
        | {name: ExchangeSettings(rest_url=NOBODY) for name in down},
        network=NetworkSettings(attempts=1),
        stream=StreamSettings(
            exchanges=(*simulator.venues, *down),
            symbols=symbols,
            store_seconds=1.0,
            ticker_seconds=1.0,
            funding_seconds=1.0,
            max_duration_seconds=SECONDS,
        ),
    )


async def kept(
    repository: PostgresRepository, name: str
) -> list[Sequence[LiquidityDepthStats | Trade | Ticker]]:
    of = Query(exchange=name, limit=100_000)
    return [
        await repository.get_liquidity_depth(of),
        await repository.get_trades(of),
        await repository.get_tickers(of),
    ]


async def watch(repository: PostgresRepository, enough: asyncio.Event) -> None:
    """Until of each exchange everything is there of both symbols; at least some seconds."""
    await asyncio.sleep(LEAST_SECONDS)
    while not enough.is_set():
        parts = [rows for name in EXCHANGES for rows in await kept(repository, name)]
        funded = {rate.exchange for rate in await repository.get_funding_rates(ALL)}
        whole = all({row.symbol for row in rows} == {"BTC", "ETH"} for rows in parts)
        if whole and funded >= set(EXCHANGES) - ONCE_A_MINUTE:
            enough.set()
        await asyncio.sleep(0.5)


async def run(
    settings: Settings, repository: PostgresRepository, until: asyncio.Event, report: Report
) -> None:
    with TemporaryDirectory() as directory:
        settings = replace(settings, database=DatabaseSettings(dir=Path(directory)))
        async with open_streamed(settings) as exchanges:
            await collect(settings, exchanges.values(), repository, until=until, report=report)


async def test_every_exchange_is_kept(repository: PostgresRepository) -> None:
    """Books, trades, tickers and funding of each, no gap, no row but of the exchange's own time;
    what was asked stays within each venue's limits, as the venue counts it.
    """
    started, counts, enough = datetime.now(UTC), dict[str, int](), asyncio.Event()
    async with Simulator(SimSettings(symbols=("BTC", "ETH"))) as simulator:
        watching = asyncio.create_task(watch(repository, enough))
        await run(settings_for(simulator), repository, enough, counts.update)
        watching.cancel()
        spent = {name: venue.counters.weight_used for name, venue in simulator.venues.items()}
    assert set(simulator.venues) == set(EXCHANGES)
    assert counts["verified_books"] == 2 * len(EXCHANGES)
    assert counts.get("unreadable", 0) == 0
    assert await repository.get_gaps(ALL) == []
    for name, exchange in EXCHANGES.items():
        for rows in await kept(repository, name):
            times = [row.timestamp for row in rows if row.timestamp]
            assert {row.symbol for row in rows} == {"BTC", "ETH"}, name
            assert all(abs((time - started).total_seconds()) < 180 for time in times)
        assert 0 < spent[name] <= exchange.rest.limits[""].weight
    rates = await repository.get_funding_rates(ALL)
    assert {rate.exchange for rate in rates} >= set(EXCHANGES) - ONCE_A_MINUTE


async def collected(
    repository: PostgresRepository, settings: Settings, *wanted: tuple[str, str]
) -> set[tuple[str, str]]:
    """Exchange and symbol of the liquidity that is kept, once all that is wanted is."""
    enough = asyncio.Event()

    async def find() -> None:
        while not await liquid(repository) >= set(wanted):
            await asyncio.sleep(0.1)
        enough.set()

    finding = asyncio.create_task(find())
    try:
        await run(settings, repository, enough, lambda _counts: None)
    finally:
        finding.cancel()
    return await liquid(repository)


async def liquid(repository: PostgresRepository) -> set[tuple[str, str]]:
    rows = await repository.get_liquidity_depth(ALL)
    return {(row.exchange, row.symbol) for row in rows}


async def test_one_that_cannot_begin_does_not_hold_up_the_others(
    repository: PostgresRepository,
) -> None:
    """It is tried again while they are collected."""
    async with Simulator(SimSettings(exchanges=("paradex",), symbols=("BTC",))) as simulator:
        settings = settings_for(simulator, symbols=("BTC",), down=("binance", "kucoin"))
        assert await collected(repository, settings, PARADEX) == {PARADEX}


class AwayAtFirst(PostgresRepository):
    """Markets cannot be stored the first time."""

    asked = 0

    async def store_markets(self, markets: Sequence[Market], *, simulated: bool) -> dict[str, int]:
        self.asked += 1
        if self.asked == 1:
            raise DatabaseAway("it is restarting")
        return await super().store_markets(markets, simulated=simulated)


async def test_a_database_that_is_away_when_an_exchange_begins_is_waited_for(
    repository: PostgresRepository,
) -> None:
    """It is tried again, and nobody else is held up."""
    async with Simulator(SimSettings(exchanges=("paradex",), symbols=("BTC",))) as simulator:
        settings = settings_for(simulator, symbols=("BTC",))
        away = AwayAtFirst(repository.link)
        assert await collected(away, settings, PARADEX) == {PARADEX}
    assert away.asked == 2


async def test_where_none_can_begin_the_first_reason_is_told(
    repository: PostgresRepository,
) -> None:
    """Collecting ends at once."""
    async with Simulator(SimSettings(exchanges=("aster",), symbols=("BTC",))) as simulator:
        settings = settings_for(simulator, down=("binance", "kucoin"))
        settings = replace(
            settings, stream=replace(settings.stream, exchanges=("binance", "kucoin"))
        )
        with pytest.raises(ExceptionGroup) as raised:
            await collected(repository, settings, PARADEX)
    assert raised.group_contains(Unreachable, match=NOBODY)


async def test_a_symbol_is_collected_where_it_is_listed(repository: PostgresRepository) -> None:
    """Of the others it is only told; one that nobody lists is an error."""
    settings = SimSettings(exchanges=("binance", "aster"), symbols=("BTC",))
    async with Simulator(settings) as simulator:
        listed = {("binance", "BTC"), ("aster", "BTC")}
        wanted = settings_for(simulator, symbols=("BTC", "PEPE"))
        assert await collected(repository, wanted, *listed) >= listed
        nowhere = settings_for(simulator, symbols=("BTC", "BTX"))
        with pytest.raises(ExceptionGroup) as raised:
            await collected(repository, nowhere, ("binance", "BTX"))
    assert raised.group_contains(UnknownMarket, match="'BTX'")
