"""A simulated KuCoin's REST over real sockets: every question, its fields, its refusals."""

from decimal import Context, Decimal
from itertools import pairwise

import pytest

from perps_stats.sim.facts import Span

from .kucoin_wire import BTC, ETH, HERE, USD, ask, market, told
from .wire import NOON, Clock

HOUR_MS, MINUTE_MS, NS = 3_600_000, 60_000, 1_000_000
LATEST = Span(None, None, 1)
WEIGHTS = [
    ("contracts/active", {}, 3),
    (f"contracts/{BTC}", {}, 3),
    ("ticker", {"symbol": BTC}, 2),
    ("allTickers", {}, 5),
    ("level2/snapshot", {"symbol": BTC}, 3),
    ("level2/depth20", {"symbol": BTC}, 5),
    ("level2/depth100", {"symbol": BTC}, 5),
    ("trade/history", {"symbol": BTC}, 5),
    ("kline/query", {"symbol": BTC, "granularity": 1}, 3),
    (f"mark-price/{BTC}/current", {}, 3),
    (f"funding-rate/{BTC}/current", {}, 2),
    ("contract/funding-rates", {"symbol": BTC, "from_": 1, "to": HERE}, 5),
    ("timestamp", {}, 2),
]
REFUSALS: list[tuple[str, dict[str, object], int, str]] = [
    ("ticker", {"symbol": "NO"}, 200, "200003"),
    ("ticker", {}, 200, "400100"),
    ("ticker", {"symbol": "LUNAUSDTM"}, 200, "200003"),
    ("contracts/NO", {}, 200, "404000"),
    ("mark-price/NO/current", {}, 200, "415000"),
    ("funding-rate/NO/current", {}, 200, "415000"),
    ("funding-rate/XBTMZ26/current", {}, 200, "415000"),
    ("level2/snapshot", {"symbol": "NO"}, 200, "200003"),
    ("level2/depth50", {"symbol": BTC}, 404, "404"),
    ("trade/history", {"symbol": "NO"}, 200, "200003"),
    ("kline/query", {"symbol": BTC, "granularity": 3}, 200, "400100"),
    ("kline/query", {"symbol": BTC}, 200, "400100"),
    ("contract/funding-rates", {"symbol": BTC}, 200, "400100"),
    ("contract/funding-rates", {"symbol": BTC, "from_": 1}, 200, "400100"),
    ("nothing", {}, 404, "404"),
    ("bullet-public", {}, 404, "404"),
]


@pytest.mark.parametrize(("path", "query", "weight"), WEIGHTS)
async def test_every_question_has_its_weight(
    path: str, query: dict[str, object], weight: int
) -> None:
    """Taken from a pool of 2000; the headers say what is left, and for how long it is counted."""
    async with market() as client:
        reply = await ask(client, path, **query)
        assert (reply.status, reply.json()["code"]) == (200, "200000")
        assert reply.headers["gw-ratelimit-limit"] == "2000"
        assert reply.headers["gw-ratelimit-remaining"] == str(2000 - weight)
        assert reply.headers["gw-ratelimit-reset"] == str(30_000 - HERE % 30_000)


@pytest.mark.parametrize(("path", "query", "status", "code"), REFUSALS)
async def test_refusals(path: str, query: dict[str, object], status: int, code: str) -> None:
    """Most come with HTTP 200: only the code tells them from an answer."""
    async with market() as client:
        reply = await ask(client, path, **query)
        assert (reply.status, reply.json()["code"]) == (status, code)
        assert "data" not in reply.json()
        assert reply.json()["msg"]


async def test_too_many_requests() -> None:
    """400 books at 5 fit in a window; the next is told when it ends; then all is well again."""
    clock = Clock(NOON + 1000)
    async with market(clock) as client:
        for _ in range(400):
            await told(client, "level2/depth20", symbol=BTC)
        reply = await ask(client, "timestamp")
        assert (reply.status, reply.json()["code"]) == (429, "429000")
        assert reply.headers["gw-ratelimit-remaining"] == "0"
        assert reply.headers["gw-ratelimit-reset"] == "29000"
        clock.now = NOON + 30_000
        assert await told(client, "timestamp") == NOON + 30_000


async def test_told_to_slow_down_by_a_fault() -> None:
    """The window is said to end after the fault's seconds."""
    async with market(faults=("429:timestamp:1:7",)) as client:
        reply = await ask(client, "timestamp")
        assert (reply.status, reply.json()["code"]) == (429, "429000")
        assert reply.headers["gw-ratelimit-reset"] == "7000"
        assert await told(client, "timestamp") == HERE


async def test_what_is_listed() -> None:
    """XBT for BTC; a thousand PEPE; USDC; an inverse, a dated and a paused contract."""
    async with market() as client:
        rows = await told(client, "contracts/active")
    assert [
        (row["symbol"], row["baseCurrency"], row["settleCurrency"], row["type"], row["status"])
        for row in rows
    ] == [
        ("XBTUSDTM", "XBT", "USDT", "FFWCSX", "Open"),
        ("ETHUSDTM", "ETH", "USDT", "FFWCSX", "Open"),
        ("1000PEPEUSDTM", "1000PEPE", "USDT", "FFWCSX", "Open"),
        ("XBTUSDCM", "XBT", "USDC", "FFWCSX", "Open"),
        ("XBTUSDM", "XBT", "XBT", "FFWCSX", "Open"),
        ("XBTMZ26", "XBT", "XBT", "FFICSX", "Open"),
        ("LUNAUSDTM", "LUNA", "USDT", "FFWCSX", "Paused"),
    ]
    assert [(row["multiplier"], row["isInverse"]) for row in rows[:6]] == [
        (0.001, False),
        (0.01, False),
        (10, False),
        (0.001, False),
        (-1, True),
        (-1, True),
    ]
    hours = [
        row["fundingRateGranularity"] and row["fundingRateGranularity"] / HOUR_MS for row in rows
    ]
    assert hours == [8, 8, 4, 1, 8, None, None]


async def test_a_contract() -> None:
    """Lots as text, prices as numbers, the countdown beside the time of the settlement."""
    async with market() as client:
        row = await told(client, f"contracts/{BTC}")
        source = client.venue.source(BTC)
        day, mark, (held, _) = source.day(), source.mark(), source.open_interest()
    assert isinstance(row["openInterest"], str)
    assert int(row["openInterest"]) * Decimal("0.001") == Decimal(held)
    assert (row["lastTradePrice"], row["highPrice"]) == (float(day.last), float(day.high))
    assert (row["volumeOf24h"], row["turnoverOf24h"]) == (float(day.volume), float(day.turnover))
    assert row["priceChgPct"] == round(float(day.change_pct) / 100, 4)
    assert row["nextFundingRateDateTime"] == NOON + 4 * HOUR_MS
    assert row["nextFundingRateTime"] == NOON + 4 * HOUR_MS - HERE
    assert row["fundingFeeRate"] == float(mark.rate)
    assert (row["tickSize"], row["predictedFundingFeeRate"]) == (0.1, None)


async def test_an_inverse_contract() -> None:
    """Volume in dollars, turnover in coins: their ratio is a price of the day."""
    async with market() as client:
        row = await told(client, f"contracts/{USD}")
        source = client.venue.source(USD)
        day, (held, _), mark = source.day(), source.open_interest(), source.mark()
    price = row["volumeOf24h"] / row["turnoverOf24h"]
    assert row["lowPrice"] <= price <= row["highPrice"]
    assert (float(day.volume), float(day.turnover)) == (row["turnoverOf24h"], row["volumeOf24h"])
    coins = Context(prec=15).divide(Decimal(row["openInterest"]), Decimal(mark.mark))
    assert Decimal(held) == coins


async def test_the_rate_right_after_a_settlement() -> None:
    """For a minute it is the settled one."""
    clock = Clock(NOON + 4 * HOUR_MS + 20_000)
    async with market(clock) as client:
        row = await told(client, f"contracts/{BTC}")
        (settled,) = client.venue.source(BTC).settlements(LATEST)
        assert settled.time == NOON + 4 * HOUR_MS
        assert row["fundingFeeRate"] == float(settled.rate)
        assert row["nextFundingRateDateTime"] == NOON + 12 * HOUR_MS


async def test_tickers() -> None:
    """The last trade at its time in nanoseconds, the top in lots; only of what trades."""
    async with market() as client:
        row = await told(client, "ticker", symbol=BTC)
        trades = await told(client, "trade/history", symbol=BTC)
        book = await told(client, "level2/depth20", symbol=BTC)
        rows = await told(client, "allTickers")
    newest = trades[0]
    for name in ("price", "size", "side", "tradeId", "ts"):
        assert row[name] == newest[name], name
    assert isinstance(row["bestBidPrice"], str)
    assert [float(row["bestBidPrice"]), row["bestBidSize"]] == book["bids"][0]
    assert [float(row["bestAskPrice"]), row["bestAskSize"]] == book["asks"][0]
    assert (row, len(rows)) == (rows[0], 6)


async def test_books() -> None:
    """Numbers; the whole one begins like its parts, at one sequence."""
    async with market() as client:
        books = [
            await told(client, f"level2/{name}", symbol=ETH)
            for name in ("depth20", "depth100", "snapshot")
        ]
        truth = client.truth(ETH)
    twenty, hundred, whole = books
    assert (len(twenty["bids"]), len(hundred["asks"])) == (20, 100)
    assert whole["bids"][:20] == twenty["bids"]
    assert {book["sequence"] for book in books} == {truth.last_update_id}
    assert whole["ts"] == HERE * NS
    levels = [(Decimal(str(price)), lots * Decimal("0.01")) for price, lots in whole["asks"]]
    assert levels == list(truth.asks)


async def test_the_book_of_an_inverse_contract_is_exact() -> None:
    """Dollars over the price of their level, to 15 digits, is what the truth says."""
    async with market() as client:
        book = await told(client, "level2/snapshot", symbol=USD)
        truth = client.truth(USD)
    divide = Context(prec=15).divide
    prices = [(Decimal(str(price)), lots) for price, lots in book["bids"]]
    assert [(price, divide(Decimal(lots), price)) for price, lots in prices] == list(truth.bids)


async def test_trades() -> None:
    """A hundred, newest first; price as text, lots, nanoseconds."""
    async with market() as client:
        rows = await told(client, "trade/history", symbol=BTC)
    assert len(rows) == 100
    assert all(
        a["ts"] >= b["ts"] and int(a["tradeId"]) > int(b["tradeId"]) for a, b in pairwise(rows)
    )
    assert isinstance(rows[0]["price"], str)
    assert isinstance(rows[0]["size"], int)
    assert {row["side"] for row in rows} == {"buy", "sell"}
    assert rows[0]["ts"] <= HERE * NS


async def test_candles() -> None:
    """Ascending, at most 500, lots before turnover; the running one is there."""
    async with market() as client:
        query = {"symbol": BTC, "granularity": 1}
        start = HERE - 600 * MINUTE_MS
        rows = await told(client, "kline/query", **query, from_=start, to=HERE)
        last = await told(client, "kline/query", **query, from_=HERE - 2 * MINUTE_MS, to=HERE)
        hours = await told(client, "kline/query", symbol=BTC, granularity=60, from_=start, to=HERE)
        (bar,) = client.venue.source(BTC).bars("1m", Span(NOON, NOON, 1))
    assert len(rows) == 500
    assert all(b[0] - a[0] == MINUTE_MS for a, b in pairwise(rows))
    assert rows[0][0] >= start
    assert [row[0] for row in last] == [NOON, NOON + MINUTE_MS]
    opened, high, low, close, lots, turnover = last[0][1:]
    assert [opened, high, low, close] == [
        float(x) for x in (bar.open, bar.high, bar.low, bar.close)
    ]
    assert lots * Decimal("0.001") == Decimal(bar.volume)
    assert turnover == float(bar.turnover)
    assert all(b[0] - a[0] == HOUR_MS for a, b in pairwise(hours))


async def test_an_interval_without_trades_is_left_out() -> None:
    """Of a contract that is paused there are none at all."""
    async with market() as client:
        rows = await told(
            client, "kline/query", symbol="LUNAUSDTM", granularity=60, from_=1, to=HERE
        )
    assert rows == []


async def test_mark_and_funding() -> None:
    """Under the names of their indices; the running period begins and ends on its hours."""
    async with market() as client:
        mark = await told(client, f"mark-price/{BTC}/current")
        rate = await told(client, f"funding-rate/{BTC}/current")
        fact = client.venue.source(BTC).mark()
    assert (mark["value"], mark["indexPrice"]) == (float(fact.mark), float(fact.index))
    assert mark["timePoint"] == HERE - HERE % 1000
    assert rate["symbol"] == ".XBTUSDTMFPI8H"
    assert rate["value"] == float(fact.rate)
    assert (rate["timePoint"], rate["fundingTime"]) == (NOON - 4 * HOUR_MS, NOON + 4 * HOUR_MS)
    assert (rate["granularity"], rate["fundingRateFloor"]) == (8 * HOUR_MS, -0.003)


async def test_settled_funding() -> None:
    """The newest hundred of what is asked for, newest first, on the full hour."""
    async with market() as client:
        start = HERE - 150 * 8 * HOUR_MS
        rows = await told(client, "contract/funding-rates", symbol=BTC, from_=start, to=HERE)
        older = await told(
            client,
            "contract/funding-rates",
            symbol=BTC,
            from_=start,
            to=rows[-1]["timepoint"] - 1,
        )
        dated = await told(client, "contract/funding-rates", symbol="XBTMZ26", from_=1, to=HERE)
    assert len(rows) == 100
    assert rows[0]["timepoint"] == NOON - 4 * HOUR_MS
    every = rows + older
    assert all(a["timepoint"] - b["timepoint"] == 8 * HOUR_MS for a, b in pairwise(every))
    assert len(every) == 150
    assert dated == []


async def test_a_page_and_a_server_error() -> None:
    """Faults hit this venue as they do any other."""
    async with market(faults=("html:ticker:1", "http500:ticker:2")) as client:
        page = await ask(client, "ticker", symbol=BTC)
        assert page.headers["Content-Type"].startswith("text/html")
        broken = await ask(client, "ticker", symbol=BTC)
        assert broken.status == 500
        await told(client, "ticker", symbol=BTC)
