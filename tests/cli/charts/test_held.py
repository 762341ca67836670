"""What is read of a real database: names, spans, candles of the best source, fair samples."""

from collections.abc import Sequence
from decimal import Decimal

import pytest
from msgspec.structs import replace
from tests.cli.charts.made import DAY, HOUR, MINUTE, NOON, depth, funding, gap, kline, market

from perps_stats.cli.charts import held
from perps_stats.cli.charts.figure import Span
from perps_stats.core.errors import BadInput
from perps_stats.core.types import FundingKind
from perps_stats.database.repository import PostgresRepository

KNOWN = ("kucoin", "binance", "lighter")
ONE = market()


@pytest.fixture(name="stored")
async def stored_markets(repository: PostgresRepository) -> PostgresRepository:
    """BTC of two exchanges, ETH of one."""
    await repository.store_markets([ONE, market(base="ETH")], simulated=False)
    await repository.store_markets([market("kucoin", quote="USD")], simulated=True)
    return repository


@pytest.mark.parametrize(
    ("exchanges", "symbol", "expected"),
    [
        (None, "BTC", ["kucoin", "binance"]),
        (None, "ETH", ["binance"]),
        (None, "BTC-USD-PERP", ["kucoin"]),
        (None, "BTC/USDT:USDT", ["binance"]),
        (None, "binance:BTC", ["binance"]),
        (["binance", "lighter"], "btc", ["binance"]),
        (None, "DOGE", []),
        (["lighter"], "BTC", []),
    ],
)
async def test_a_name_means_what_the_database_knows(
    stored: PostgresRepository, exchanges: Sequence[str] | None, symbol: str, expected: list[str]
) -> None:
    """In any form, on every exchange or on those that are named, in the order of all answers."""
    found = await held.markets_of(stored, KNOWN, exchanges, symbol)
    assert [each.exchange for each in found] == expected


async def test_an_unknown_exchange_and_an_ambiguous_name_are_refused(
    stored: PostgresRepository,
) -> None:
    """With what could be meant."""
    with pytest.raises(BadInput, match="use binance"):
        await held.markets_of(stored, KNOWN, ["binanc"], "BTC")
    twins = [
        replace(market(quote=quote), symbol=f"SOL-{quote}-PERP", native=f"SOL{quote}", base="SOL")
        for quote in ("USDT", "USDC")
    ]
    await stored.store_markets(twins, simulated=False)
    with pytest.raises(BadInput, match="binance:SOL-USDC-PERP, binance:SOL-USDT-PERP"):
        await held.markets_of(stored, KNOWN, None, "SOL")


async def test_candles_are_made_of_those_that_reach_furthest(stored: PostgresRepository) -> None:
    """Hours of which only one is stored, and minutes of three."""
    minutes = [kline(at, interval="1m") for at in range(180)]
    await stored.store_klines([*minutes, kline(0, "1 1 1 1")])
    found = await held.klines(stored, ONE, "1h", DAY)
    assert [(each.open_time, each.aggregated_from) for each in found] == [
        (NOON + at * HOUR, "1m") for at in range(3)
    ]


async def test_stored_candles_come_before_made_ones(stored: PostgresRepository) -> None:
    """Where they reach as far."""
    minutes = [kline(at, interval="1m") for at in range(90)]
    await stored.store_klines([*minutes, kline(0, "7 7 7 7"), kline(1, "7 7 7 7")])
    found = await held.klines(stored, ONE, "1h", DAY)
    assert [(each.close, each.aggregated_from) for each in found] == [(Decimal(7), None)] * 2


async def test_more_candles_than_a_page_holds(
    stored: PostgresRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None twice, none left out; a candle's parts may lie in one page only."""
    monkeypatch.setattr(held, "PAGE", 7)
    await stored.store_klines([kline(at, interval="15m") for at in range(40)])
    for interval, count in (("15m", 40), ("1h", 10)):
        found = await held.klines(stored, ONE, interval, DAY)
        length = found[0].close_time - found[0].open_time
        assert [each.open_time for each in found] == [NOON + at * length for at in range(count)]


async def test_only_candles_that_open_in_the_span(stored: PostgresRepository) -> None:
    """It is half-open."""
    await stored.store_klines([kline(at) for at in range(6)])
    found = await held.klines(stored, ONE, "1h", Span(NOON + HOUR, NOON + 3 * HOUR))
    assert [each.open_time for each in found] == [NOON + HOUR, NOON + 2 * HOUR]


async def test_which_intervals_there_are_and_how_far_they_reach(
    stored: PostgresRepository,
) -> None:
    """The extent is that of all that a candle may be made of."""
    await stored.store_klines([kline(at, interval="5m") for at in (1, 2)])
    await stored.store_klines([kline(1)])
    assert await held.intervals(stored, [ONE], DAY) == ["5m", "1h"]
    assert await held.extent(stored, [ONE], "1h", DAY) == Span(NOON + 5 * MINUTE, NOON + 2 * HOUR)
    assert await held.extent(stored, [ONE], "1m", DAY) is None


async def test_settled_rates_only(stored: PostgresRepository) -> None:
    """A prediction is no settlement; pages follow each other."""
    rates = [funding(hours) for hours in range(0, 24, 8)]
    predicted = replace(funding(0), kind=FundingKind.PREDICTED)
    await stored.store_funding_rates([*rates, predicted])
    assert await held.funding(stored, ONE, DAY) == rates


async def test_all_pages_of_rates(
    stored: PostgresRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None twice, none left out."""
    monkeypatch.setattr(held, "PAGE", 2)
    rates = [funding(hours) for hours in range(5)]
    await stored.store_funding_rates(rates)
    assert await held.funding(stored, ONE, DAY) == rates


async def test_gaps_of_the_book_that_reach_into_the_span(stored: PostgresRepository) -> None:
    """Of trades, and of before, there are none."""
    for each in (gap(-30, 5), gap(-50, -40), gap(7, None), gap(8, 9, stream="trades")):
        await stored.store_gap(each)
    found = await held.gaps(stored, ONE, DAY)
    assert [each.start_time for each in found] == [NOON - 30 * MINUTE, NOON + 7 * MINUTE]


async def test_few_samples_are_all_shown(stored: PostgresRepository) -> None:
    """As they are."""
    rows = [depth(minute) for minute in range(5)]
    await stored.store_liquidity_depth(rows)
    assert await held.liquidity(stored, ONE, DAY, 5) == (rows, None)


async def test_of_many_samples_the_first_of_each_part_and_the_last_are_shown(
    stored: PostgresRepository,
) -> None:
    """Parts of what is held, not of the span; where nothing is held nothing is made up."""
    minutes = [minute for minute in range(101) if not 40 <= minute < 60]
    await stored.store_liquidity_depth([depth(minute) for minute in minutes])
    found, part = await held.liquidity(stored, ONE, DAY, 10)
    assert part == 10 * MINUTE
    shown = [(each.timestamp or NOON) - NOON for each in found]
    assert [each // MINUTE for each in shown] == [0, 10, 20, 30, 60, 70, 80, 90, 100]


async def test_the_last_row_whenever_it_was(stored: PostgresRepository) -> None:
    """``None`` where there is none at all."""
    assert await held.last(stored.get_liquidity_depth, [ONE]) is None
    rows = [depth(-90_000), depth(-80_000)]
    await stored.store_liquidity_depth(rows)
    assert await held.last(stored.get_liquidity_depth, [ONE]) == rows[1]
