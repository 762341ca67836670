"""Last values: what the process knows now, else what is stored; kept as long as they hold."""

from collections.abc import AsyncGenerator, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count

import pytest
from msgspec import structs
from tests.api.conftest import READ, Ask, Said, asking
from tests.api.rows import BOOK, NOW, SLIPPAGE, TICKER, at

from perps_stats.api import answers, create_app
from perps_stats.api.fast import last
from perps_stats.database.repository import PostgresRepository

from .known import Knowing

BTC, ETH = ("binance", "BTC"), ("binance", "ETH")
NEWER = structs.replace(TICKER, last_price=Decimal("61700.00"), timestamp=at(30))


def clock() -> Iterator[datetime]:
    """A second later whenever it is looked at."""
    return (NOW + timedelta(seconds=number) for number in count())


@pytest.fixture
def live() -> Knowing:
    return Knowing()


@pytest.fixture
async def ask(stored: PostgresRepository, live: Knowing) -> AsyncGenerator[Ask]:
    """With known rows in the database, and a clock that goes on."""
    times = clock()
    app = create_app(stored, exchanges=READ, now=lambda: next(times), process=Said(), live=live)
    async with asking(app) as question:
        yield question


@pytest.fixture
def lasting(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept for a moment is kept as long as the test takes."""
    monkeypatch.setattr(last, "LISTED_SECONDS", 3600)
    monkeypatch.setattr(answers, "STORED_SECONDS", 3600)


async def test_what_is_known_now_comes_before_what_is_stored(ask: Ask, live: Knowing) -> None:
    """Of each market; the others are read, and all stand in one order."""
    live.tell("tickers", ETH, structs.replace(NEWER, symbol="ETH"))
    reply = await ask("/api/v1/tickers")
    assert [(row["symbol"], row["last_price"]) for row in reply.data] == [
        ("BTC", "61659.70"),
        ("ETH", "61700.00"),
    ]
    assert (reply.data[1]["simulated"], reply.meta["as_of"]) == (
        True,
        "2026-03-01T12:00:30.000000Z",
    )


async def test_what_is_in_doubt_is_read(ask: Ask, live: Knowing) -> None:
    """As soon as nothing is vouched for any more, the last stored value is the last there is."""
    live.tell("tickers", BTC, NEWER)
    known = await ask("/api/v1/tickers?symbol=BTC")
    live.tell("tickers", BTC)
    doubtful = await ask("/api/v1/tickers?symbol=BTC")
    assert [row["last_price"] for row in known.data] == ["61700.00"]
    assert [row["last_price"] for row in doubtful.data] == ["61659.70"]


@pytest.mark.usefixtures("lasting")
async def test_an_answer_holds_until_something_newer_is_known(ask: Ask, live: Knowing) -> None:
    """The same bytes, without asking again; then at once what is newer."""
    live.tell("tickers", BTC, NEWER)
    first = await ask("/api/v1/tickers?symbol=binance:BTC")
    asked = live.asked
    again = [await ask("/api/v1/tickers?symbol=binance:BTC") for _ in range(3)]
    assert [each.text for each in again] == [first.text] * 3
    assert live.asked == asked
    live.tell("tickers", BTC, structs.replace(NEWER, last_price=Decimal("61700.10")))
    after = await ask("/api/v1/tickers?symbol=binance:BTC")
    assert [row["last_price"] for row in after.data] == ["61700.10"]
    assert after.headers["ETag"] != first.headers["ETag"]


@pytest.mark.usefixtures("lasting")
async def test_other_markets_do_not_matter(ask: Ask, live: Knowing) -> None:
    """Only the versions of what was asked for are looked at."""
    live.tell("tickers", BTC, NEWER)
    first = await ask("/api/v1/tickers?symbol=binance:BTC")
    live.tell("tickers", ETH, structs.replace(NEWER, symbol="ETH"))
    live.tell("orderbooks", BTC, BOOK)
    assert (await ask("/api/v1/tickers?symbol=binance:BTC")).text == first.text


async def test_each_value_is_made_a_line_once(ask: Ask, live: Knowing) -> None:
    """Whatever is asked beside it; of what changed again."""
    live.tell("tickers", BTC, NEWER)
    live.tell("tickers", ETH, structs.replace(NEWER, symbol="ETH"))
    await ask("/api/v1/tickers?symbol=binance:BTC,binance:ETH")
    asked = live.asked
    live.tell("tickers", ETH, structs.replace(NEWER, symbol="ETH", last_price=Decimal(5)))
    reply = await ask("/api/v1/tickers?symbol=binance:ETH,binance:BTC&limit=10")
    assert live.asked == asked + 1
    assert [row["last_price"] for row in reply.data] == ["61700.00", "5"]


async def test_filters_and_pages_of_what_is_known(ask: Ask, live: Knowing) -> None:
    """As of what is stored: amounts as numbers, in their order."""
    amounts = [structs.replace(SLIPPAGE, trade_amount=Decimal(each)) for each in (20000, 10000)]
    live.tell("slippage", BTC, *amounts)
    chosen = await ask("/api/v1/slippage?symbol=BTC&amount=10000.0")
    first = await ask("/api/v1/slippage?symbol=BTC&limit=1")
    second = await ask(f"/api/v1/slippage?symbol=BTC&limit=1&cursor={first.meta['next']}")
    assert [row["trade_amount"] for row in chosen.data] == ["10000"]
    assert [row["trade_amount"] for row in first.data + second.data] == ["10000", "20000"]


async def test_a_known_book_of_any_depth(ask: Ask, live: Knowing) -> None:
    """Each depth is an answer of its own."""
    live.tell("orderbooks", BTC, BOOK)
    one, two = await ask("/api/v1/orderbooks?depth=1"), await ask("/api/v1/orderbooks?depth=2")
    levels = [{"price": "61659.80", "quantity": "2.50"}, {"price": "61660.00", "quantity": "3"}]
    assert (one.data[0]["asks"], two.data[0]["asks"]) == (levels[:1], levels)
    assert (one.data[0]["complete"], two.data[0]["complete"]) == (False, True)


async def test_stored_values_are_kept_for_a_moment(ask: Ask, stored: PostgresRepository) -> None:
    """And ``served_at`` tells of when they are; what is written is there soon."""
    first = await ask("/api/v1/tickers")
    await stored.store_tickers([NEWER])
    shown = {first.meta["served_at"]}
    while (reply := await ask("/api/v1/tickers")).data[0]["last_price"] != "61700.00":
        shown.add(reply.meta["served_at"])
    assert len(shown) == 1
    assert reply.meta["served_at"] not in shown


@pytest.mark.usefixtures("lasting")
async def test_newest_candles_are_kept_until_one_closes(ask: Ask, live: Knowing) -> None:
    """Then at once the database is asked again; spans that end are never kept."""
    path = "/api/v1/klines?symbol=binance:BTC&interval=1h"
    first, again = await ask(path), await ask(path)
    assert again.text == first.text
    live.tell("klines", BTC)
    assert (await ask(path)).meta["served_at"] != first.meta["served_at"]
    ended = f"{path}&end=2026-03-02"
    assert (await ask(ended)).meta["served_at"] != (await ask(ended)).meta["served_at"]
