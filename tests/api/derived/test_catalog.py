"""What is held, with its gaps, and what amounts cost by the hour of the week."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace
from tests.api.conftest import Ask, Said, asking

from perps_stats.aggregator import calculate_slippages
from perps_stats.api import create_app
from perps_stats.api.derived.catalog import rows_of
from perps_stats.core.figures import Coverage
from perps_stats.core.stored import Mark, StoredSeries
from perps_stats.core.types import FundingKind, Gap, GapCause, Kline
from perps_stats.database.repository import PostgresRepository

from .rows import NOW, ago, book, market, rate

MINUTE = timedelta(minutes=1)


def candle(number: int) -> Kline:
    begin = NOW - number * MINUTE
    price = Decimal(100)
    return Kline(
        exchange="kucoin",
        symbol="BTC",
        interval="1m",
        open_time=begin,
        close_time=begin + MINUTE,
        open=price,
        high=price,
        low=price,
        close=price,
        volume=Decimal(1),
        closed=True,
    )


@pytest.fixture
async def kept(repository: PostgresRepository) -> PostgresRepository:
    await repository.store_markets([market("kucoin")], simulated=False)
    return repository


@pytest.fixture(name="ask")
async def question(kept: PostgresRepository) -> AsyncGenerator[Ask]:
    app = create_app(kept, exchanges={}, now=lambda: NOW, process=Said())
    async with asking(app) as ask:
        yield ask


async def test_of_candles_the_missing_are_counted(ask: Ask, kept: PostgresRepository) -> None:
    """Five minutes, one of them missing: a fifth."""
    await kept.store_klines([candle(number) for number in (5, 4, 2, 1)])
    (row,) = (await ask("/api/v1/catalog?data=klines")).data
    assert (row["data_set"], row["interval"], row["rows"], row["exact"]) == (
        "klines",
        "1m",
        4,
        True,
    )
    assert row["first"] == "2026-03-01T12:55:00.000000Z"
    assert row["last"] == "2026-03-01T12:59:00.000000Z"
    assert row["gap_share"] == "0.2"


async def test_of_streams_the_gaps_are(ask: Ask, kept: PostgresRepository) -> None:
    """A minute was listened to, six seconds of it cannot be vouched for: a tenth."""
    (market_id,) = (await kept.store_markets([market("kucoin")], simulated=False)).values()
    session = await kept.begin_session()
    await kept.store_orderbooks([book("kucoin", seconds) for seconds in (20, 10)])
    gap = Gap(
        exchange="kucoin",
        symbol="BTC",
        stream="orderbook",
        start_time=ago(30),
        end_time=ago(24),
        cause=GapCause.SILENCE,
        detected_at=ago(24),
    )
    marks = [Mark(market_id, "orderbook", ago(60), ago(0))]
    await kept.write({}, marks, gaps=[gap], session=session)
    (row,) = (await ask("/api/v1/catalog?data=orderbooks")).data
    assert (row["rows"], row["exact"]) == (2, True)
    assert Decimal(str(row["gap_share"])) == Decimal("0.1")


async def test_what_is_not_held_is_not_listed(ask: Ask) -> None:
    """A market without rows has no series."""
    assert (await ask("/api/v1/catalog")).data == []


def test_rows_of_a_large_table_are_estimated() -> None:
    """What was not counted is what the table has of the market, less the series that were counted;
    it says that it is no count.
    """
    series = Coverage(
        exchange="kucoin",
        symbol="BTC",
        data_set="funding_rates",
        kind=FundingKind.PREDICTED,
        start=None,
        end=NOW,
        first=None,
        last=None,
        rows=None,
        missing=None,
        holes=None,
    )
    settled = replace(series, kind=FundingKind.SETTLED, rows=30)
    size = StoredSeries(
        data_set="funding_rates", exchange="kucoin", symbol="BTC", rows=1000, exact=False
    )
    sizes = {("kucoin", "BTC", "funding_rates"): size}
    assert rows_of(series, sizes, [settled]) == (970, False)
    assert rows_of(settled, sizes, [settled]) == (30, True)
    assert rows_of(series, {}, []) == (None, None)


async def test_costs_by_hour_of_the_week(ask: Ask, kept: PostgresRepository) -> None:
    """12:59 on a Sunday is of hour 156. Only samples of that amount count; the fee is apart."""
    await kept.store_slippage(calculate_slippages(book("kucoin", seconds=60, quantity="200")))
    found = (await ask("/api/v1/cost/hours?size=10k&side=buy")).data
    (row,) = found
    assert (row["hour_of_week"], row["samples"], row["unfilled"]) == (6 * 24 + 12, 1, 0)
    assert (row["p50_bps"], row["fee_bps"], row["fee_from"]) == (
        "100.00000000",
        "5.00000000",
        "exchange",
    )
    assert (row["first"], row["last"]) == ("2026-03-01T12:59:00.000000Z",) * 2
    assert len((await ask("/api/v1/cost/hours")).data) == 2
    assert (await ask("/api/v1/cost/hours?size=20k")).data == []
    for end in ("-1h", "0001-01-02"):
        assert (await ask(f"/api/v1/cost/hours?end={end}")).data == []
    assert (await ask("/api/v1/cost/hours?start=-1m&end=now&side=buy")).data == found


async def test_costs_are_of_the_last_week(ask: Ask, kept: PostgresRepository) -> None:
    """What is older is asked for with a start."""
    old = book("kucoin", seconds=8 * 86_400)
    await kept.store_slippage(calculate_slippages(old, [Decimal(1000)]))
    assert (await ask("/api/v1/cost/hours?size=1000")).data == []
    assert len((await ask("/api/v1/cost/hours?size=1000&start=-9d")).data) == 2


async def test_hours_of_many_markets_are_paged(ask: Ask, kept: PostgresRepository) -> None:
    """Each side of each hour of each market once, in their order, though not all are asked for."""
    names = [f"C{number}" for number in range(5)]
    await kept.store_markets([market("kucoin", base=name) for name in names], simulated=False)
    for name in names:
        for hour in range(1, 151):
            row = replace(book("kucoin", seconds=hour * 3600), symbol=name)
            await kept.store_slippage(calculate_slippages(row, [Decimal(1000)]))
    found: list[tuple[object, ...]] = []
    cursor: object = ""
    while cursor is not None:
        reply = await ask(f"/api/v1/cost/hours?size=1000&limit=400{cursor}")
        found += [(row["symbol"], row["side"], row["hour_of_week"]) for row in reply.data]
        cursor = reply.meta["next"] and f"&cursor={reply.meta['next']}"
    assert len(found) == len(set(found)) == 5 * 2 * 150
    assert [symbol for symbol, _, _ in found] == [name for name in names for _ in range(300)]


async def test_a_rate_is_a_series_of_its_kind(ask: Ask, kept: PostgresRepository) -> None:
    """Settled and predicted are two."""
    await kept.store_funding_rates([rate("kucoin", kind) for kind in FundingKind])
    found = (await ask("/api/v1/catalog?data=funding_rates")).data
    assert [(row["kind"], row["rows"]) for row in found] == [("predicted", 1), ("settled", 1)]
