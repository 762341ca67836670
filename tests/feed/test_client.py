"""The fifteen questions against an exchange that is written down here."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias

import msgspec
import pytest

from perps_stats.core.errors import (
    BadInput,
    ExchangeError,
    NotOffered,
    Refused,
    UnknownMarket,
    Unreadable,
)
from perps_stats.core.traits import IPerps
from perps_stats.core.types import (
    FundingRate,
    Market,
    OpenInterest,
    Orderbook,
    Ticker,
    Trade,
)
from perps_stats.exchanges.contract import (
    Answer,
    Ask,
    Flow,
    rows,
)
from perps_stats.feed.client import ExchangeClient

from .paper import BARE, FULL, HOUR, NOON, READ, Paper

Present: TypeAlias = Ticker | Orderbook | Trade | FundingRate | OpenInterest
Call: TypeAlias = Callable[[ExchangeClient], Awaitable[object]]


@pytest.fixture
def paper() -> Paper:
    return Paper()


def test_it_is_what_the_rest_of_the_system_expects(paper: Paper) -> None:
    """The checker proves it: a client is an ``IPerps``."""
    perps: IPerps = paper.client
    assert perps.get_name() == "paper"


async def test_markets_are_loaded_once(paper: Paper) -> None:
    """Two tasks at the same time, and one after: one request; ``load`` asks anew."""
    found, symbol = await asyncio.gather(
        paper.client.get_markets(), paper.client.parse_symbol("BTC")
    )
    assert [market.symbol for market in found] == ["BTC-USDC-PERP", "BTC", "ETH"]
    assert {market.exchange for market in found} == {"paper"}
    assert symbol == "BTCUSDT"
    assert await paper.client.is_supported("eth")
    tickers = "tickers BTCUSDC BTCUSDT ETHUSDT"
    assert paper.asked == ["markets", tickers]  # which of two quotes BTC means
    await paper.client.load()
    assert paper.asked == ["markets", tickers, "markets", tickers]


@pytest.mark.parametrize(
    ("symbol", "native", "normal"),
    [
        ("BTC", "BTCUSDT", "BTC"),
        ("btcusdt", "BTCUSDT", "BTC"),
        ("BTC/USDT:USDT", "BTCUSDT", "BTC"),
        ("paper:BTC-USDC-PERP", "BTCUSDC", "BTC-USDC-PERP"),
        ("ETH-USDT-PERP", "ETHUSDT", "ETH"),
    ],
)
async def test_symbols_there_and_back(paper: Paper, symbol: str, native: str, normal: str) -> None:
    """Any form leads to the exchange's name, and that back to ours."""
    assert await paper.client.parse_symbol(symbol) == native
    assert await paper.client.normalize_symbol(native) == normal
    assert (await paper.client.get_market(symbol)).native == native


async def test_an_unknown_market_names_the_exchange_and_near_ones(paper: Paper) -> None:
    """The symbol is echoed, similar ones are offered."""
    with pytest.raises(UnknownMarket, match=r"^paper: 'ETC' .*did you mean ETH, BTC\?"):
        await paper.client.get_ticker("ETC")
    with pytest.raises(UnknownMarket, match=r"^paper: 'ETHUSDC' .*did you mean ETHUSDT"):
        await paper.client.normalize_symbol("ETHUSDC")
    assert not await paper.client.is_supported("ETC")


async def test_the_present_is_stamped_with_when_it_was_read(paper: Paper) -> None:
    """Ticker, book, trades, funding and open interest; the exchange's own time stays."""
    client = paper.client
    found: list[Present] = [
        await client.get_ticker("BTC"),
        (await client.get_all_tickers())[1],
        await client.get_orderbook("BTC", 3),
        (await client.get_recent_trades("BTC", 2))[0],
        await client.get_funding_rate("BTC"),
        await client.get_open_interest("BTC"),
    ]
    assert {(row.exchange, row.symbol) for row in found} == {("paper", "BTC")}
    assert {(row.timestamp, row.recv_ts) for row in found} == {(NOON, READ)}
    assert paper.asked[2:] == [
        "ticker BTCUSDT",
        "tickers BTCUSDC BTCUSDT ETHUSDT",
        "orderbook BTCUSDT 3",
        "trades BTCUSDT 2",
        "funding BTCUSDT",
        "open interest BTCUSDT",
    ]


async def test_statistics(paper: Paper) -> None:
    """Of one market and of all."""
    assert (await paper.client.get_market_stats("ETH")).symbol == "ETH"
    every = await paper.client.get_all_market_stats()
    assert [row.symbol for row in every] == ["BTC-USDC-PERP", "BTC", "ETH"]


async def test_a_book_has_the_depth_that_was_asked_for(paper: Paper) -> None:
    """What the exchange gives beyond it is cut off, and the book is then not the whole."""
    whole = await paper.client.get_orderbook("BTC", 3)
    cut = await paper.client.get_orderbook("BTC", 2)
    assert (len(whole.bids), len(whole.asks), whole.complete) == (3, 3, True)
    assert [level.price for level in cut.bids] == [3, 2]
    assert [level.price for level in cut.asks] == [4, 5]
    assert not cut.complete


@pytest.mark.parametrize(
    ("start", "end", "limit", "expected"),
    [
        (None, None, None, "31 03:40 31 12:00 None"),
        (None, None, 3, "31 11:57 31 12:00 3"),
        (None, NOON - HOUR, 60, "31 10:00 31 11:00 60"),
        (NOON - HOUR, None, None, "31 11:00 31 12:00 None"),
        (NOON - HOUR, NOON, 5, "31 11:00 31 12:00 5"),
    ],
)
async def test_the_window_of_candles(
    paper: Paper,
    start: datetime | None,
    end: datetime | None,
    limit: int | None,
    expected: str,
) -> None:
    """Without a start the last ``limit`` intervals, 500 of them unless said; the end is now."""
    await paper.client.get_klines("BTC", "1m", start, end, limit)
    assert paper.asked[-1] == f"klines BTCUSDT 1m {expected}"


async def test_the_newest_funding_whatever_the_interval(paper: Paper) -> None:
    """Hourly settlements: a window for 8-hourly ones is asked for, its last rows are given."""
    newest = await paper.client.get_funding_rate_history("BTC", limit=3)
    assert paper.asked[-1] == "funding history 30 12:00 31 12:00 None"
    assert [row.timestamp for row in newest] == [NOON - hour * HOUR for hour in (3, 2, 1)]
    since = await paper.client.get_funding_rate_history("BTC", NOON - 5 * HOUR, NOON, 2)
    assert paper.asked[-1] == "funding history 31 07:00 31 12:00 2"
    assert [row.timestamp for row in since] == [NOON - 5 * HOUR, NOON - 4 * HOUR]


async def test_aggregated_trades_of_the_last_hour(paper: Paper) -> None:
    """Unless a start is given."""
    found = await paper.client.get_aggregated_trades("BTC", end_time=NOON)
    assert paper.asked[-1] == "aggregated 31 11:00 31 12:00 500"
    assert [row.id for row in found] == ["7"]
    await paper.client.get_aggregated_trades("BTC", NOON - 3 * HOUR, NOON, 9)
    assert paper.asked[-1] == "aggregated 31 09:00 31 12:00 9"


async def test_a_window_never_begins_before_1970() -> None:
    """A million weeks back is further than there is a calendar."""
    paper = Paper(replace(FULL, intervals=("1w",)))
    await paper.client.get_klines("BTC", "1w", limit=1_000_000)
    assert paper.asked[-1] == "klines BTCUSDT 1w 01 00:00 31 12:00 1000000"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda c: c.get_orderbook("BTC", 0), "depth: 0 is not accepted; use 1 to 10"),
        (lambda c: c.get_orderbook("BTC", 11), "depth: 11 is not accepted; use 1 to 10"),
        (lambda c: c.get_recent_trades("BTC", 0), "limit: 0 is not accepted; use 1"),
        (lambda c: c.get_klines("BTC", "1m", limit=-1), "limit: -1 is not accepted"),
        (lambda c: c.get_klines("BTC", "1m", limit=10**9), "limit: 1000000000 is not accepted"),
        (lambda c: c.get_klines("BTC", "7m"), "interval: '7m' is not accepted; use one of 1m, 1h"),
        (lambda c: c.get_klines("BTC", "5m"), "interval: '5m' is not accepted; use one of 1m, 1h"),
        (lambda c: c.get_klines("BTC", "1m", NOON, NOON), "start_time: .* use one before"),
        (lambda c: c.get_klines("BTC", "1m", READ + HOUR), "start_time: .* use one before"),
        (
            lambda c: c.get_funding_rate_history("BTC", datetime(2026, 1, 1)),  # noqa: DTZ001 - it must be refused
            "start_time: '2026-01-01T00:00:00' is not accepted; give it a time zone",
        ),
        (lambda c: c.get_funding_rate_history("BTC", limit=0), "limit: 0 is not accepted"),
        (lambda c: c.get_aggregated_trades("BTC", limit=0), "limit: 0 is not accepted"),
    ],
)
async def test_bad_input_is_told_before_anything_is_asked(
    paper: Paper, call: Call, message: str
) -> None:
    """The field, the value and the remedy; no request is spent."""
    with pytest.raises(BadInput, match=message):
        await call(paper.client)
    assert paper.asked == []


@pytest.mark.parametrize(
    ("call", "what"),
    [
        (lambda c: c.get_recent_trades("BTC", 1), "recent trades"),
        (lambda c: c.get_aggregated_trades("BTC"), "aggregated trades"),
        (lambda c: c.get_klines("BTC", "1m"), "klines"),
        (lambda c: c.get_funding_rate("BTC"), "funding rates"),
        (lambda c: c.get_funding_rate_history("BTC"), "the history of funding rates"),
        (lambda c: c.get_open_interest("BTC"), "open interest"),
        (lambda c: c.get_market_stats("BTC"), "market statistics"),
        (lambda c: c.get_all_market_stats(), "statistics of all markets"),
    ],
)
async def test_what_an_exchange_does_not_offer_is_said(call: Call, what: str) -> None:
    """By name, without a request."""
    bare = Paper(BARE)
    with pytest.raises(NotOffered, match=f"^bare: does not offer {what}$"):
        await call(bare.client)
    assert bare.asked == []


@pytest.mark.parametrize("failure", [Refused("-1121", "Invalid symbol."), Unreadable("no price")])
async def test_errors_say_which_exchange(failure: ExchangeError) -> None:
    """Whatever fails while a flow runs."""

    async def send(_ask: Ask) -> Answer:
        raise failure

    client = ExchangeClient(FULL, send, now=lambda: READ)
    with pytest.raises(type(failure)) as caught:
        await client.get_ticker("BTC")
    assert str(caught.value).startswith("paper: ")


def spoilt(_market: Market, _limit: int) -> Flow[list[Trade]]:
    """The second of two rows cannot be read."""
    raws = [msgspec.Raw(b"1"), msgspec.Raw(b'"x"')]
    yield from rows(raws, int)
    return []


async def test_a_bad_row_is_reported_under_the_exchanges_name() -> None:
    """The list goes on; without a report it would be an error."""
    exchange = replace(FULL, trades=spoilt)
    paper = Paper(exchange)
    assert await paper.client.get_recent_trades("BTC", 1) == []
    assert [str(row).split(";")[0] for row in paper.bad] == [
        "paper: unreadable answer: row 1: Expected `int`, got `str`"
    ]

    async def send(_ask: Ask) -> Answer:
        return b""

    with pytest.raises(Unreadable, match=r"^paper: "):
        await ExchangeClient(exchange, send, now=lambda: READ).get_recent_trades("BTC", 1)


async def test_a_coin_goes_by_our_name() -> None:
    """XBT is BTC where the exchange says so."""
    exchange = replace(FULL, aliases={"ETH": "ETHER"})
    client = Paper(exchange).client
    market = await client.get_market("ETHER")
    assert (market.native, market.base, market.contract) == (
        "ETHUSDT",
        "ETHER",
        "ETHER-USDT-PERP",
    )
