"""What of the past was answered is remembered with the rows, or not at all."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace

from perps_stats.core.errors import DatabaseError
from perps_stats.core.intervals import interval_length
from perps_stats.core.spans import Span
from perps_stats.core.stored import Filled, Progress
from perps_stats.core.types import FundingKind, FundingRate, Kline
from perps_stats.database.repository import PostgresRepository

from .samples import market

BTC = market()
DAY = datetime(2026, 1, 31, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def hours(first: int, after: int) -> Span:
    return Span(DAY + first * HOUR, DAY + after * HOUR)


async def btc(repository: PostgresRepository) -> int:
    return (await repository.store_markets([BTC], simulated=True))[BTC.native]


def candle(interval: str, opens: datetime) -> Kline:
    return Kline(
        exchange=BTC.exchange,
        symbol=BTC.symbol,
        interval=interval,
        open_time=opens,
        close_time=opens + interval_length(interval),
        open=Decimal(1),
        high=Decimal(1),
        low=Decimal(1),
        close=Decimal(1),
        volume=None,
        closed=True,
    )


async def test_spans_that_touch_are_one(repository: PostgresRepository) -> None:
    """Pages come in any order, also twice; what was never asked stays open."""
    number = await btc(repository)
    for span in (hours(0, 1), hours(5, 6), hours(1, 2), hours(0, 1)):
        await repository.write({}, filled=[Filled(number, "klines", "1m", span)])
    expected = Progress(number, "klines", "1m", None, [hours(0, 2), hours(5, 6)])
    assert await repository.get_progress([number]) == [expected]


async def test_a_page_that_cannot_be_kept_is_not_answered(repository: PostgresRepository) -> None:
    """Rows and progress are one transaction."""
    number = await btc(repository)
    with pytest.raises(DatabaseError):
        await repository.write(
            {"trades": [("no market", "1", "1", "1", "buy", f"{DAY}", None, None)]},
            filled=[Filled(number, "trades", "", hours(0, 1))],
        )
    assert await repository.get_progress([number]) == []


async def test_where_history_begins_is_remembered(repository: PostgresRepository) -> None:
    """For each series that is named, whether or not anything of it was answered."""
    number = await btc(repository)
    await repository.write({}, filled=[Filled(number, "klines", "1m", hours(3, 4))])
    await repository.store_earliest(number, [("klines", "1m"), ("funding_rates", "")], DAY)
    assert await repository.get_progress([number]) == [
        Progress(number, "funding_rates", "", DAY, []),
        Progress(number, "klines", "1m", DAY, [hours(3, 4)]),
    ]


async def test_the_runs_of_stored_candles(repository: PostgresRepository) -> None:
    """A hole parts them; other intervals and what lies outside do not count."""
    number = await btc(repository)
    minutes = [candle("1m", DAY + minute * MINUTE) for minute in (0, 1, 2, 5, 6, 9)]
    await repository.store_klines([*minutes, candle("1h", DAY + 3 * MINUTE)])
    found = await repository.get_stored_candles(number, "1m", Span(DAY, DAY + 9 * MINUTE))
    assert found == [
        Span(DAY, DAY + 3 * MINUTE),
        Span(DAY + 5 * MINUTE, DAY + 7 * MINUTE),
    ]


async def test_a_change_of_the_funding_interval_is_found(repository: PostgresRepository) -> None:
    """Of settled rates alone; an unknown interval is no change."""
    await btc(repository)
    intervals = [(0, 8), (8, 8), (12, None), (16, 4), (20, 4), (21, 1)]
    rates = [
        FundingRate(
            exchange=BTC.exchange,
            symbol=BTC.symbol,
            funding_rate=Decimal("0.0001"),
            funding_interval=None if interval is None else Decimal(interval),
            kind=FundingKind.SETTLED,
            timestamp=DAY + at * HOUR,
        )
        for at, interval in intervals
    ]
    noise = replace(rates[0], kind=FundingKind.PREDICTED, funding_interval=Decimal(2))
    await repository.store_funding_rates([*rates, noise])
    found = await repository.get_interval_changes(BTC, hours(1, 21))
    assert [(each.before, each.after, each.timestamp) for each in found] == [
        (Decimal(8), Decimal(4), DAY + 16 * HOUR)
    ]
