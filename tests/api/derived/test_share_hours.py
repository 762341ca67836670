"""Shares hour by hour: of means, by the formula; a hole is a row, and no hour comes twice."""

from collections.abc import AsyncGenerator, Iterable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace
from tests.api.conftest import Ask, Said, asking

from perps_stats.api import create_app
from perps_stats.core.figures import LiquidityDepthStats
from perps_stats.core.times import rfc3339
from perps_stats.core.types import OpenInterest, Ticker
from perps_stats.database.repository import PostgresRepository

from .rows import NOW, market, ticker

HALF = timedelta(minutes=30)
HOUR = timedelta(hours=1)
VENUES = ("aster", "binance", "kucoin")
PATH = "/api/v1/shares/history"
Row = dict[str, object]


def at(hours: float) -> datetime:
    """So many hours before half past twelve."""
    return NOW - HALF - hours * HOUR


def volume(exchange: str, hours: float, coins: str) -> Ticker:
    return replace(ticker(exchange), volume_24h=Decimal(coins), timestamp=at(hours))


def depth(exchange: str, hours: float, value: str, *, reach: str = "100") -> LiquidityDepthStats:
    """So much on each side, at a mid of 100."""
    return LiquidityDepthStats(
        exchange=exchange,
        symbol="BTC",
        mid_price=Decimal(100),
        bid_10bps=Decimal(value),
        ask_10bps=Decimal(value),
        reach_bid_bps=Decimal(reach),
        reach_ask_bps=Decimal(reach),
        complete=False,
        timestamp=at(hours),
    )


@pytest.fixture
async def kept(repository: PostgresRepository) -> PostgresRepository:
    for venue in VENUES:
        await repository.store_markets([market(venue)], simulated=True)
    return repository


@pytest.fixture(name="ask")
async def question(kept: PostgresRepository) -> AsyncGenerator[Ask]:
    app = create_app(kept, exchanges={}, now=lambda: NOW, process=Said())
    async with asking(app) as ask:
        yield ask


def figures(rows: Iterable[Row], *names: str) -> list[tuple[object, ...]]:
    return [tuple(row[name] for name in ("exchange", *names)) for row in rows]


async def test_shares_are_of_the_means(ask: Ask, kept: PostgresRepository) -> None:
    """Two samples of 1 and 3 are 2; of 2, 2 and 4 coins the shares are a quarter, and a half."""
    await kept.store_tickers([volume("aster", 0.2, "1"), volume("aster", 0, "3")])
    await kept.store_tickers([volume("binance", 0, "2"), volume("kucoin", 0, "4")])
    reply = await ask(f"{PATH}?measure=volume_24h&start=2026-03-01T12:00:00Z&order=asc")
    assert figures(reply.data, "amount", "share_pct", "samples") == [
        ("aster", "2", "0.25", 2),
        ("binance", "2", "0.25", 1),
        ("kucoin", "4", "0.5", 1),
    ]
    for row in reply.data:
        assert (row["timestamp"], row["unit"]) == ("2026-03-01T12:00:00.000000Z", "coins")
        assert (row["complete"], row["absent"], row["missing"]) == (True, [], [])
        assert (row["ended"], row["simulated"]) == (True, True)
    assert reply.meta["as_of"] == "2026-03-01T12:00:00.000000Z"


async def test_a_hole_is_a_row(ask: Ask, kept: PostgresRepository) -> None:
    """Nothing is known of it, and the shares of the others say whom their total lacks; where only
    one is known there is no share.
    """
    await kept.store_tickers([volume("aster", hours, "1") for hours in (0, 1)])
    await kept.store_tickers([volume("binance", 0, "3")])
    reply = await ask(f"{PATH}?measure=volume_24h&start=-3h")
    assert figures(reply.data, "amount", "share_pct", "samples", "absent") == [
        ("kucoin", None, None, 0, ["kucoin:BTC"]),
        ("binance", "3", "0.75", 1, ["kucoin:BTC"]),
        ("aster", "1", "0.25", 1, ["kucoin:BTC"]),
        ("kucoin", None, None, 0, ["binance:BTC", "kucoin:BTC"]),
        ("binance", None, None, 0, ["binance:BTC", "kucoin:BTC"]),
        ("aster", "1", None, 1, ["binance:BTC", "kucoin:BTC"]),
        *((each, None, None, 0, ["aster:BTC", "binance:BTC", "kucoin:BTC"])
          for each in ("kucoin", "binance", "aster")),
    ]  # fmt: skip
    assert not any(row["complete"] for row in reply.data)
    assert reply.data[0]["missing"] == ["no volume_24h is stored of this hour"]


async def test_liquidity_is_counted_in_coins(ask: Ask, kept: PostgresRepository) -> None:
    """Both sides at the mean of mid, whatever the lots; what is a floor is told of all."""
    by_ten = replace(market("kucoin"), multiplier=Decimal(10))
    await kept.store_markets([by_ten], simulated=True)
    await kept.store_liquidity_depth([depth("aster", 0, "100"), depth("kucoin", 0, "30")])
    await kept.store_liquidity_depth([depth("binance", 0, "450", reach="9.9")])
    reply = await ask(f"{PATH}?measure=depth_10bps&start=-1h&order=asc")
    assert figures(reply.data, "amount", "share_pct", "at_least", "floors") == [
        ("aster", "2", "0.117647058823529412", False, ["binance:BTC"]),
        ("binance", "9", "0.529411764705882353", True, ["binance:BTC"]),
        ("kucoin", "6.0", "0.352941176470588235", False, ["binance:BTC"]),
    ]


async def test_currencies_are_shared_apart(ask: Ask, kept: PostgresRepository) -> None:
    """Turnover in dollars and coins pegged to them is one total; another currency is another."""
    await kept.store_markets([replace(market("kucoin"), quote="EUR")], simulated=True)
    told = {"aster": "25", "binance": "75", "kucoin": "50"}
    for venue, turnover in told.items():
        sample = replace(volume(venue, 0, "1"), turnover_24h=Decimal(turnover))
        await kept.store_tickers([sample])
    reply = await ask(f"{PATH}?measure=turnover_24h&start=-1h&order=asc")
    assert figures(reply.data, "amount", "unit", "share_pct") == [
        ("aster", "25", "USD", "0.25"),
        ("binance", "75", "USD", "0.75"),
        ("kucoin", "50", "EUR", None),
    ]


async def test_open_interest_as_it_was_asked_for(ask: Ask, kept: PostgresRepository) -> None:
    """Else as it stood beside the prices."""
    polled = OpenInterest(exchange="aster", symbol="BTC", open_interest=Decimal(1), timestamp=at(0))
    await kept.store_open_interest([polled])
    for venue in ("aster", "binance"):
        beside = replace(volume(venue, 0, "1"), open_interest=Decimal(3))
        await kept.store_tickers([beside])
    reply = await ask(f"{PATH}?measure=open_interest&start=-1h&order=asc")
    assert figures(reply.data, "amount", "share_pct") == [
        ("aster", "1", "0.25"),
        ("binance", "3", "0.75"),
        ("kucoin", None, None),
    ]


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("limit", [1, 4, 7])
async def test_every_row_once_while_rows_arrive(
    ask: Ask, kept: PostgresRepository, order: str, limit: int
) -> None:
    """Of each hour, measure and market, in order, whatever a page holds and whatever comes."""
    asked = f"{PATH}?order={order}&start=-4h&measure=volume_24h,open_interest"
    whole = [key(row) for row in (await ask(f"{asked}&limit=5000")).data]
    found: list[tuple[object, ...]] = []
    cursor, number = "", 0
    while True:
        reply = await ask(f"{asked}&limit={limit}{cursor}")
        found += [key(row) for row in reply.data]
        if reply.meta["next"] is None:
            break
        cursor = f"&cursor={reply.meta['next']}"
        await kept.store_tickers([volume("aster", number % 4 + number / 1000, "1")])
        number += 1
    assert found == whole == sorted(whole, reverse=order == "desc")
    assert len(set(whole)) == 4 * 2 * len(VENUES)


def key(row: Row) -> tuple[object, ...]:
    return tuple(row[name] for name in ("timestamp", "base", "measure", "exchange", "symbol"))


SPANS = {
    "start=-2h": ["12:00", "11:00"],
    "start=2026-03-01T10:00:00Z&end=2026-03-01T11:00:00Z": ["10:00"],
    "start=2026-03-01T10:00:01Z&end=2026-03-01T11:00:01Z": ["11:00"],
    "start=2026-03-01T12:00:00Z&end=2026-03-05": ["12:00"],
    "start=2026-03-02": [],
    "start=2026-03-01T10:10:00Z&end=2026-03-01T10:50:00Z": [],
}


@pytest.mark.parametrize("span", SPANS)
async def test_hours_are_those_that_begin_in_the_span(ask: Ask, span: str) -> None:
    """Half-open, and none that is to come."""
    reply = await ask(f"{PATH}?symbol=aster:BTC&measure=volume_24h&{span}")
    assert [str(row["timestamp"])[11:16] for row in reply.data] == SPANS[span]
    assert reply.meta["as_of"] is None


async def test_a_week_where_no_start_is_said(ask: Ask) -> None:
    """Of the usual four measures; the walk knows its beginning from the first page on."""
    asked = f"{PATH}?symbol=aster:BTC&order=asc&limit=5"
    first = await ask(asked)
    assert first.data[0]["timestamp"] == rfc3339(NOW - timedelta(days=7))
    assert [row["measure"] for row in first.data] == [
        "depth_10bps",
        "open_interest",
        "turnover_24h",
        "volume_24h",
        "depth_10bps",
    ]
    all_of_it = await ask(f"{PATH}?symbol=aster:BTC&limit=5000")
    assert len(all_of_it.data) == 7 * 24 * 4


async def test_the_hour_of_now_has_not_ended(kept: PostgresRepository) -> None:
    """It is of what there is so far."""
    app = create_app(kept, exchanges={}, now=lambda: NOW - HALF, process=Said())
    async with asking(app) as ask:
        rows = (await ask(f"{PATH}?symbol=aster:BTC&measure=volume_24h&start=-2h")).data
    assert [(str(row["timestamp"])[11:16], row["ended"]) for row in rows] == [
        ("12:00", False),
        ("11:00", True),
    ]


async def test_as_of_is_of_what_is_known(ask: Ask, kept: PostgresRepository) -> None:
    """An hour of which nothing is stored is no source of anything."""
    await kept.store_tickers([volume("aster", 2, "1")])
    reply = await ask(f"{PATH}?measure=volume_24h&start=-5h")
    assert reply.meta["as_of"] == "2026-03-01T10:00:00.000000Z"


async def test_without_markets_there_is_nothing(repository: PostgresRepository) -> None:
    """No hour is made up."""
    app = create_app(repository, exchanges={}, now=lambda: NOW, process=Said())
    async with asking(app) as ask:
        assert (await ask(PATH)).data == []
