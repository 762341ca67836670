"""What the database writes of a row is what the program writes of the record, to the byte."""

import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from types import NoneType
from typing import get_args, get_type_hints

import msgspec
import pytest
from msgspec import Struct

from perps_stats.api.records import encoded_lines
from perps_stats.core.catalogue import DATA_SETS, KLINES, ORDERBOOKS, TRADES, DataSet
from perps_stats.core.stored import Query, Shown
from perps_stats.core.types import Orderbook, OrderbookLevel
from perps_stats.database.pages import page
from perps_stats.database.repository import PostgresRepository

from .samples import NOON, market

TEXTS = ("plain", 'a "quote", a \\ and a \t', "línea\n2", "\x01\x7f€😀", "")
DECIMALS = ("0", "-0.10", "61659.70", "1E-8", "1E+3", "123456789012345678.123456789012345678")
DISTANCES = ("0.5", "1", "2.5", "99.99", "100", "250")
"""On both sides of the bands' edges, and on them."""
SIMULATED = {"binance": True, "bybit": False}


class Cut(Struct):
    bids: list[dict[str, str]]
    asks: list[dict[str, str]]
    complete: bool


@pytest.fixture
async def markets(repository: PostgresRepository) -> PostgresRepository:
    await repository.store_markets([market()], simulated=True)
    await repository.store_markets([market("bybit")], simulated=False)
    return repository


def made_up(data_set: DataSet, number: int, chance: random.Random) -> Struct:
    """A row of values by chance, whose key is its number's."""
    hints = get_type_hints(data_set.row)
    fields = {name: value_of(name, hint, chance) for name, hint in hints.items()}
    named: dict[str, object] = {"exchange": chance.choice(list(SIMULATED)), "symbol": "BTC"}
    if data_set is KLINES:
        named["closed"] = True  # others are not kept
    time = NOON + timedelta(microseconds=number * 333_333)
    return data_set.row(**{**fields, **named, data_set.time: time})


def value_of(name: str, hint: object, chance: random.Random) -> object:
    if name.startswith("reach_"):
        return Decimal(chance.choice(DISTANCES)) if chance.random() < 0.8 else None
    kinds = [kind for kind in get_args(hint) if kind is not NoneType] or [hint]
    if NoneType in get_args(hint) and chance.random() < 0.4:
        return None
    return VALUES[kinds[0]](chance) if kinds[0] in VALUES else a_word_of(kinds[0], chance)


def a_word_of(kind: object, chance: random.Random) -> object:
    if isinstance(kind, type) and issubclass(kind, Enum):
        return chance.choice(list(kind))
    return [a_level(chance) for _ in range(chance.randrange(4))]


def a_level(chance: random.Random) -> OrderbookLevel:
    return OrderbookLevel(Decimal(chance.choice(DECIMALS)), Decimal(chance.choice(DECIMALS)))


def a_time(chance: random.Random) -> datetime:
    return datetime(2026, 3, 1, tzinfo=UTC) + timedelta(microseconds=chance.randrange(10**12))


VALUES: Mapping[object, Callable[[random.Random], object]] = {
    str: lambda chance: chance.choice(TEXTS),
    Decimal: lambda chance: Decimal(chance.choice(DECIMALS)),
    int: lambda chance: chance.choice((0, -1, 2**53 + 1)),
    bool: lambda chance: chance.random() < 0.5,
    datetime: a_time,
}


async def test_both_say_the_same(markets: PostgresRepository) -> None:
    """Of every data set: whatever is stored, both ways, as strings and as numbers."""
    for data_set in DATA_SETS.values():
        await both_say_the_same(markets, data_set)


async def both_say_the_same(markets: PostgresRepository, data_set: DataSet) -> None:
    chance = random.Random(data_set.name)  # noqa: S311  no secret
    await markets.store(data_set, [made_up(data_set, number, chance) for number in range(200)])
    for newest_first in (False, True):
        query = Query(limit=150, newest_first=newest_first)
        records = await page(markets.link, data_set, query)
        assert len(records) == 150
        for as_numbers in (False, True):
            expected = encoded_lines(records, SIMULATED, as_numbers=as_numbers)
            shown = Shown(as_numbers=as_numbers)
            assert await markets.get_lines(data_set, query, shown) == expected, data_set.name


async def test_what_is_left_out(markets: PostgresRepository) -> None:
    """The first records of the page; not more than there are."""
    chance = random.Random(1)  # noqa: S311  no secret
    await markets.store(TRADES, [made_up(TRADES, number, chance) for number in range(9)])
    whole = (await markets.get_lines(TRADES, Query(limit=9), Shown())).split(b"\n")
    rest = await markets.get_lines(TRADES, Query(limit=3), Shown(skip=4))
    assert rest.split(b"\n") == whole[4:7]
    assert await markets.get_lines(TRADES, Query(limit=3), Shown(skip=9)) == b""


async def test_a_book_is_cut(markets: PostgresRepository) -> None:
    """To the best levels of each side; what was cut is no longer the whole book."""
    levels = [OrderbookLevel(Decimal(price), Decimal(1)) for price in range(1, 4)]
    book = Orderbook(
        exchange="binance",
        symbol="BTC",
        bids=levels[:2],
        asks=levels,
        timestamp=NOON,
        complete=True,
    )
    await markets.store(ORDERBOOKS, [book])
    for depth in (1, 2, 3, 1000):
        lines = await markets.get_lines(ORDERBOOKS, Query(), Shown(depth=depth))
        cut = msgspec.json.decode(lines, type=Cut)
        assert [level["price"] for level in cut.bids] == ["1", "2"][:depth]
        assert [level["price"] for level in cut.asks] == ["1", "2", "3"][:depth]
        assert cut.complete == (depth >= 3)
