"""A database with a gap in it: what a stream would have stored around it, and the gap's row."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from msgspec.structs import replace
from tests.ingest.backfill.harness import Past

from perps_stats.app.clients import open_exchanges
from perps_stats.app.repair import repair_of
from perps_stats.core.spans import Span
from perps_stats.core.stored import Query
from perps_stats.core.times import to_ms
from perps_stats.core.types import Gap, GapCause, Market
from perps_stats.database.repository import PostgresRepository
from perps_stats.feed.client import ExchangeClient
from perps_stats.ingest.outside import Outside
from perps_stats.ingest.repair.repair import Repair
from perps_stats.settings import ExchangeSettings, NetworkSettings, Settings
from perps_stats.sim import SimSettings, Simulator
from perps_stats.sim.server import Venue

NOW = datetime.fromisoformat("2026-11-20T12:02:30+00:00")
SECOND = timedelta(seconds=1)
GENEROSITY = 1000


class Wounded(Past):
    """One simulated exchange whose clock stands still, and the repair of what was missed there."""

    venue: Venue
    market: Market
    market_id: int
    client: ExchangeClient
    repair: Repair

    def gap(self, stream: str, span: Span, **more: object) -> Gap:
        gap = Gap(
            exchange=self.market.exchange,
            symbol=self.market.symbol,
            stream=stream,
            start_time=span.start,
            end_time=span.end,
            cause=GapCause.DISCONNECT,
            detail="closed by peer",
            detected_at=span.start,
        )
        return replace(gap, **more)

    async def mended(self, gap: Gap) -> Gap:
        """The gap's row after one try to repair it."""
        await self.repository.store_gap(gap)
        (closed,) = await self.repair.listed()
        await self.repair.conclude(closed, await self.repair.repair(closed))
        (row,) = await self.repository.get_gaps(Query(limit=10))
        return row

    def requests(self) -> int:
        return sum(self.venue.counters.requests.values())


@asynccontextmanager
async def wounded(
    repository: PostgresRepository,
    exchange: str,
    *faults: str,
    symbol: str = "BTC",
    now: datetime = NOW,
) -> AsyncGenerator[Wounded]:
    sim = SimSettings(
        exchanges=(exchange,), symbols=(symbol,), faults=faults, generosity=GENEROSITY
    )
    async with Simulator(sim, clock=lambda: to_ms(now)) as simulator:
        venue = simulator.venues[exchange]
        where = ExchangeSettings(
            rest_url=venue.rest_url, ws_url=venue.ws_url, limit_factor=GENEROSITY
        )
        settings = Settings(exchanges={exchange: where}, network=NetworkSettings(attempts=1))
        async with open_exchanges(settings, [exchange]) as asked:
            client = asked[exchange].client
            market = await client.get_market(symbol)
            ids = await repository.store_markets([market], simulated=True)
            outside = Outside(now_us=lambda: to_ms(now) * 1000)
            repair = repair_of(asked[exchange], repository, outside)
            yield Wounded(simulator, repository, venue, market, ids[market.native], client, repair)


def span_before_now(seconds: Sequence[float], now: datetime = NOW) -> Span:
    """From so many seconds before now to so many."""
    start, end = seconds
    return Span(now - start * SECOND, now - end * SECOND)
