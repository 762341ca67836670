"""What is held of each series, and every hole in it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from perps_stats.core.catalogue import DATA_SETS
from perps_stats.core.errors import BadInput
from perps_stats.core.figures import Coverage, Hole
from perps_stats.core.intervals import interval_length
from perps_stats.core.stored import Query
from perps_stats.core.types import FundingKind, FundingRate
from perps_stats.database import coverage as measuring
from perps_stats.database import facts
from perps_stats.database.repository import PostgresRepository

from .samples import NOON, candle, market, ticker

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
MILLISECOND = timedelta(milliseconds=1)
NOW = NOON + 10 * MINUTE + timedelta(seconds=30)


def rate(
    hours: float, interval: int | None = 8, kind: FundingKind = FundingKind.SETTLED
) -> FundingRate:
    """Settled, or estimated, so many hours after noon."""
    return FundingRate(
        exchange="binance",
        symbol="BTC",
        funding_rate=Decimal("0.0001"),
        funding_interval=None if interval is None else Decimal(interval),
        kind=kind,
        timestamp=NOON + hours * HOUR,
    )


@pytest.fixture
async def held(repository: PostgresRepository) -> PostgresRepository:
    await repository.store_markets([market(), market(base="ETH")], simulated=False)
    return repository


async def minutes(held: PostgresRepository, *numbers: int) -> None:
    """The candles that open so many minutes after noon."""
    await held.store_klines([candle(NOON + number * MINUTE) for number in numbers])


async def ask(
    held: PostgresRepository,
    query: Query | None = None,
    names: Sequence[str] = ("klines",),
    now: datetime = NOW,
) -> list[Coverage]:
    return await measuring.coverage(held.link, query or Query(), names, now=now)


async def answered(
    held: PostgresRepository,
    start: datetime,
    end: datetime,
    earliest: datetime | None = None,
    *,
    data_set: str = "klines",
    interval: str = "1m",
) -> None:
    """The exchange was asked for that span of BTC, and answered."""
    await held.link.fetch(
        "insert into backfill_progress (market_id, data_set, interval, earliest_ts, covered)"
        " select market_id, $1, $2, $3, tstzmultirange(tstzrange($4, $5)) from markets"
        " where symbol = 'BTC'",
        data_set,
        interval,
        earliest,
        start,
        end,
    )


def hole(first: float, after: float, unit: timedelta = MINUTE, *, answered: bool = False) -> Hole:
    return Hole(start=NOON + first * unit, end=NOON + after * unit, answered=answered)


async def test_every_missing_candle_is_listed(held: PostgresRepository) -> None:
    """From the first row to the last closed candle: between rows and after them."""
    await minutes(held, 2, 3, 5, 8)
    assert await ask(held) == [
        Coverage(
            exchange="binance",
            symbol="BTC",
            data_set="klines",
            interval="1m",
            start=NOON + 2 * MINUTE,
            end=NOON + 10 * MINUTE,
            first=NOON + 2 * MINUTE,
            last=NOON + 8 * MINUTE,
            rows=4,
            missing=4,
            holes=[hole(4, 5), hole(6, 8), hole(9, 10)],
        )
    ]


async def test_a_whole_series_has_no_hole(held: PostgresRepository) -> None:
    """Nothing is missing: zero, and an empty list, which is not null."""
    await minutes(held, *range(10))
    (found,) = await ask(held)
    assert (found.rows, found.missing, found.holes) == (10, 0, [])


async def test_a_span_is_measured_whole(held: PostgresRepository) -> None:
    """Also before the first row and after the last, from the first candle that opens in it."""
    await minutes(held, 3, 4)
    query = Query(start=NOON + timedelta(seconds=1), end=NOON + 5.5 * MINUTE)
    (found,) = await ask(held, query)
    assert (found.start, found.end) == (NOON + MINUTE, NOON + 6 * MINUTE)
    assert (found.rows, found.missing) == (2, 3)
    assert found.holes == [hole(1, 3), hole(5, 6)]


async def test_a_span_without_rows_is_one_hole(held: PostgresRepository) -> None:
    """Of a series that is stored elsewhere nothing is listed; of one that was asked for all is."""
    await minutes(held, 0)
    query = Query(start=NOON + 2 * MINUTE, end=NOON + 5 * MINUTE)
    assert await ask(held, query) == []
    await answered(held, NOON + 3 * MINUTE, NOON + 4 * MINUTE)
    (found,) = await ask(held, query)
    assert (found.first, found.rows, found.missing) == (None, 0, 3)
    assert found.holes == [hole(2, 3), hole(3, 4, answered=True), hole(4, 5)]


async def test_what_the_exchange_had_not_is_told_apart(held: PostgresRepository) -> None:
    """A hole that was asked for in part is two."""
    await minutes(held, 0, 5)
    await answered(held, NOON, NOON + 3 * MINUTE)
    (found,) = await ask(held)
    assert found.holes == [hole(1, 3, answered=True), hole(3, 5), hole(6, 10)]
    assert found.missing == 8


async def test_history_begins_where_the_exchange_says(held: PostgresRepository) -> None:
    """Before its begin nothing is expected, even if it is asked for; from it on all is."""
    await minutes(held, 4)
    await answered(held, NOON, NOON, earliest=NOON + 2 * MINUTE)
    for query in (Query(), Query(start=NOON - HOUR)):
        (found,) = await ask(held, query)
        assert found.start == NOON + 2 * MINUTE
        assert found.holes == [hole(2, 4), hole(5, 10)]
    (found,) = await ask(held, Query(start=NOON + 3 * MINUTE))
    assert found.holes == [hole(3, 4), hole(5, 10)]


async def test_asked_in_vain_and_no_begin_known(held: PostgresRepository) -> None:
    """From when on something is missing is not known, and so is null; rows there are none."""
    await answered(held, NOON, NOON + MINUTE)
    (found,) = await ask(held)
    assert (found.start, found.rows, found.missing, found.holes) == (None, 0, None, None)


@pytest.mark.parametrize(
    ("interval", "first"),
    [
        ("1w", datetime(2026, 2, 2, tzinfo=UTC)),
        ("3d", datetime(2026, 2, 3, tzinfo=UTC)),
        ("1h", datetime(2026, 2, 2, 5, tzinfo=UTC)),
    ],
)
async def test_candles_open_where_they_do(
    held: PostgresRepository, interval: str, first: datetime
) -> None:
    """Weeks on Mondays, three days on any day: a span is cut at the candles there are."""
    step = interval_length(interval)
    await held.store_klines([candle(first + n * step, interval) for n in (1, 2)])
    query = Query(start=first - timedelta(minutes=7), end=first + 3 * step)
    (found,) = await ask(held, query)
    assert (found.start, found.end, found.missing) == (first, first + 3 * step, 1)


async def test_the_candle_that_forms_is_not_missing(held: PostgresRepository) -> None:
    """It is, from the moment on at which it closes."""
    await minutes(held, *range(9))
    (found,) = await ask(held, now=NOON + 10 * MINUTE - MILLISECOND)
    assert found.holes == []
    (found,) = await ask(held, now=NOON + 10 * MINUTE)
    assert found.holes == [hole(9, 10)]


async def test_series_are_chosen(held: PostgresRepository) -> None:
    """By market, data set and interval; each interval is a series of its own."""
    candles = [candle(NOON, name, base) for base in ("BTC", "ETH") for name in ("1m", "1h")]
    await held.store_klines(candles)
    await held.store_tickers([ticker()])
    found = await measuring.coverage(held.link, Query(), now=NOW)
    assert [(one.symbol, one.data_set, one.interval) for one in found] == [
        ("BTC", "tickers", None),
        ("BTC", "klines", "1m"),
        ("BTC", "klines", "1h"),
        ("ETH", "klines", "1m"),
        ("ETH", "klines", "1h"),
    ]
    found = await measuring.coverage(
        held.link, Query(symbol="eth"), ["klines", "tickers"], ["1h"], now=NOW
    )
    assert [(one.symbol, one.interval) for one in found] == [("ETH", "1h")]
    with pytest.raises(BadInput, match="interval"):
        await measuring.coverage(held.link, Query(), (), ["1x"], now=NOW)
    with pytest.raises(BadInput, match="klines"):
        await measuring.coverage(held.link, Query(), ["kline"], now=NOW)


async def test_every_data_set_is_covered_but_the_gaps(held: PostgresRepository) -> None:
    """Of what comes at no fixed distance: first, last, rows; what is missing is null."""
    await held.store_tickers([ticker(at=NOON + n * MINUTE) for n in (0, 5)])
    (found,) = await ask(held, names=[name for name in DATA_SETS if name != "klines"])
    assert found == Coverage(
        exchange="binance",
        symbol="BTC",
        data_set="tickers",
        start=NOON,
        end=NOW,
        first=NOON,
        last=NOON + 5 * MINUTE,
        rows=2,
        missing=None,
        holes=None,
    )
    (found,) = await ask(held, Query(end=NOON + MINUTE), ["tickers"])
    assert (found.last, found.rows) == (NOON, 1)


async def test_what_is_too_much_is_not_counted(
    held: PostgresRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number of rows is then null, not zero."""
    await held.store_tickers([ticker()])
    await held.link.fetch("analyze tickers")
    monkeypatch.setattr(facts, "COUNTED_BYTES", 0)
    (found,) = await ask(held, names=["tickers"])
    assert (found.first, found.rows) == (NOON, None)


async def funding(held: PostgresRepository, *rates: FundingRate, hours: float = 33) -> Coverage:
    await held.store_funding_rates(rates)
    found = await ask(held, names=["funding_rates"], now=NOON + hours * HOUR)
    return next(one for one in found if one.kind is FundingKind.SETTLED)


async def test_settlements_further_apart_than_their_interval(held: PostgresRepository) -> None:
    """Between two, and after the last as many as are due."""
    found = await funding(held, rate(0), rate(8), rate(24), hours=40)
    assert (found.first, found.last, found.rows, found.missing) == (
        NOON,
        NOON + 24 * HOUR,
        3,
        2,
    )
    assert found.holes == [hole(16, 24, HOUR), hole(32, 40, HOUR)]


async def test_settlements_come_a_little_early_or_late(held: PostgresRepository) -> None:
    """Milliseconds of the exchange's are no hole."""
    late = 5 / 3_600_000
    found = await funding(held, rate(late), rate(8), rate(16 + late), rate(24 - 0.01), hours=31)
    assert (found.missing, found.holes) == (0, [])


async def test_an_interval_that_changes_is_no_hole(held: PostgresRepository) -> None:
    """A rate says over how many hours it was: those that end with it."""
    found = await funding(held, rate(0), rate(8), rate(12, 4), rate(16, 4), rate(24, 8), hours=31)
    assert (found.missing, found.holes) == (0, [])
    found = await funding(held, rate(32, 4))
    assert found.holes == [hole(28, 32, HOUR)]


async def test_an_interval_that_nobody_tells(held: PostgresRepository) -> None:
    """Settlements then have the distance that they usually have."""
    found = await funding(held, *(rate(hour, None) for hour in (0, 8, 16, 32)), hours=33)
    assert (found.missing, found.holes) == (1, [hole(24, 32, HOUR)])


async def test_a_single_settlement_of_unknown_interval(held: PostgresRepository) -> None:
    """What is missing after it is not known: null."""
    found = await funding(held, rate(0, None))
    assert (found.rows, found.missing) == (1, None)


async def test_settlements_before_the_first(held: PostgresRepository) -> None:
    """Where history begins earlier; each hole says whether it was asked for."""
    await answered(held, NOON, NOON + 20 * HOUR, NOON + HOUR, data_set="funding_rates", interval="")
    found = await funding(held, rate(24), hours=30)
    assert (found.start, found.missing) == (NOON + HOUR, 2)
    assert found.holes == [hole(8, 20, HOUR, answered=True), hole(20, 24, HOUR)]


async def test_no_settlement_at_all(held: PostgresRepository) -> None:
    """All of the span is a hole, of so many settlements as the market's interval makes."""
    await held.link.fetch("update markets set funding_interval = 8")
    await answered(held, NOON, NOON, NOON, data_set="funding_rates", interval="")
    found = await funding(held, hours=24)
    assert (found.rows, found.missing, found.holes) == (0, 3, [hole(0, 24, HOUR)])


async def test_estimates_are_a_series_of_their_own(held: PostgresRepository) -> None:
    """They come at no fixed distance."""
    await funding(held, rate(0), rate(0, kind=FundingKind.PREDICTED))
    found = await ask(held, names=["funding_rates"])
    assert [(one.kind, one.rows, one.holes is None) for one in found] == [
        (FundingKind.SETTLED, 1, False),
        (FundingKind.PREDICTED, 1, True),
    ]
