"""Pages of spans: where they end, and how new they are."""

from decimal import Decimal

from msgspec import structs

from perps_stats.database.repository import PostgresRepository

from .conftest import Ask
from .rows import LIQUIDATION, TICKER, at


async def test_the_place_of_a_page_keeps_every_digit(ask: Ask, markets: PostgresRepository) -> None:
    """Of rows that differ in the last of eighteen digits none is missed, also told as numbers."""
    digits = [f"0.12345678901234567{last}" for last in range(8)]
    await markets.store_liquidations(
        [structs.replace(LIQUIDATION, price=Decimal(each)) for each in digits]
    )
    asked = path = "/api/v1/liquidations?limit=3&numbers=float&order=asc"
    told: list[bytes] = []
    while path:
        reply = await ask(path)
        told.append(reply.text)
        path = f"{asked}&cursor={reply.meta['next']}" if reply.meta["next"] else ""
    assert len(told) == 3
    assert [sum(text.count(each.encode()) for text in told) for each in digits] == [1] * 8


async def test_how_new_a_page_is(ask: Ask, markets: PostgresRepository) -> None:
    """Its newest row tells, whichever end it is at."""
    await markets.store_tickers([structs.replace(TICKER, timestamp=at(n)) for n in range(5)])
    for order, newest in (("desc", "04"), ("asc", "01")):
        reply = await ask(f"/api/v1/tickers/history?limit=2&order={order}")
        assert reply.meta["as_of"] == f"2026-03-01T12:00:{newest}.000000Z"


async def test_the_last_page_knows_that_it_is(ask: Ask, markets: PostgresRepository) -> None:
    """Also where it is as long as may be."""
    await markets.store_tickers([structs.replace(TICKER, timestamp=at(n)) for n in range(4)])
    path = "/api/v1/tickers/history?limit=2"
    first = await ask(path)
    second = await ask(f"{path}&cursor={first.meta['next']}")
    assert (len(first.data), len(second.data), second.meta["next"]) == (2, 2, None)
    assert "Link" in first.headers
    assert "Link" not in second.headers
