"""Candles of any interval, made of stored minutes: whole ones, in pages, with the source told."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from msgspec import structs

from perps_stats.core.catalogue import KLINES
from perps_stats.core.errors import BadInput
from perps_stats.core.stored import Query
from perps_stats.core.types import Kline
from perps_stats.database.merged import bucket
from perps_stats.database.repository import PostgresRepository
from perps_stats.database.rows import cursor_after

from .samples import NOON, market

MINUTE = timedelta(minutes=1)


def minute(number: int, symbol: str = "BTC") -> Kline:
    """So many minutes after noon: every figure follows from the number."""
    opened = NOON + number * MINUTE
    price = Decimal(100 + number)
    return Kline(
        exchange="binance",
        symbol=symbol,
        interval="1m",
        open_time=opened,
        close_time=opened + MINUTE,
        open=price,
        high=price + Decimal("0.5"),
        low=price - Decimal("0.5"),
        close=price + Decimal("0.25"),
        volume=Decimal("1.10"),
        turnover=Decimal(number),
        trades=number,
        closed=True,
        recv_ts=opened + MINUTE,
    )


def merged(number: int, count: int, name: str) -> Kline:
    """What the minutes from a number on make, by the meaning of a candle."""
    parts = [minute(each) for each in range(number, number + count)]
    return structs.replace(
        parts[0],
        interval=name,
        close_time=parts[-1].close_time,
        high=parts[-1].high,
        low=parts[0].low,
        close=parts[-1].close,
        volume=count * Decimal("1.10"),
        turnover=Decimal(sum(range(number, number + count))),
        trades=sum(range(number, number + count)),
        aggregated_from="1m",
        recv_ts=parts[-1].recv_ts,
    )


@pytest.fixture
async def held(repository: PostgresRepository) -> PostgresRepository:
    """Three hours of minutes from noon on, of two markets."""
    await repository.store_markets([market(), market(base="ETH")], simulated=False)
    for symbol in ("BTC", "ETH"):
        await repository.store_klines([minute(number, symbol) for number in range(180)])
    return repository


BTC = Query(symbol="BTC")


async def test_an_hour_is_sixty_minutes(held: PostgresRepository) -> None:
    """First open, last close, extremes, sums; and it says what it was made of."""
    expected = [merged(number, 60, "1h") for number in (0, 60, 120)]
    assert await held.get_merged_klines(BTC, "1h") == expected


async def test_a_candle_that_lacks_a_minute_is_none(held: PostgresRepository) -> None:
    """Nor are those that are cut off by the first and the last minute that is stored."""
    await held.link.fetch("delete from klines where ts = $1", NOON + 75 * MINUTE)
    found = await held.get_merged_klines(BTC, "1h")
    assert [one.open_time for one in found] == [NOON, NOON + 120 * MINUTE]
    await held.link.fetch("delete from klines where ts in ($1, $2)", NOON, NOON + 179 * MINUTE)
    assert await held.get_merged_klines(BTC, "1h") == []


async def test_what_one_minute_does_not_tell_is_unknown(held: PostgresRepository) -> None:
    """A sum of which a part is missing would be too small."""
    await held.link.fetch("update klines set volume = null, trades = null where ts = $1", NOON)
    first, second = (await held.get_merged_klines(BTC, "1h"))[:2]
    assert (first.volume, first.trades, first.turnover) == (None, None, Decimal(1770))
    assert (second.volume, second.trades) == (Decimal("66.00"), sum(range(60, 120)))


@pytest.mark.parametrize("name", ["7m", "15m", "90m", "2h"])
async def test_any_number_of_minutes(held: PostgresRepository, name: str) -> None:
    """They open at multiples of their length since 1970."""
    length = bucket(name).length
    found = await held.get_merged_klines(BTC, name)
    first = -(NOON - datetime(1970, 1, 1, tzinfo=UTC)) % length // MINUTE
    count = length // MINUTE
    numbers = range(first, 180 - count + 1, count)
    assert found == [merged(number, count, name) for number in numbers]


def test_weeks_begin_on_mondays() -> None:
    """March the second of 2026 is one; other intervals begin at multiples since 1970."""
    assert bucket("1w").next(NOON) == datetime(2026, 3, 2, tzinfo=UTC)
    # the second of March is day 20,514 since 1970, which three divides
    assert bucket("3d").next(datetime(2026, 3, 3, tzinfo=UTC)) == datetime(2026, 3, 5, tzinfo=UTC)


@pytest.mark.parametrize("interval", ["1m", "90s", "soon", "0m"])
async def test_an_interval_that_cannot_be_made(held: PostgresRepository, interval: str) -> None:
    """Minutes are stored, not made; and nothing shorter is."""
    with pytest.raises(BadInput, match="interval"):
        await held.get_merged_klines(BTC, interval)


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("limit", [1, 2, 3, 7, 24, 1000])
async def test_pages_are_the_whole_in_order(
    held: PostgresRepository,
    limit: int,
    newest_first: bool,  # noqa: FBT001  a parameter
) -> None:
    """Of both markets, each candle once, across a hole of an hour."""
    await held.link.fetch(
        "delete from klines where ts >= $1 and ts < $2", NOON + 60 * MINUTE, NOON + 125 * MINUTE
    )
    numbers = [*range(0, 60, 15), 135, 150, 165]
    expected = [
        structs.replace(merged(number, 15, "15m"), symbol=symbol)
        for number in numbers
        for symbol in ("BTC", "ETH")
    ]
    found: list[Kline] = []
    query = Query(limit=limit, newest_first=newest_first)
    while page := await held.get_merged_klines(query, "15m"):
        assert len(page) == min(limit, len(expected) - len(found))
        found += page
        query = structs.replace(query, after=cursor_after(KLINES, page[-1]))
    assert found == (expected[::-1] if newest_first else expected)


async def opens(held: PostgresRepository, query: Query) -> Sequence[int]:
    found = await held.get_merged_klines(query, "15m")
    return [(one.open_time - NOON) // MINUTE for one in found]


async def test_a_span_holds_what_opens_in_it(held: PostgresRepository) -> None:
    """Half-open; the last one may end after it."""
    query = structs.replace(BTC, start=NOON + 15 * MINUTE, end=NOON + 46 * MINUTE)
    assert await opens(held, query) == [15, 30, 45]
    query = structs.replace(BTC, start=NOON + 16 * MINUTE, end=NOON + 45 * MINUTE)
    assert await opens(held, query) == [30]
    assert await opens(held, structs.replace(BTC, start=NOON - 30 * MINUTE, end=NOON)) == []
    assert await opens(held, Query(symbol="DOGE")) == []
