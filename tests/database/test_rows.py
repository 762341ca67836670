"""Records to rows of text, and back."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from msgspec import Struct, structs

from perps_stats.core import catalogue
from perps_stats.core.catalogue import DataSet
from perps_stats.core.errors import DatabaseError
from perps_stats.core.stored import Cursor, Query, Written
from perps_stats.database import pages
from perps_stats.database.repository import PostgresRepository
from perps_stats.database.rows import cursor_after, to_row

from .samples import NOON, RECORDS, gap, market, ticker, trade


@pytest.mark.parametrize(
    ("data_set", "records"), RECORDS, ids=lambda value: getattr(value, "name", "")
)
async def test_every_record_survives(
    repository: PostgresRepository, data_set: DataSet, records: list[Struct]
) -> None:
    """What was stored is read again: nulls, long decimals, extreme times, awkward texts."""
    await repository.store_markets([market()], simulated=False)
    assert await repository.store(data_set, records) == Written(new=len(records))
    stored = await pages.page(repository.link, data_set, Query())
    key = data_set.key
    assert sorted(stored, key=lambda one: [getattr(one, name) for name in key]) == sorted(
        records, key=lambda one: [getattr(one, name) for name in key]
    )


def test_samples_cover_the_catalogue() -> None:
    """No data set is left out above."""
    assert {one.name for one, _ in RECORDS} == set(catalogue.DATA_SETS)


async def test_trailing_zeros_survive(repository: PostgresRepository) -> None:
    """61659.70 is answered as 61659.70: the text of a price is kept, not only its value."""
    await repository.store_markets([market()], simulated=False)
    await repository.store_trades([trade()])
    (stored,) = await repository.get_trades(Query())
    assert str(stored.price) == "61659.70"
    assert stored.timestamp.tzinfo is UTC


def test_a_row_is_in_the_order_of_the_columns() -> None:
    """The market's number first, then the fields as the catalogue lists them; null is None."""
    assert to_row(catalogue.TRADES, trade(7), 42) == (
        "42",
        "7",
        "61659.70",
        "0.001",
        "buy",
        "2026-03-01 12:00:00.000000+00",
        None,
        "2026-03-01 12:00:00.020000+00",
    )


def test_a_time_is_turned_to_utc() -> None:
    """A row's first ten characters of time are its UTC day."""
    local = NOON.astimezone(timezone(timedelta(hours=14)))
    row = to_row(catalogue.TRADES, structs.replace(trade(), timestamp=local), 1)
    assert row[5] == "2026-03-01 12:00:00.000000+00"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"price": Decimal("NaN")}, "trades.price: NaN is not a number"),
        ({"price": Decimal("-Infinity")}, "trades.price: -Infinity is not a number"),
        ({"timestamp": datetime(2026, 1, 1)}, "has no time zone"),  # noqa: DTZ001  the mistake
        ({"timestamp": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=9)))}, "out of range"),
    ],
)
def test_what_sql_cannot_hold_is_refused(change: dict[str, object], said: str) -> None:
    """One clear line names the data set, the field and the value."""
    with pytest.raises(DatabaseError, match=said):
        to_row(catalogue.TRADES, structs.replace(trade(), **change), 1)


def test_a_cursor_tells_a_row_from_all_others() -> None:
    """Its time, the rest of the key, and the market's name."""
    assert cursor_after(catalogue.TRADES, trade(7)) == Cursor(NOON, ("7", "binance", "BTC"))
    assert cursor_after(catalogue.TICKERS, ticker()) == Cursor(NOON, ("binance", "BTC"))


async def test_a_value_we_never_write_is_an_error(repository: PostgresRepository) -> None:
    """A row that somebody else put in is not guessed at."""
    await repository.store_markets([market()], simulated=False)
    await repository.store_gap(gap())
    async with repository.link.borrow() as connection:
        await connection.execute("update gaps set cause = 'aliens'")
    with pytest.raises(DatabaseError, match=r"gaps: holds a value we never write.*aliens"):
        await repository.get_gaps(Query())
