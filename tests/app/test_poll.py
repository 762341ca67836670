"""Open interest of every exchange that tells its time: streamed where it is, else asked for."""

import asyncio
from decimal import Decimal
from pathlib import Path

from perps_stats.app.collect import collect, open_streamed
from perps_stats.core.stored import Query
from perps_stats.core.times import to_ms
from perps_stats.core.types import OpenInterest
from perps_stats.database.repository import PostgresRepository
from perps_stats.settings import DatabaseSettings, ExchangeSettings, Settings, StreamSettings
from perps_stats.sim import SimSettings, Simulator
from perps_stats.sim.model.source import ModelSource

VENUES = ("binance", "kucoin", "lighter", "paradex", "aster")
TIMED = {"binance", "lighter", "paradex", "aster"}
"""KuCoin's answers bear no time, and its stream does not tell open interest."""
IN_QUOTE = {"lighter"}
"""Whose stream tells the value alone."""
ENOUGH = 2
NEARLY = Decimal("0.01")
"""Mark prices of the past are those of the begin of their minute."""


def settings_for(simulator: Simulator, directory: Path) -> Settings:
    return Settings(
        exchanges={
            name: ExchangeSettings(rest_url=venue.rest_url, ws_url=venue.ws_url)
            for name, venue in simulator.venues.items()
        },
        database=DatabaseSettings(dir=directory),
        stream=StreamSettings(
            exchanges=VENUES, symbols=("BTC",), data=("open_interest",), poll_seconds=1.0
        ),
    )


async def rows_of_each(repository: PostgresRepository) -> list[OpenInterest]:
    """Once there are enough of each exchange that can have any."""
    while True:
        rows = await repository.get_open_interest(Query(limit=1000))
        names = [row.exchange for row in rows]
        if all(names.count(name) >= ENOUGH for name in TIMED):
            return rows
        await asyncio.sleep(0.1)


async def test_open_interest_is_the_exchange_s_at_its_time(
    repository: PostgresRepository, tmp_path: Path
) -> None:
    """Each row is what the exchange counted at that moment; no gap, and none of our own time."""
    until = asyncio.Event()
    async with Simulator(SimSettings(exchanges=VENUES, symbols=("BTC",))) as simulator:
        settings = settings_for(simulator, tmp_path)
        async with open_streamed(settings) as exchanges:
            async with asyncio.timeout(60), asyncio.TaskGroup() as group:
                collecting = collect(
                    settings,
                    exchanges.values(),
                    repository,
                    until=until,
                    report=lambda _counts: None,
                )
                group.create_task(collecting)
                rows = await rows_of_each(repository)
                until.set()
            markets = {
                name: await each.client.get_market("BTC") for name, each in exchanges.items()
            }
        assert {row.exchange for row in rows} == TIMED
        assert await repository.get_gaps(Query()) == []
        for row in rows:
            source = simulator.venues[row.exchange].source(markets[row.exchange].native)
            assert row.timestamp is not None
            truth = quantity_at(source, to_ms(row.timestamp))
            told = None if row.exchange in IN_QUOTE else truth
            assert row.open_interest == told
            assert row.recv_ts is not None
            fact = source.mark_at(to_ms(row.timestamp))
            if row.open_value is not None and fact is not None:
                assert abs(row.open_value / (truth * Decimal(fact.mark)) - 1) < NEARLY


def quantity_at(source: object, time: int) -> Decimal:
    """In base coin."""
    assert isinstance(source, ModelSource)
    market = source.market
    return Decimal(market.coin.lot.text(market.gauges.open_interest(time)))
