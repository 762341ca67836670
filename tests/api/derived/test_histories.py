"""What is derived of a span: row by row of its source, paged, each once while rows arrive."""

from collections.abc import AsyncGenerator, Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from msgspec import Struct
from msgspec.structs import replace
from tests.api.conftest import Ask, Said, asking

from perps_stats.api import create_app
from perps_stats.api.derived.resources import HISTORIES
from perps_stats.api.kinds import History
from perps_stats.core.catalogue import LIQUIDITY_AVERAGES
from perps_stats.core.figures import LiquidityAverages
from perps_stats.core.types import FundingKind
from perps_stats.database.repository import PostgresRepository

from .rows import NOW, ago, market, rate, ticker

Make = Callable[[int], Struct]


def window(number: int) -> LiquidityAverages:
    return LiquidityAverages(
        timestamp=ago(number),
        exchange="kucoin",
        symbol="BTC",
        mid_price=Decimal(100),
        spread_bps=Decimal(number),
        exact_seconds=Decimal(6),
        floor_seconds=Decimal(1),
        suspect_seconds=Decimal(3),
    )


MAKE: dict[str, Make] = {
    "basis/history": lambda number: ticker("kucoin", number, mark=f"100.{number:02}"),
    "funding/history": lambda number: rate("kucoin", list(FundingKind)[number % 2], number // 2),
    "spread/history": window,
}
"""Of different numbers different keys; two rates of a time are told apart by their kind."""


@pytest.fixture
async def kept(repository: PostgresRepository) -> PostgresRepository:
    await repository.store_markets([market("kucoin")], simulated=True)
    return repository


@pytest.fixture(name="ask")
async def question(kept: PostgresRepository) -> AsyncGenerator[Ask]:
    app = create_app(kept, exchanges={}, now=lambda: NOW, process=Said())
    async with asking(app) as ask:
        yield ask


@pytest.mark.parametrize(
    "resource", [each for each in HISTORIES if each.path in MAKE], ids=lambda each: each.path
)
@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_every_row_once_while_rows_arrive(
    ask: Ask, kept: PostgresRepository, resource: History, order: str
) -> None:
    """No row that was there at the start is missed, none comes twice, the order holds."""
    make = MAKE[resource.path]
    await kept.store(resource.source, [make(number) for number in range(2, 40, 2)])
    path = f"/api/v1/{resource.path}?order={order}&limit="
    before = (await ask(f"{path}100")).data
    found: list[dict[str, object]] = []
    cursor, number = "", 1
    while True:
        reply = await ask(f"{path}4{cursor}")
        found += reply.data
        if reply.meta["next"] is None:
            break
        cursor = f"&cursor={reply.meta['next']}"
        await kept.store(resource.source, [make(number), make(40 - number)])
        number += 2
    keys = [tuple(row[name] for name in resource.source.key) for row in found]
    times = [str(row[resource.time]) for row in found]
    assert len(before) == 19
    assert len(set(keys)) == len(keys)
    assert {tuple(row[name] for name in resource.source.key) for row in before} <= set(keys)
    assert times == sorted(times, reverse=order == "desc")


async def test_basis_of_each_ticker(ask: Ask, kept: PostgresRepository) -> None:
    """By the formula; of a ticker without an index nothing."""
    await kept.store_tickers([ticker("kucoin", 1), replace(ticker("kucoin", 2), index_price=None)])
    first, second = (await ask("/api/v1/basis/history")).data
    assert (first["mark_basis_bps"], first["mid_price"], first["mid_basis_bps"]) == (
        "50.00000000",
        "100",
        "0.00000000",
    )
    assert (second["mark_price"], second["mark_basis_bps"]) == ("100.5", None)
    assert first["simulated"] is True


async def test_funding_of_each_rate(ask: Ask, kept: PostgresRepository) -> None:
    """Per hour, 8 hours and year; a kind may be asked for."""
    await kept.store_funding_rates([rate("kucoin", kind) for kind in FundingKind])
    (row,) = (await ask("/api/v1/funding/history?kind=settled")).data
    assert (row["kind"], row["funding_interval"]) == ("settled", "8")
    assert (row["funding_per_hour"], row["funding_8h"], row["funding_apr"]) == (
        "0.0125",
        "0.1",
        "109.5",
    )


async def test_spread_of_each_window(ask: Ask, kept: PostgresRepository) -> None:
    """How long it was known stands beside it; a span is half-open."""
    await kept.store(LIQUIDITY_AVERAGES, [window(number) for number in (1, 2, 3)])
    reply = await ask(f"/api/v1/spread/history?start={stamp(3)}&end={stamp(2)}")
    (row,) = reply.data
    assert (row["spread_bps"], row["known_seconds"], row["suspect_seconds"]) == ("3", "7", "3")
    units = reply.meta["units"]
    assert isinstance(units, dict)
    assert units["spread_bps"] == "bps"
    assert units["known_seconds"] == "seconds"


def stamp(seconds: int) -> int:
    return int((NOW - timedelta(seconds=seconds)).timestamp())
