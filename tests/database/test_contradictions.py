"""A row that says otherwise than the stored one: kept apart, counted, told; never silently lost."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

import pytest
from msgspec import Struct, json, structs
from structlog.testing import capture_logs

from perps_stats.core import catalogue
from perps_stats.core.catalogue import DATA_SETS, DataSet
from perps_stats.core.stored import Query, Written
from perps_stats.core.types import FundingKind, FundingRate, Kline, Orderbook
from perps_stats.database.contradictions import (
    LINES,
    LINES_SECONDS,
    Contradiction,
    Found,
    Teller,
    contradiction_names,
)
from perps_stats.database.repository import PostgresRepository

from .samples import LONG, NOON, level, market, ticker, trade

MINUTE = timedelta(minutes=1)
BOOK = Orderbook(
    exchange="binance",
    symbol="BTC",
    bids=[level("2.5", "1"), level("2.4", "3")],
    asks=[level("2.6", "1")],
    timestamp=NOON,
    sequence=7,
    recv_ts=NOON,
)
CANDLE = Kline(
    exchange="binance",
    symbol="BTC",
    interval="1m",
    open_time=NOON,
    close_time=NOON + MINUTE,
    open=Decimal(1),
    high=Decimal("2.0"),
    low=Decimal("0.5"),
    close=LONG,
    volume=None,
    closed=True,
)


@pytest.fixture
async def btc(repository: PostgresRepository) -> PostgresRepository:
    await repository.store_markets([market()], simulated=False)
    return repository


async def kept(repository: PostgresRepository) -> list[tuple[object, ...]]:
    """Of each contradiction the data set, the key, what was stored and offered, and how often."""
    rows = await repository.link.fetch(
        "select data_set, ts, key::text, stored::text, offered::text, times from contradictions"
        " order by ts, first_seen_at, offered::text"
    )
    return [
        (row[0], row[1], *(json.decode(text) for text in tuple(row)[2:5]), row[5]) for row in rows
    ]


async def test_another_price_is_kept_apart(btc: PostgresRepository) -> None:
    """The stored trade stays, and what was offered stands beside it."""
    other = structs.replace(trade(), price=Decimal("61659.80"))
    assert await btc.store_trades([trade()]) == Written(new=1)
    assert await btc.store_trades([other, trade(2)]) == Written(new=1, contradicting=1)
    assert await btc.get_trades(Query()) == [trade(), trade(2)]
    stored = {"price": 61659.7, "quantity": 0.001, "side": "buy"}
    expected = ("trades", NOON, {"id": "1"}, stored, {**stored, "price": 61659.8}, 1)
    assert await kept(btc) == [expected]


async def test_the_same_again_only_counts_up(btc: PostgresRepository) -> None:
    """Also written with other digits, later, or twice in one batch; a third value is another."""
    await btc.store_tickers([ticker(last="1")])
    for text in ("2", "2.00"):
        await btc.store_tickers([structs.replace(ticker(last=text), recv_ts=NOON)])
    await btc.store_tickers([ticker(last="2"), ticker(last="2.0"), ticker(last="3")])
    offered = [({"last_price": 2}, 4), ({"last_price": 3}, 1)]
    assert await kept(btc) == [
        ("tickers", NOON, {}, {"last_price": 1}, one, times) for one, times in offered
    ]


async def test_of_one_batch_the_first_is_kept(btc: PostgresRepository) -> None:
    """A later row of the same key contradicts where it differs, is known where it does not."""
    rows = [ticker(last="1.0"), ticker(last="1.00"), ticker(last="2"), ticker(last="1.0")]
    assert await btc.store_tickers(rows) == Written(new=1, known=2, contradicting=1)
    assert [one.last_price for one in await btc.get_tickers(Query())] == [Decimal("1.0")]
    assert await btc.store_tickers(rows) == Written(known=3, contradicting=1)


SAME: list[tuple[DataSet, Struct, Struct]] = [
    (catalogue.TRADES, trade(), structs.replace(trade(), recv_ts=None)),
    (catalogue.TRADES, trade(), structs.replace(trade(), recv_ts=NOON + MINUTE)),
    (catalogue.TRADES, trade(), structs.replace(trade(), liquidation=True)),
    (catalogue.TRADES, trade(), structs.replace(trade(), price=Decimal("61659.7000"))),
    (catalogue.KLINES, CANDLE, structs.replace(CANDLE, volume=Decimal(1))),
    (catalogue.KLINES, structs.replace(CANDLE, volume=Decimal(1)), CANDLE),
    (catalogue.KLINES, structs.replace(CANDLE, aggregated_from="1m"), CANDLE),
    (catalogue.ORDERBOOKS, BOOK, structs.replace(BOOK, asks=[level("2.60", "1.0")])),
    (catalogue.ORDERBOOKS, BOOK, structs.replace(BOOK, sequence=None)),
]


@pytest.mark.parametrize(("data_set", "first", "second"), SAME)
async def test_what_is_no_contradiction(
    btc: PostgresRepository, data_set: DataSet, first: Struct, second: Struct
) -> None:
    """Null against a value, other digits of the same number, other times of receipt."""
    await btc.store(data_set, [first])
    assert await btc.store(data_set, [second]) == Written(known=1)
    assert await kept(btc) == []


OTHERS: list[tuple[DataSet, Struct, Struct]] = [
    (catalogue.KLINES, CANDLE, structs.replace(CANDLE, close_time=NOON + 2 * MINUTE)),
    (catalogue.KLINES, CANDLE, structs.replace(CANDLE, close=LONG + Decimal("1E-30"))),
    (catalogue.ORDERBOOKS, BOOK, structs.replace(BOOK, asks=[level("2.6", "2")])),
    (catalogue.ORDERBOOKS, BOOK, structs.replace(BOOK, bids=BOOK.bids[:1])),
    (catalogue.ORDERBOOKS, BOOK, structs.replace(BOOK, complete=True)),
]


@pytest.mark.parametrize(("data_set", "first", "second"), OTHERS)
async def test_what_is_one(
    btc: PostgresRepository, data_set: DataSet, first: Struct, second: Struct
) -> None:
    """Any other value of the exchange's: times, the last of 60 digits, a level of a book."""
    await btc.store(data_set, [first])
    assert await btc.store(data_set, [second]) == Written(contradicting=1)


async def test_a_long_book_fits(btc: PostgresRepository) -> None:
    """Contradictions are told apart whatever their length: a thousand levels."""
    levels = [level(f"{number}.123456789", "9.87654321") for number in range(1, 1001)]
    deep = structs.replace(BOOK, bids=levels[::-1])
    await btc.store_orderbooks([deep])
    other = structs.replace(deep, bids=deep.bids[1:])
    assert await btc.store_orderbooks([other, BOOK]) == Written(contradicting=2)
    assert len(await kept(btc)) == 2


async def test_predicted_and_settled_are_two_rows(btc: PostgresRepository) -> None:
    """An estimate that did not come true contradicts nothing."""
    rates = [
        FundingRate(exchange="binance", symbol="BTC", funding_rate=rate, kind=kind, timestamp=NOON)
        for rate, kind in zip((Decimal(1), Decimal(2)), FundingKind, strict=True)
    ]
    assert await btc.store_funding_rates(rates) == Written(new=2)


def test_every_fact_is_compared() -> None:
    """All columns but the key and our own: nothing that an exchange says is forgotten."""
    ours = {"market_id", "recv_ts", "detected_at", "closed", "aggregated_from"}
    for one in DATA_SETS.values():
        compared = contradiction_names(one)["differs"]
        expected = set(one.columns) - ours - {"ts", *one.key}
        assert {name for name in one.columns if f'r."{name}" <> ' in compared} == expected


async def test_a_new_contradiction_is_logged_with_both_rows(btc: PostgresRepository) -> None:
    """Once: the second time it only counts."""
    with capture_logs() as lines:
        for _ in range(2):
            await btc.store_tickers([ticker(last="1"), ticker(last="2")])
    assert [one for one in lines if one["event"] == "contradiction"] == [
        {
            "event": "contradiction",
            "log_level": "warning",
            "data_set": "tickers",
            "exchange": "binance",
            "symbol": "BTC",
            "time": "2026-03-01T12:00:00.000000Z",
            "key": "{}",
            "stored": '{"last_price": 1}',
            "offered": '{"last_price": 2}',
        }
    ]


def contradiction(data_set: str) -> Contradiction:
    return Contradiction(
        exchange="binance",
        symbol="BTC",
        data_set=data_set,
        ts=NOON,
        key="{}",
        stored="{}",
        offered="{}",
        first_seen_at=NOON,
        last_seen_at=NOON,
        times=1,
    )


def logged(teller: Teller, found: Sequence[Found]) -> int:
    with capture_logs() as lines:
        teller.tell(found)
    return len(lines)


def test_many_are_logged_as_few() -> None:
    """So many lines of a data set a minute; another data set, or minute, has its own."""
    now = 0.0
    teller = Teller(lambda: now)
    tickers = Found(9, (contradiction("tickers"),) * (LINES - 1))
    assert logged(teller, [tickers]) == LINES - 1
    assert logged(teller, [tickers, Found(1, (contradiction("trades"),))]) == 2
    now = LINES_SECONDS + 1
    assert logged(teller, [tickers]) == LINES - 1
