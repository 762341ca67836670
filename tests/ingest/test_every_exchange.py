"""All exchanges collected at once into one database, from simulated venues, within their limits."""

import asyncio
from datetime import UTC, datetime

from perps_stats.app.collect import collect
from perps_stats.core.traits import Query
from perps_stats.database.repository import PostgresRepository
from perps_stats.exchanges import EXCHANGES
from perps_stats.settings import ExchangeSettings, Settings, StreamSettings
from perps_stats.sim import SimSettings, Simulator

SECONDS = 7.0
ONCE_A_MINUTE = {"kucoin"}
"""Who tells the running rate so rarely that none is kept in a few seconds."""
ALL = Query(limit=100_000)


def settings_for(simulator: Simulator) -> Settings:
    return Settings(
        exchanges={
            name: ExchangeSettings(rest_url=venue.rest_url, ws_url=venue.ws_url)
            for name, venue in simulator.venues.items()
        },
        stream=StreamSettings(
            exchanges=tuple(simulator.venues),
            symbols=("BTC", "ETH"),
            ticker_seconds=1.0,
            funding_seconds=1.0,
            max_duration_seconds=SECONDS,
        ),
    )


async def test_every_exchange_is_kept(repository: PostgresRepository) -> None:
    """Books, trades, tickers and funding of each, no gap, no row but of the exchange's own time;
    what was asked stays within each venue's limits, as the venue counts it.
    """
    started, counts = datetime.now(UTC), dict[str, int]()
    async with Simulator(SimSettings(symbols=("BTC", "ETH"))) as simulator:
        await collect(
            settings_for(simulator), repository, until=asyncio.Event(), report=counts.update
        )
        spent = {name: venue.counters.weight_used for name, venue in simulator.venues.items()}
    assert set(simulator.venues) == set(EXCHANGES)
    assert counts["verified_books"] == 2 * len(EXCHANGES)
    assert counts.get("unreadable", 0) == 0
    assert await repository.get_gaps(ALL) == []
    for name, exchange in EXCHANGES.items():
        of = Query(exchange=name, limit=100_000)
        for rows in (
            await repository.get_liquidity_depth(of),
            await repository.get_trades(of),
            await repository.get_tickers(of),
        ):
            times = [row.timestamp for row in rows if row.timestamp]
            assert {row.symbol for row in rows} == {"BTC", "ETH"}, name
            assert all(abs((time - started).total_seconds()) < 180 for time in times)
        assert 0 < spent[name] <= exchange.rest.limits[""].weight
    rates = await repository.get_funding_rates(ALL)
    assert {rate.exchange for rate in rates} >= set(EXCHANGES) - ONCE_A_MINUTE
