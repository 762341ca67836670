"""What amounts cost by the hour of the week: percentiles of what was sampled, by the definition."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from perps_stats.core.comparisons import SlippageHour
from perps_stats.core.figures import Slippage
from perps_stats.core.stored import Query
from perps_stats.core.types import Side
from perps_stats.database.repository import PostgresRepository

from .samples import market

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
WEEK, AMOUNT = timedelta(days=7), Decimal(10_000)


def sample(
    time: datetime, bps: str | None, *, side: Side = Side.BUY, amount: Decimal = AMOUNT
) -> Slippage:
    """``None``: the book could not fill it."""
    return Slippage(
        exchange="binance",
        symbol="BTC",
        side=side,
        trade_amount=amount,
        reference="mid",
        reference_price=Decimal(100),
        slippage_bps=None if bps is None else Decimal(bps),
        fillable=None if bps is None else True,
        timestamp=time,
    )


def minutes(start: datetime, costs: Sequence[str | None]) -> list[Slippage]:
    return [sample(start + timedelta(minutes=at), bps) for at, bps in enumerate(costs)]


async def asked(
    repository: PostgresRepository, samples: Sequence[Slippage], **query: object
) -> list[SlippageHour]:
    for exchange in ("binance", "kucoin"):
        await repository.store_markets([market(exchange)], simulated=True)
    await repository.store_slippage(samples)
    return await repository.get_slippage_hours(Query(**query))  # type: ignore[arg-type]


async def test_percentiles_are_samples(repository: PostgresRepository) -> None:
    """Of ten samples the first is p10, the fifth the median, the ninth p90, the tenth p99."""
    costs = [str(bps) for bps in (7, 3, 9, 1, 5, 10, 2, 8, 4, 6)]
    (hour,) = await asked(repository, minutes(MONDAY, costs))
    assert [hour.p10_bps, hour.p50_bps, hour.p90_bps, hour.p99_bps] == [
        *map(Decimal, (1, 5, 9, 10))
    ]
    assert (hour.exchange, hour.symbol, hour.side, hour.trade_amount) == (
        *("binance", "BTC"),
        *(Side.BUY, AMOUNT),
    )
    assert (hour.hour_of_week, hour.samples, hour.unfilled) == (0, 10, 0)
    assert (hour.first, hour.last) == (MONDAY, MONDAY + timedelta(minutes=9))


async def test_what_could_not_be_filled_is_dearer_than_all(repository: PostgresRepository) -> None:
    """Six of ten could: the median is known, p90 lies among those that could not."""
    (hour,) = await asked(repository, minutes(MONDAY, [*"123456", None, None, None, None]))
    assert [hour.p10_bps, hour.p50_bps] == [Decimal(1), Decimal(5)]
    assert (hour.p90_bps, hour.p99_bps, hour.samples, hour.unfilled) == (None, None, 10, 4)


async def test_a_book_that_says_nothing_is_no_sample(repository: PostgresRepository) -> None:
    """Without a reference price the book was unusable; against mark it is another figure."""
    unusable = Slippage(
        exchange="binance",
        symbol="BTC",
        side=Side.BUY,
        trade_amount=AMOUNT,
        reference="mid",
        timestamp=MONDAY,
    )
    assert await asked(repository, [unusable]) == []


async def test_hours_are_of_the_week_in_utc(repository: PostgresRepository) -> None:
    """Two Mondays are one row; Sunday's last hour is 167; each side and amount has its own."""
    sunday = MONDAY + timedelta(days=6, hours=23, minutes=59)
    found = await asked(
        repository,
        [
            sample(MONDAY, "1"),
            sample(MONDAY + WEEK, "2"),
            sample(sunday, "3"),
            sample(sunday, "4", side=Side.SELL),
            sample(sunday, "5", amount=Decimal(50_000)),
        ],
    )
    assert [
        (hour.side.value, int(hour.trade_amount), hour.hour_of_week, hour.samples) for hour in found
    ] == [
        ("buy", 10_000, 0, 2),
        ("buy", 10_000, 167, 1),
        ("buy", 50_000, 167, 1),
        ("sell", 10_000, 167, 1),
    ]


async def test_a_question_names_market_span_amount_and_side(
    repository: PostgresRepository,
) -> None:
    """The span is half-open; another market has nothing."""
    samples = [sample(MONDAY, "1"), sample(MONDAY + timedelta(hours=1), "2", side=Side.SELL)]
    later = MONDAY + timedelta(hours=1)
    assert len(await asked(repository, samples)) == 2
    found = [
        await repository.get_slippage_hours(query)
        for query in (
            Query(start=MONDAY, end=later),
            Query(start=later),
            Query(only={"side": "sell"}),
            Query(only={"trade_amount": "10000.0"}),
            Query(only={"trade_amount": "1"}),
            Query(markets=(("kucoin", "BTC"),)),
        )
    ]
    assert [[hour.hour_of_week for hour in each] for each in found] == [
        [0],
        [1],
        [1],
        [0, 1],
        [],
        [],
    ]


async def test_sizes_are_counted_by_market(repository: PostgresRepository) -> None:
    """Of a small table exactly; a market without rows is not there."""
    await asked(repository, minutes(MONDAY, ["1", "2", "3"]))
    (size,) = await repository.get_series_sizes()
    assert (size.data_set, size.exchange, size.symbol) == ("slippage", "binance", "BTC")
    assert (size.rows, size.exact) == (3, True)
