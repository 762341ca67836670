"""A simulated past, a database, and what both say of a span: by checksum."""

from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from msgspec import Struct, structs

from perps_stats.app.backfill import backfill_of
from perps_stats.app.clients import open_exchanges
from perps_stats.core.spans import Span
from perps_stats.core.times import to_ms
from perps_stats.core.types import Market
from perps_stats.database.repository import PostgresRepository
from perps_stats.ingest.backfill.backfill import Backfill, Wish
from perps_stats.ingest.backfill.filling import Watch
from perps_stats.ingest.backfill.patience import Patience
from perps_stats.settings import ExchangeSettings, NetworkSettings, Settings
from perps_stats.sim import SimSettings, Simulator, truths
from perps_stats.sim.truths import CARRIED

NOW = datetime(2026, 11, 20, 12, 0, 30, tzinfo=UTC)
GENEROSITY = 1000
HASTY = Patience(unreachable=(0.01,) * 6, unreadable=(0.01,) * 6)
ROW_MS = 5000
KEPT = {**CARRIED, "paradex": structs.replace(CARRIED["paradex"], volume=False)}
"""What we keep of the truth: the unit of Paradex' candle volume is not known."""
CANDLES = """
    select (extract(epoch from ts) * 1000)::bigint, open, high, low, close, volume, turnover, trades
    from klines where market_id = $1 and "interval" = $2 and ts >= $3 and ts < $4 order by ts
"""
SETTLED = """
    select (extract(epoch from ts) * 1000)::bigint, funding_rate
    from funding_rates
    where market_id = $1 and kind = 'settled' and ts >= $2 and ts < $3 order by ts
"""


class Past(Struct):
    """A simulated past, and the database that is held against it."""

    simulator: Simulator
    repository: PostgresRepository


class Filling(Past):
    """With the means to fill the one from the other."""

    backfill: Backfill

    def requests(self) -> dict[str, int]:
        """Of history, by exchange: all that is not asked about the present."""
        return {
            name: sum(
                count
                for path, count in venue.counters.requests.items()
                if (
                    any(part in path for part in ("kline", "candles", "funding", "aggTrades"))
                    and not path.endswith(("fundingInfo", "funding-rates"))
                )
                or path.endswith("contract/funding-rates")
            )
            for name, venue in self.simulator.venues.items()
        }


@asynccontextmanager
async def past(
    repository: PostgresRepository,
    exchanges: Sequence[str],
    *faults: str,
    symbols: Sequence[str] = ("BTC", "ETH"),
    watch: Watch | None = None,
    now: datetime = NOW,
) -> AsyncGenerator[Filling]:
    """Clocks stand still, so that the past of today is that of tomorrow; who is patient is the
    backfill alone.
    """
    settings = SimSettings(
        exchanges=tuple(exchanges), symbols=tuple(symbols), faults=faults, generosity=GENEROSITY
    )
    async with Simulator(settings, clock=lambda: to_ms(now)) as simulator:
        where = {
            name: ExchangeSettings(
                rest_url=venue.rest_url, ws_url=venue.ws_url, limit_factor=GENEROSITY
            )
            for name, venue in simulator.venues.items()
        }
        given = Settings(exchanges=where, network=NetworkSettings(attempts=1))
        async with open_exchanges(given, list(where)) as asked:
            backfill = backfill_of(asked.values(), repository, watch)
            backfill._now = lambda: now
            backfill._patience = HASTY
            yield Filling(simulator, repository, backfill)


def wish(days: float, *data: str, symbols: Sequence[str] = ("BTC", "ETH"), **more: object) -> Wish:
    end = NOW.replace(hour=10, second=0)
    span = Span(end - timedelta(days=days), end)
    return structs.replace(
        Wish(
            symbols=symbols,
            data=data or ("klines", "funding_rates"),
            intervals=("1m",),
            span=span,
        ),
        **more,
    )


def true_candles(past: Past, market: Market, interval: str, span: Span) -> Iterator[truths.Row]:
    source = past.simulator.venues[market.exchange].source(market.native)
    bounds = (to_ms(span.start), to_ms(span.end))
    return truths.candles(source, interval, *bounds, KEPT[market.exchange])


async def stored_candles(past: Past, market: Market, interval: str, span: Span) -> list[truths.Row]:
    return await _rows(past, CANDLES, market, interval, *span)


async def _rows(past: Past, sql: str, market: Market, *values: object) -> list[truths.Row]:
    ids = await past.repository.store_markets([market], simulated=True)
    rows = await past.repository.link.fetch(sql, ids[market.native], *values)
    return [tuple(row) for row in rows]


async def stored_settlements(past: Past, market: Market, span: Span) -> list[tuple[int, Decimal]]:
    rows = await _rows(past, SETTLED, market, *span)
    return [(int(str(time)), Decimal(str(rate))) for time, rate in rows]


def true_settlements(past: Past, market: Market, span: Span) -> list[tuple[int, Decimal]]:
    """As the venue's wire tells them. Paradex settles all the time: the last of its rows of each
    period, one every five seconds, is what we keep.
    """
    source = past.simulator.venues[market.exchange].source(market.native)
    start, end = to_ms(span.start), to_ms(span.end)
    if market.exchange != "paradex":
        told = list(truths.settlements(source, start, end, KEPT[market.exchange]))
    else:
        period = int((market.funding_interval or 8) * 3_600_000)
        ends = range((start // period + 1) * period, end + ROW_MS, period)
        told = [row for at in ends for row in truths.rates(source, at - ROW_MS, at, ROW_MS)]
    return [(int(str(time)), Decimal(str(rate))) for time, rate, _ in told]
