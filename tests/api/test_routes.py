"""Every resource answers known rows with exact values."""

import pytest
from msgspec import structs

from perps_stats.api import answers
from perps_stats.api.resources import RESOURCES
from perps_stats.database.repository import PostgresRepository

from .conftest import Ask
from .expected import ANSWERS, BOOK, COVERAGE, FOUND, STREAM
from .rows import GAP, at
from .rows import TICKER as KNOWN_TICKER


@pytest.mark.usefixtures("stored")
async def test_rows_are_answered_exactly(ask: Ask) -> None:
    """Every field is there, exact as stored; unknown is null; simulated data says so."""
    for path, record in ANSWERS:
        reply = await ask(f"/api/v1/{path}")
        time = record.get("timestamp") or record.get("open_time") or record["start_time"]
        assert (reply.status, reply.headers["Content-Type"]) == (200, "application/json"), path
        assert reply.data == [record], path
        assert list(reply.data[0]) == list(record), path
        assert {**reply.meta, "units": {}} == {
            "as_of": time,
            "served_at": "2026-03-01T13:00:00.000000Z",
            "next": None,
            "units": {},
            "simulated": True,
        }, path


@pytest.mark.usefixtures("stored")
async def test_coverage_is_answered_exactly(ask: Ask) -> None:
    """Of series with every hole, of streams in seconds: what the command tells."""
    series = await ask("/api/v1/coverage?data=klines&end=2026-03-01T14:00Z")
    assert (series.data, series.meta["as_of"]) == ([COVERAGE], COVERAGE["last"])
    streams = await ask("/api/v1/coverage/streams?end=2026-03-01T12:00:20Z")
    assert streams.data == [STREAM]
    seconds = ("verified", "unverifiable", "in_gaps", "not_collected")
    assert streams.meta["units"] == {**dict.fromkeys(seconds, "seconds"), "gap_pct": "fraction"}


@pytest.mark.parametrize("at_once", [1, 20])
async def test_coverage_of_all_markets_comes_in_pages(
    ask: Ask, stored: PostgresRepository, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """Market by market, whether or not one has anything: each stream once, in order."""
    monkeypatch.setattr(answers, "MARKETS_AT_ONCE", at_once)
    for symbol in ("ETH", "BTC-USDC-PERP"):
        await stored.store_gap(structs.replace(GAP, symbol=symbol))
    found: list[object] = []
    path = asked = "/api/v1/coverage/streams?by=stream&limit=1"
    while path:
        reply = await ask(path)
        assert len(reply.data) == 1
        found += [row["symbol"] for row in reply.data]
        path = f"{asked}&cursor={reply.meta['next']}" if reply.meta["next"] else ""
    assert found == ["BTC", "BTC-USDC-PERP", "ETH"]


@pytest.mark.usefixtures("stored")
async def test_coverage_comes_in_pages(ask: Ask) -> None:
    """Each day of a stream once, in order; the span is that of the first page."""
    asked = "/api/v1/coverage/streams?start=2026-02-20&end=2026-03-02&limit=4"
    found: list[object] = []
    path = asked
    while path:
        reply = await ask(path)
        found += [row["start"] for row in reply.data]
        path = f"{asked}&cursor={reply.meta['next']}" if reply.meta["next"] else ""
    days = [*range(20, 29), 1]
    assert found == [f"2026-{2 if day > 1 else 3:02}-{day:02}T00:00:00.000000Z" for day in days]


@pytest.mark.usefixtures("stored")
async def test_liquidity_of_a_demo_is_marked_as_simulated(ask: Ask) -> None:
    """The acceptance question: bands that are not null, and the mark beside them."""
    reply = await ask("/api/v1/liquidity?symbol=BTC")
    assert reply.data[0]["bid_1bps"] == "123456.78901"
    assert (reply.data[0]["simulated"], reply.meta["simulated"]) == (True, True)


@pytest.mark.usefixtures("stored")
async def test_every_quantity_has_its_unit(ask: Ask) -> None:
    """Units are those of the specification: DESIGN 5."""
    liquidity = (await ask("/api/v1/liquidity")).meta["units"]
    book = (await ask("/api/v1/orderbooks")).meta["units"]
    slippage = (await ask("/api/v1/slippage")).meta["units"]
    funding = (await ask("/api/v1/funding-rates")).meta["units"]
    assert isinstance(liquidity, dict)
    assert isinstance(slippage, dict)
    assert (liquidity["bid_2_5bps"], liquidity["reach_ask_bps"]) == ("quote", "bps")
    assert book == {
        "bids.price": "quote/base",
        "bids.quantity": "base",
        "asks.price": "quote/base",
        "asks.quantity": "base",
    }
    assert (slippage["slippage_bps"], slippage["slippage_pct"]) == ("bps", "fraction")
    assert funding == {
        "funding_rate": "fraction",
        "predicted_rate": "fraction",
        "funding_interval": "hours",
        "funding_rate_cap_floor": "fraction",
        "funding_rate_floor": "fraction",
    }


@pytest.mark.usefixtures("stored")
async def test_exchanges_tell_what_they_offer(ask: Ask) -> None:
    """One that is stored and no longer read is listed too."""
    binance, kucoin = (await ask("/api/v1/exchanges")).data
    assert (binance["exchange"], binance["simulated"], binance["markets"]) == ("binance", True, 3)
    assert binance["quotes"] == ["USDT", "USDC"]
    assert kucoin == {
        "exchange": "kucoin",
        "simulated": False,
        "markets": 1,
        "offers": [],
        "streams": [],
        "intervals": [],
        "quotes": [],
        "max_depth": None,
    }


@pytest.mark.usefixtures("stored")
async def test_symbols_tell_every_name_of_a_market(ask: Ask) -> None:
    """The five forms of DESIGN 6."""
    reply = await ask("/api/v1/symbols?symbol=BTCUSDC")
    assert reply.data == [
        {
            "exchange": "binance",
            "symbol": "BTC-USDC-PERP",
            "contract": "BTC-USDC-PERP",
            "native": "BTCUSDC",
            "ccxt": "BTC/USDC:USDC",
            "full": "binance:BTC-USDC-PERP",
            "base": "BTC",
            "quote": "USDC",
            "multiplier": "1",
            "simulated": True,
        }
    ]


@pytest.mark.usefixtures("stored")
async def test_markets_are_listed_in_order(ask: Ask) -> None:
    """By exchange and symbol; small decimals are written out."""
    reply = await ask("/api/v1/markets")
    assert [(row["exchange"], row["symbol"]) for row in reply.data] == [
        ("binance", "BTC"),
        ("binance", "BTC-USDC-PERP"),
        ("binance", "ETH"),
        ("kucoin", "BTC"),
    ]
    assert (reply.data[0]["tick_size"], reply.data[0]["lot_size"]) == ("0.10", "0.00000001")
    assert (reply.data[0]["maker_fee"], reply.data[3]["simulated"]) == (None, False)


@pytest.mark.usefixtures("stored")
async def test_stats_count_each_data_set(ask: Ask) -> None:
    """With the time of the newest row, and its age."""
    reply = await ask("/api/v1/stats")
    trades = next(row for row in reply.data if row["data_set"] == "trades")
    assert len(reply.data) == 11
    assert all(row["rows"] == 1 for row in reply.data)
    assert trades["first"] == trades["last"] == "2026-03-01T12:00:00.123000Z"
    assert trades["age_seconds"] == 3599.877
    assert reply.meta["as_of"] == "2026-03-01T12:00:10.000000Z"


async def test_nothing_stored_is_an_empty_answer(ask: Ask) -> None:
    """Where no market is known yet, no symbol can be called unknown."""
    reply = await ask("/api/v1/liquidity?symbol=BTC")
    assert (reply.status, reply.data, reply.meta["as_of"]) == (200, [], None)


@pytest.mark.usefixtures("stored")
async def test_numbers_on_request(ask: Ask) -> None:
    """Every digit is still there, without quotes."""
    reply = await ask("/api/v1/orderbooks?numbers=float")
    assert b'{"price":61659.70,"quantity":0.00000001}' in reply.text
    assert b'"last_price":61659.70,' in (await ask("/api/v1/tickers?numbers=float")).text


@pytest.mark.usefixtures("stored")
async def test_depth_cuts_a_book(ask: Ask) -> None:
    """What was cut is no longer the whole book."""
    cut = (await ask("/api/v1/orderbooks?depth=1")).data[0]
    whole = (await ask("/api/v1/orderbooks/history?depth=2")).data[0]
    assert (cut["asks"], cut["complete"]) == ([{"price": "61659.80", "quantity": "2.50"}], False)
    assert (whole["asks"], whole["complete"]) == (BOOK["asks"], True)


@pytest.mark.usefixtures("stored")
async def test_filters(ask: Ask) -> None:
    """Any form of a symbol, lists by comma or repetition, half-open spans."""
    assert {path: len((await ask(f"/api/v1/{path}")).data) for path in FOUND} == FOUND


@pytest.mark.usefixtures("stored")
async def test_an_unchanged_answer_is_not_sent_again(ask: Ask) -> None:
    """The tag stands for what is said, not for when."""
    for resource in RESOURCES:
        path = f"/api/v1/{resource.path}"
        first = await ask(path)
        again = await ask(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status, again.text) == (304, b""), path
        assert again.headers["ETag"] == first.headers["ETag"], path


async def test_a_changed_answer_has_another_tag(ask: Ask, stored: PostgresRepository) -> None:
    """A new row is a new answer."""
    before = (await ask("/api/v1/tickers/history")).headers["ETag"]
    await stored.store_tickers([structs.replace(KNOWN_TICKER, timestamp=at(100))])
    after = await ask("/api/v1/tickers/history", headers={"If-None-Match": before})
    assert (after.status, after.headers["ETag"] != before) == (200, True)


@pytest.mark.usefixtures("stored")
async def test_head_is_get_without_a_body(ask: Ask) -> None:
    """The same status and headers."""
    got, head = await ask("/api/v1/tickers"), await ask("/api/v1/tickers", method="HEAD")
    assert (head.status, head.text) == (200, b"")
    assert head.headers["ETag"] == got.headers["ETag"]
