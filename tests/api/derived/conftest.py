"""Five simulated exchanges whose clocks stand still, and what was asked of them, stored."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

import pytest
from msgspec import Struct
from msgspec.structs import replace
from tests.api.conftest import Ask, Said, asking

from perps_stats.aggregator import calculate_liquidity_depth, calculate_slippages
from perps_stats.api import create_app
from perps_stats.app.clients import Asked, open_exchanges
from perps_stats.core.times import to_ms
from perps_stats.core.types import Market
from perps_stats.database.repository import PostgresRepository
from perps_stats.exchanges import EXCHANGES
from perps_stats.settings import ExchangeSettings, NetworkSettings, Settings
from perps_stats.sim import SimSettings, Simulator, Truth
from perps_stats.sim.facts import Source

NOW = datetime(2026, 11, 23, 12, 34, 56, 789_000, tzinfo=UTC)
SECOND = timedelta(seconds=1)
VENUES = ("aster", "binance", "kucoin", "lighter", "paradex")
SYMBOLS = ("BTC", "PEPE")
PATIENT = NetworkSettings(connect_seconds=60.0, read_seconds=60.0, patience_seconds=60.0)
RowT = TypeVar("RowT", bound=Struct)
FEES = {name: Decimal(f"0.000{number}") for number, name in enumerate(VENUES, 2)}


class World(Struct, frozen=True):
    """The truth of each market that is stored, by exchange and symbol, and who answers about it.

    ``told_by_all`` are measures that every exchange tells; ``short_books`` the exchanges of whose
    books only so little is known that they may not fill an amount.
    """

    simulator: Simulator
    markets: Mapping[tuple[str, str], Market]
    ask: Ask
    symbols: tuple[str, ...] = SYMBOLS
    told_by_all: frozenset[str] = frozenset({"turnover_24h", "open_interest"})
    short_books: frozenset[str] = frozenset()

    def source(self, exchange: str, symbol: str) -> Source:
        return self.simulator.venues[exchange].source(self.markets[exchange, symbol].native)

    def truth(self, exchange: str, symbol: str, time: object = None) -> Truth:  # noqa: ARG002  # its clock stands still
        return self.simulator.venues[exchange].truth(self.markets[exchange, symbol].native)

    async def rows(self, path: str) -> list[dict[str, object]]:
        reply = await self.ask(f"/api/v1/{path}")
        assert reply.status == 200, reply.text
        return reply.data


def dated(row: RowT) -> RowT:
    """Some answers bear no time: here the clock stands still, so that it is known."""
    return replace(row, timestamp=getattr(row, "timestamp", None) or NOW)


async def kept_of(asked: Asked, repository: PostgresRepository) -> list[Market]:
    """Ask one exchange for all that a collector would store, and store it."""
    client = asked.client
    listed = [each for each in await client.get_markets() if each.symbol in SYMBOLS]
    await repository.store_markets(listed, simulated=True)
    for market in listed:
        symbol = market.symbol
        book = dated(await client.get_orderbook(symbol, client.exchange.max_depth))
        await repository.store_tickers([dated(await client.get_ticker(symbol))])
        await repository.store_orderbooks([book])
        await repository.store_liquidity_depth([calculate_liquidity_depth(book)])
        await repository.store_slippage(calculate_slippages(book))
        await repository.store_funding_rates([dated(await client.get_funding_rate(symbol))])
        await repository.store_open_interest([dated(await client.get_open_interest(symbol))])
    return listed


@pytest.fixture
async def world(repository: PostgresRepository) -> AsyncGenerator[World]:
    """Everything is as of one moment, a second ago."""
    wanted = SimSettings(exchanges=VENUES, symbols=SYMBOLS)
    async with Simulator(wanted, clock=lambda: to_ms(NOW)) as simulator:
        exchanges = {
            name: ExchangeSettings(rest_url=venue.rest_url, ws_url=venue.ws_url)
            for name, venue in simulator.venues.items()
        }
        settings = Settings(exchanges=exchanges, network=PATIENT)
        async with open_exchanges(settings, VENUES) as asked:
            listed = await asyncio.gather(*(kept_of(each, repository) for each in asked.values()))
        markets = {(each.exchange, each.symbol): each for some in listed for each in some}
        app = create_app(
            repository,
            exchanges=EXCHANGES,
            now=lambda: NOW + SECOND,
            process=Said(),
            taker_fees=FEES,
        )
        async with asking(app) as ask:
            yield World(simulator, markets, ask)
