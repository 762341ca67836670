"""Pages: every row exactly once, whatever is written while they are read."""

from collections.abc import Mapping

import pytest
from msgspec import structs

from perps_stats.api.resources import SPANS, Rows
from perps_stats.database.repository import PostgresRepository

from .conftest import Ask
from .rows import MAKE, SLIPPAGE, TICKER, at

PLACED = range(0, 40, 2)
"""Rows that are there from the start; the odd numbers between them are written meanwhile."""
SYMBOLS = ("BTC", "ETH")


async def walk(
    ask: Ask, repository: PostgresRepository, resource: Rows, order: str
) -> list[Mapping[str, object]]:
    """Follow ``meta.next`` to the end; before each page a row is written on either side of it."""
    found: list[Mapping[str, object]] = []
    path, cursor, number = f"/api/v1/{resource.path}?limit=7&order={order}", "", 1
    make = MAKE[resource.path]
    while True:
        reply = await ask(path + cursor)
        assert len(reply.data) <= 7
        found += reply.data
        if reply.meta["next"] is None:
            return found
        assert len(reply.data) == 7
        cursor = f"&cursor={reply.meta['next']}"
        late = [make(symbol, each) for symbol in SYMBOLS for each in (number, 39 - number)]
        await repository.store(resource.data_set, late)
        number += 2


def key_of(resource: Rows, row: Mapping[str, object]) -> tuple[object, ...]:
    return (row["exchange"], row["symbol"], *(row[field] for field in resource.data_set.key))


@pytest.mark.parametrize("resource", SPANS, ids=lambda resource: resource.path)
@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_every_row_once_while_rows_are_written(
    ask: Ask, markets: PostgresRepository, resource: Rows, order: str
) -> None:
    """No row that was there at the start is missed, none comes twice, and the order holds."""
    make = MAKE[resource.path]
    placed = [make(symbol, number) for symbol in SYMBOLS for number in PLACED]
    await markets.store(resource.data_set, placed)
    before = (await ask(f"/api/v1/{resource.path}")).data
    found = await walk(ask, markets, resource, order)
    keys = [key_of(resource, row) for row in found]
    times = [str(row[resource.time]) for row in found]
    assert len(before) == 40
    assert len(set(keys)) == len(keys)
    assert {key_of(resource, row) for row in before} <= set(keys)
    assert times == sorted(times, reverse=order == "desc")


async def test_last_values_page_in_the_order_of_names(
    ask: Ask, markets: PostgresRepository
) -> None:
    """By exchange, symbol, side and amount: amounts as numbers."""
    amounts = (SLIPPAGE.trade_amount * 10, SLIPPAGE.trade_amount * 2, SLIPPAGE.trade_amount)
    rows = [
        structs.replace(SLIPPAGE, symbol=symbol, trade_amount=amount)
        for symbol in SYMBOLS
        for amount in amounts
    ]
    await markets.store_slippage(rows)
    found: list[object] = []
    cursor: object = ""
    while cursor is not None:
        reply = await ask(f"/api/v1/slippage?limit=2{cursor}")
        found += [(row["symbol"], row["trade_amount"]) for row in reply.data]
        cursor = reply.meta["next"] and f"&cursor={reply.meta['next']}"
    ordered = ("10000", "20000", "100000")
    assert found == [(symbol, amount) for symbol in SYMBOLS for amount in ordered]


async def test_a_relative_span_does_not_move_between_pages(
    ask: Ask, markets: PostgresRepository
) -> None:
    """The cursor holds the span of the first page; the other parameters are repeated unchanged."""
    await markets.store_tickers([structs.replace(TICKER, timestamp=at(n)) for n in range(4)])
    path = "/api/v1/tickers/history?start=-1h&end=2026-03-01T12:00:03Z&order=asc&limit=2"
    first = await ask(path)
    second = await ask(f"{path}&cursor={first.meta['next']}")
    times = [str(row["timestamp"])[17:19] for row in first.data + second.data]
    assert (times, second.meta["next"]) == (["00", "01", "02"], None)


@pytest.mark.parametrize("change", ["symbol=ETH", "order=asc", "start=-2h", "end_time=2026-03-02"])
async def test_a_cursor_of_another_question(
    ask: Ask, markets: PostgresRepository, change: str
) -> None:
    """It is refused: its place means nothing there."""
    await markets.store_tickers([structs.replace(TICKER, timestamp=at(n)) for n in range(3)])
    token = (await ask("/api/v1/tickers/history?limit=1")).meta["next"]
    same = await ask(f"/api/v1/tickers/history?limit=2&numbers=float&cursor={token}")
    other = await ask(f"/api/v1/tickers/history?limit=1&{change}&cursor={token}")
    path = await ask(f"/api/v1/trades?limit=1&cursor={token}")
    assert (same.status, len(same.data)) == (200, 2)
    for reply in (other, path):
        assert (reply.status, reply.body["field"]) == (400, "cursor")
        assert reply.body["remedy"] == (
            "it continues another question; repeat the parameters of the first page"
        )


async def test_the_last_value_is_the_newest(ask: Ask, markets: PostgresRepository) -> None:
    """Of each market one, and ``as_of`` is the newest of all."""
    rows = [structs.replace(TICKER, symbol=s, timestamp=at(n)) for n, s in enumerate(SYMBOLS * 2)]
    await markets.store_tickers(rows)
    reply = await ask("/api/v1/tickers")
    assert [(row["symbol"], row["timestamp"]) for row in reply.data] == [
        ("BTC", "2026-03-01T12:00:02.000000Z"),
        ("ETH", "2026-03-01T12:00:03.000000Z"),
    ]
    assert reply.meta["as_of"] == "2026-03-01T12:00:03.000000Z"


async def test_live_and_simulated_side_by_side(ask: Ask, markets: PostgresRepository) -> None:
    """Each record says which it is; the answer says whether any is simulated."""
    await markets.store_tickers([TICKER, structs.replace(TICKER, exchange="kucoin")])
    both, live = await ask("/api/v1/tickers"), await ask("/api/v1/tickers?exchange=kucoin")
    assert [row["simulated"] for row in both.data] == [True, False]
    assert (both.meta["simulated"], live.meta["simulated"]) == (True, False)
    assert [row["simulated"] for row in live.data] == [False]
