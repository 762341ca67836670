"""A database with a little of everything that the dashboards show."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

import asyncpg
import pytest
from msgspec import Struct
from msgspec.structs import replace
from tests.engines import TEMPLATE, Server

from perps_stats.core import catalogue
from perps_stats.core.catalogue import DataSet
from perps_stats.core.figures import LiquidityAverages, LiquidityDepthStats, Slippage
from perps_stats.core.types import (
    FundingKind,
    FundingRate,
    Gap,
    GapCause,
    Market,
    OpenInterest,
    Side,
    Ticker,
)
from perps_stats.database.repository import PostgresRepository, open_repository

from .macros import Asked, expanded

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CHOSEN = {
    "exchange": ("binance", "kucoin"),
    "symbol": ("BTC",),
    "stream": ("trades", "orderbook"),
    "band": ("10",),
    "side": ("bid", "ask"),
    "taker": ("buy", "sell"),
    "amount": ("10000", "100000"),
    "kind": ("settled",),
}
Rows: TypeAlias = list[tuple[object, ...]]
Ask: TypeAlias = Callable[..., Awaitable[Rows]]
"""``await ask(query, interval="1m", kind=("predicted",))``: the rows, as Grafana would get them."""


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def market(exchange: str, base: str = "BTC") -> Market:
    return Market(
        exchange=exchange,
        symbol=base,
        native=f"{base}USDT",
        contract=f"{base}-USDT-PERP",
        base=base,
        quote="USDT",
        settle="USDT",
    )


def ticker(exchange: str, second: float, **said: str) -> Ticker:
    known = Ticker(exchange=exchange, symbol="BTC", timestamp=at(second))
    return replace(known, **{name: Decimal(value) for name, value in said.items()})


def depth(second: float, bid: str, reach_ask: str) -> LiquidityDepthStats:
    return LiquidityDepthStats(
        exchange="binance",
        symbol="BTC",
        timestamp=at(second),
        mid_price=Decimal(100),
        bid_10bps=Decimal(bid),
        ask_10bps=Decimal(900),
        reach_bid_bps=Decimal(20),
        reach_ask_bps=Decimal(reach_ask),
    )


def mean(second: float, bid: str, reach: str, seconds: tuple[int, int, int]) -> LiquidityAverages:
    exact, floor, suspect = map(Decimal, seconds)
    return LiquidityAverages(
        exchange="binance",
        symbol="BTC",
        timestamp=at(second),
        bid_10bps=Decimal(bid),
        reach_bid_bps=Decimal(reach),
        exact_seconds=exact,
        floor_seconds=floor,
        suspect_seconds=suspect,
    )


def cost(second: float, amount: int, bps: str | None, most: str | None = None) -> Slippage:
    return Slippage(
        exchange="binance",
        symbol="BTC",
        side=Side.BUY,
        trade_amount=Decimal(amount),
        reference="mid",
        slippage_bps=None if bps is None else Decimal(bps),
        fillable=bps is not None,
        max_amount=None if most is None else Decimal(most),
        timestamp=at(second),
    )


def rate(
    exchange: str,
    kind: FundingKind,
    second: float,
    value: str,
    *,
    hours: int | None = 8,
    settles: datetime | None = NOON,
) -> FundingRate:
    return FundingRate(
        exchange=exchange,
        symbol="BTC",
        kind=kind,
        funding_rate=Decimal(value),
        funding_interval=None if hours is None else Decimal(hours),
        funding_time=settles,
        timestamp=at(second),
    )


def gap(stream: str, first: float, after: float | None, cause: GapCause) -> Gap:
    return Gap(
        exchange="binance",
        symbol="BTC",
        stream=stream,
        start_time=at(first),
        end_time=None if after is None else at(after),
        cause=cause,
        detected_at=at(first),
        missed=None,
    )


def interest(second: float, contracts: str | None, value: str | None) -> OpenInterest:
    return OpenInterest(
        exchange="binance",
        symbol="BTC",
        open_interest=None if contracts is None else Decimal(contracts),
        open_value=None if value is None else Decimal(value),
        timestamp=at(second),
    )


ROWS: Sequence[tuple[DataSet, Sequence[Struct]]] = (
    (
        catalogue.TICKERS,
        [
            ticker("binance", 0, last_price="100", best_bid_price="99", best_ask_price="101"),
            ticker("binance", 30, last_price="103", turnover_24h="7000"),
            ticker("binance", 180, turnover_24h="9000"),
            ticker("kucoin", 0, last_price="101", open_interest_notional="700"),
        ],
    ),
    (
        catalogue.OPEN_INTEREST,
        [interest(-60, "2", None), interest(40, "2", None), interest(65, None, "500")],
    ),
    (catalogue.LIQUIDITY, [depth(0, "1000", "5"), depth(20, "3000", "12")]),
    (
        catalogue.LIQUIDITY_AVERAGES,
        [mean(0, "1000", "8", (4, 6, 0)), mean(10, "2000", "12", (2, 0, 8))],
    ),
    (
        catalogue.SLIPPAGE,
        [cost(0, 10_000, "2.5"), cost(0, 100_000, None, "50000"), cost(30, 10_000, "9")],
    ),
    (
        catalogue.FUNDING_RATES,
        [
            rate("binance", FundingKind.PREDICTED, -600, "0.0001"),
            rate("binance", FundingKind.PREDICTED, -60, "0.0002", settles=None),
            rate("binance", FundingKind.PREDICTED, -30, "0.0003", settles=at(8 * 3600)),
            rate("binance", FundingKind.SETTLED, 0, "0.0004"),
            rate("kucoin", FundingKind.SETTLED, 0, "0.0004", hours=4),
            rate("kucoin", FundingKind.PREDICTED, 60, "0.0004", hours=None),
        ],
    ),
    (
        catalogue.GAPS,
        [
            gap("trades", 10, 40, GapCause.SILENCE),
            gap("orderbook", 50, None, GapCause.CRASH),
            gap("trades", -90_000, -89_000, GapCause.DISCONNECT),
        ],
    ),
)
HEARD = """
with s as (insert into sessions (ended_at) values (now()) returning session_id)
insert into coverage select session_id, market_id, $1, $2, $3 from s, markets
where exchange = 'binance' and symbol = 'BTC'
"""


async def fill(url: str, directory: Path) -> None:
    async with open_repository(url, directory) as repository:
        markets = [market("binance"), market("binance", "ETH")]
        await repository.store_markets(markets, simulated=True)
        await repository.store_markets([market("kucoin")], simulated=False)
        for data_set, rows in ROWS:
            await repository.store(data_set, list(rows))
        for stream in ("trades", "orderbook"):
            await repository.link.fetch(HEARD, stream, at(0), at(50))


@pytest.fixture(scope="session")
def filled_url(server: Server, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Of one database for all tests here: they only read."""
    asyncio.run(server.run(f"create database dashboards template {TEMPLATE}"))
    url = server.url_of("dashboards")
    asyncio.run(fill(url, tmp_path_factory.mktemp("dashboards")))
    return url


@pytest.fixture
async def filled(filled_url: str, tmp_path: Path) -> AsyncGenerator[PostgresRepository]:
    """Of ``binance``, which is simulated, and ``kucoin``; each row is told of above."""
    async with open_repository(filled_url, tmp_path) as repository:
        yield repository


@pytest.fixture
def ask(filled: PostgresRepository) -> Ask:
    async def answer(text: str, interval: str = "1m", **chosen: Sequence[str]) -> Rows:
        asked = Asked(start=at(-3600), end=at(3600), interval=interval, chosen={**CHOSEN, **chosen})
        rows: list[asyncpg.Record] = await filled.link.fetch(expanded(text, asked))
        return [tuple(row.values()) for row in rows]

    return answer
