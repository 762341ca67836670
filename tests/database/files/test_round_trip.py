"""What is exported and imported into an empty database is the same, to the last digit."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct, structs
from tests.database.files.transfer import exported, imported, texts
from tests.database.samples import RECORDS, WEIRD, gap, level, market, ticker

from perps_stats.core import catalogue
from perps_stats.core.catalogue import DATA_SETS, DataSet
from perps_stats.core.stored import Written
from perps_stats.core.types import Kline, Orderbook, OrderbookLevel, Side, Trade
from perps_stats.database.files.export import Wanted
from perps_stats.database.files.forms import IMPORTED
from perps_stats.database.repository import PostgresRepository, open_repository

NOWHERE = settings(
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
)
ODD = [
    (
        catalogue.TICKERS,
        [structs.replace(ticker(), mark_price=Decimal("-0.000"), index_price=Decimal("1E-300"))],
    ),
    (
        catalogue.ORDERBOOKS,
        [
            Orderbook(
                exchange="binance",
                symbol="BTC",
                bids=[level("1E+30", "1.50"), level("-2.5", "0.00")],
                asks=[],
                timestamp=datetime(2026, 3, 1, 12, 0, 0, 1, tzinfo=UTC),
            )
        ],
    ),
    (
        catalogue.GAPS,
        [structs.replace(gap(), stream=text or "-", detail=text) for text in (*WEIRD, '","', '"')],
    ),
]


def name_of(value: object) -> str:
    return getattr(value, "name", "")


@pytest.mark.parametrize("form", IMPORTED)
@pytest.mark.parametrize(("data_set", "records"), [*RECORDS, *ODD], ids=name_of)
async def test_every_data_set_comes_back(
    repository: PostgresRepository,
    tmp_path: Path,
    data_set: DataSet,
    records: list[Struct],
    form: str,
) -> None:
    """Nulls, long decimals with their zeros, extreme times, awkward texts, books without a side."""
    await repository.store_markets([market()], simulated=False)
    await repository.store(data_set, records)
    stored = await texts(repository, data_set)
    path = tmp_path / f"rows{form}"
    await exported(repository, Wanted(data_set=data_set), path)
    await repository.truncate()
    first = await imported(repository, path)
    assert await texts(repository, data_set) == stored
    assert (first.rows, first.missing) == (len(records), 0)
    assert first.written == Written(new=len(records))
    again = await imported(repository, path)
    assert again.written == Written(known=len(records))
    assert await texts(repository, data_set) == stored


PLACES = st.integers(-30, 30)
NUMBERS = st.builds(lambda digits, place: Decimal(digits).scaleb(place), st.integers(), PLACES)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
TIMES = st.datetimes(
    min_value=datetime(2026, 1, 1),  # noqa: DTZ001  the strategy adds the zone
    max_value=datetime(2026, 1, 3),  # noqa: DTZ001
    timezones=st.just(UTC),
)
SIDES = st.lists(st.builds(OrderbookLevel, NUMBERS, NUMBERS), max_size=4)
NAMES = {"exchange": st.just("binance"), "symbol": st.just("BTC")}
TRADES = st.builds(
    Trade,
    **NAMES,
    id=TEXTS,
    price=NUMBERS,
    quantity=NUMBERS,
    side=st.sampled_from(Side),
    timestamp=TIMES,
    liquidation=st.none() | st.booleans(),
    recv_ts=st.none() | TIMES,
)
BOOKS = st.builds(
    Orderbook,
    **NAMES,
    bids=SIDES,
    asks=SIDES,
    timestamp=TIMES,
    sequence=st.none() | st.integers(-(2**63), 2**63 - 1),
    complete=st.booleans(),
)
KLINES = st.builds(
    Kline,
    **NAMES,
    interval=st.sampled_from(["1m", "1h"]),
    open_time=TIMES,
    close_time=TIMES,
    open=NUMBERS,
    high=NUMBERS,
    low=NUMBERS,
    close=NUMBERS,
    volume=st.none() | NUMBERS,
    closed=st.just(True),  # noqa: FBT003  a field
    aggregated_from=st.none() | TEXTS,
)


SAMPLES = st.fixed_dictionaries(
    {
        "trades": st.lists(TRADES, max_size=6),
        "orderbooks": st.lists(BOOKS, max_size=4),
        "klines": st.lists(KLINES, max_size=4),
    }
)


@pytest.mark.parametrize("form", [".csv", ".parquet"])
@NOWHERE
@given(samples=SAMPLES)
async def test_anything_comes_back(
    url: str, tmp_path: Path, form: str, samples: dict[str, list[Struct]]
) -> None:
    """Whatever PostgreSQL holds: any text, any decimal, any list of levels."""
    async with open_repository(url, tmp_path) as repository:
        await repository.truncate()
        await repository.store_markets([market()], simulated=False)
        for name, records in samples.items():
            await repository.store(DATA_SETS[name], records)
        stored = [await texts(repository, DATA_SETS[name]) for name in samples]
        for name in samples:
            wanted = Wanted(data_set=DATA_SETS[name])
            await exported(repository, wanted, tmp_path / f"{name}{form}")
        await repository.truncate()
        for name in samples:
            await imported(repository, tmp_path / f"{name}{form}")
        assert [await texts(repository, DATA_SETS[name]) for name in samples] == stored
