"""REST over real sockets: every question, its fields, its weight, its refusals."""

import re
from contextlib import AbstractAsyncContextManager
from decimal import Decimal

import pytest

from .wire import NOON, Client, Clock, Json, simulated

HOUR_MS = 3_600_000
PERPETUALS = {"BTCUSDT", "ETHUSDT", "1000PEPEUSDT", "BTCUSDC"}
QUARTER = "BTCUSDT_260327"
WEIGHTS: list[tuple[str, dict[str, object], int]] = [
    ("ping", {}, 1),
    ("time", {}, 1),
    ("exchangeInfo", {}, 1),
    ("ticker/24hr", {"symbol": "BTCUSDT"}, 1),
    ("ticker/24hr", {}, 40),
    ("ticker/bookTicker", {"symbol": "BTCUSDT"}, 2),
    ("ticker/bookTicker", {}, 5),
    ("premiumIndex", {"symbol": "BTCUSDT"}, 1),
    ("premiumIndex", {}, 10),
    ("fundingInfo", {}, 0),
    ("fundingRate", {"symbol": "BTCUSDT"}, 0),
    ("openInterest", {"symbol": "BTCUSDT"}, 1),
    ("depth", {"symbol": "BTCUSDT", "limit": 50}, 2),
    ("depth", {"symbol": "BTCUSDT", "limit": 100}, 5),
    ("depth", {"symbol": "BTCUSDT"}, 10),
    ("depth", {"symbol": "BTCUSDT", "limit": 1000}, 20),
    ("klines", {"symbol": "BTCUSDT", "interval": "1m", "limit": 99}, 1),
    ("klines", {"symbol": "BTCUSDT", "interval": "1m", "limit": 100}, 2),
    ("klines", {"symbol": "BTCUSDT", "interval": "1m"}, 5),
    ("klines", {"symbol": "BTCUSDT", "interval": "1m", "limit": 1000}, 5),
    ("klines", {"symbol": "BTCUSDT", "interval": "1m", "limit": 1001}, 10),
    ("trades", {"symbol": "BTCUSDT"}, 5),
    ("aggTrades", {"symbol": "BTCUSDT"}, 20),
]
REFUSALS: list[tuple[str, dict[str, object], int]] = [
    ("depth", {"symbol": "NOSUCH"}, -1121),
    ("depth", {}, -1102),
    ("depth", {"symbol": ""}, -1102),
    ("depth", {"symbol": "BTCUSDT", "limit": 7}, -4021),
    ("depth", {"symbol": "BTCUSDT", "limit": 0}, -4021),
    ("klines", {"symbol": "BTCUSDT"}, -1102),
    ("klines", {"symbol": "BTCUSDT", "interval": "7m"}, -1120),
    ("klines", {"symbol": "BTCUSDT", "interval": "1m", "limit": 1501}, -1130),
    ("klines", {"symbol": "BTCUSDT", "interval": "1m", "startTime": "x"}, -1100),
    ("trades", {"symbol": "BTCUSDT", "limit": 1001}, -1130),
    ("ticker/24hr", {"symbol": "btcusdt"}, -1121),
    ("fundingRate", {"symbol": "NOSUCH"}, -1121),
]
NUMBER = re.compile(r"-?\d+(\.\d+)?")


def are_numbers(row: Json, *names: str) -> bool:
    """Whether these fields are decimal text, as prices and quantities are on the wire."""
    return all(isinstance(row[name], str) and NUMBER.fullmatch(row[name]) for name in names)


def market() -> AbstractAsyncContextManager[Client]:
    return simulated(symbols=("BTC", "ETH"), clock=Clock(NOON + 34_567))


async def test_the_list_of_markets_has_the_oddities_of_the_real_one() -> None:
    """Perpetuals, a multiplied and a USDC symbol, a dated contract, one that is settling."""
    async with market() as client:
        info = await client.rows("exchangeInfo")
    rows = {row["symbol"]: row for row in info["symbols"]}
    assert set(rows) == PERPETUALS | {QUARTER, "BTCSTUSDT"}
    assert {s for s, row in rows.items() if row["contractType"] == "PERPETUAL"} == PERPETUALS | {
        "BTCSTUSDT"
    }
    assert rows["BTCSTUSDT"]["status"] == "SETTLING"
    assert rows["1000PEPEUSDT"]["baseAsset"] == "1000PEPE"
    assert rows["BTCUSDC"]["quoteAsset"] == rows["BTCUSDC"]["marginAsset"] == "USDC"
    assert rows[QUARTER]["deliveryDate"] == 1_774_598_400_000  # 2026-03-27 08:00 UTC, a Friday
    filters = {f["filterType"]: f for f in rows["BTCUSDT"]["filters"]}
    assert filters["PRICE_FILTER"]["tickSize"] == "0.10"
    assert rows["BTCUSDT"]["pricePrecision"] == 2
    assert filters["LOT_SIZE"]["stepSize"] == "0.001"
    assert filters["MIN_NOTIONAL"]["notional"] == "5"


async def test_tickers_of_one_and_of_all() -> None:
    """24-hour figures are text, times and ids are numbers, and nobody says bid or ask."""
    async with market() as client:
        rows = await client.rows("ticker/24hr")
        one = await client.rows("ticker/24hr", symbol="ETHUSDT")
    assert {row["symbol"] for row in rows} == PERPETUALS | {QUARTER, "BTCSTUSDT"}
    assert one == next(row for row in rows if row["symbol"] == "ETHUSDT")
    assert are_numbers(one, "priceChange", "priceChangePercent", "weightedAvgPrice", "lastPrice")
    assert are_numbers(one, "lastQty", "openPrice", "highPrice", "lowPrice", "volume")
    assert one["closeTime"] == NOON + 34_567
    assert one["lastId"] - one["firstId"] + 1 >= one["count"] > 0
    percent = Decimal(one["priceChange"]) / Decimal(one["openPrice"]) * 100
    assert abs(percent - Decimal(one["priceChangePercent"])) < Decimal("0.001")
    assert "bidPrice" not in one


async def test_the_best_prices_are_the_books() -> None:
    """The bookTicker says what depth has on top; who settled quotes zeroes."""
    async with market() as client:
        tops = {row["symbol"]: row for row in await client.rows("ticker/bookTicker")}
        top = await client.rows("ticker/bookTicker", symbol="BTCUSDT")
        truth = client.truth("BTCUSDT")
    assert set(tops) == PERPETUALS | {QUARTER, "BTCSTUSDT"}
    assert (Decimal(top["bidPrice"]), Decimal(top["bidQty"])) == truth.bids[0]
    assert (Decimal(top["askPrice"]), Decimal(top["askQty"])) == truth.asks[0]
    assert top["lastUpdateId"] == truth.last_update_id
    assert Decimal(tops["BTCSTUSDT"]["bidPrice"]) == 0


async def test_marks_and_running_funding() -> None:
    """Perpetuals have a rate and its time; the dated contract has none."""
    async with market() as client:
        rows = {row["symbol"]: row for row in await client.rows("premiumIndex")}
        one = await client.rows("premiumIndex", symbol="BTCUSDT")
    assert are_numbers(one, "markPrice", "indexPrice", "estimatedSettlePrice", "lastFundingRate")
    assert one["nextFundingTime"] == NOON + 4 * HOUR_MS  # 16:00 UTC
    assert rows["1000PEPEUSDT"]["nextFundingTime"] == NOON + 4 * HOUR_MS  # every four hours
    assert rows[QUARTER]["lastFundingRate"] == ""
    assert rows[QUARTER]["nextFundingTime"] == 0


async def test_funding_info_lists_adjusted_symbols_only() -> None:
    """BTCUSDT has the usual 8 hours and is missing."""
    async with market() as client:
        rows = await client.rows("fundingInfo")
    assert [(row["symbol"], row["fundingIntervalHours"]) for row in rows] == [("1000PEPEUSDT", 4)]
    assert rows[0]["adjustedFundingRateCap"] == "0.02000000"
    assert rows[0]["adjustedFundingRateFloor"] == "-0.02000000"


async def test_funding_history_pages() -> None:
    """Ascending, 100 unless asked, at most 1000; a page begins where the last ended."""
    async with market() as client:
        rows = await client.rows("fundingRate", symbol="BTCUSDT")
        assert len(rows) == 100
        times = [row["fundingTime"] for row in rows]
        assert times == sorted(times)
        assert set(rows[0]) == {"symbol", "fundingTime", "fundingRate", "markPrice"}
        page = await client.rows("fundingRate", symbol="BTCUSDT", startTime=times[0], limit=50)
        rest = await client.rows(
            "fundingRate", symbol="BTCUSDT", startTime=page[-1]["fundingTime"] + 1, limit=1000
        )
        assert page + rest == rows
        assert len(await client.rows("fundingRate", symbol="BTCUSDT", startTime=0, limit=1000)) == (
            1000
        )
        every = await client.rows("fundingRate", limit=9)
        assert {row["symbol"] for row in every} == PERPETUALS
        assert await client.rows("fundingRate", symbol=QUARTER) == []


async def test_open_interest_needs_a_symbol() -> None:
    """One number in base coin; there is no form for all, and none for what settled."""
    async with market() as client:
        row = await client.rows("openInterest", symbol="BTCUSDT")
        assert are_numbers(row, "openInterest")
        assert row["time"] == NOON + 34_567
        assert (await client.ask("openInterest")).json()["code"] == -1102
        assert (await client.ask("openInterest", symbol="BTCSTUSDT")).status == 400


@pytest.mark.parametrize("limit", [5, 10, 20, 50, 100, 500, 1000])
async def test_depth_gives_the_levels_asked_for(limit: int) -> None:
    """String pairs, best first, exactly the truth's best levels."""
    async with market() as client:
        book = await client.rows("depth", symbol="BTCUSDT", limit=limit)
        truth = client.truth("BTCUSDT")
        assert client.venue.counters.snapshots_served == 1
    assert book["lastUpdateId"] == truth.last_update_id
    assert book["E"] == book["T"] == NOON + 34_567
    for side, exact in ((book["bids"], truth.bids), (book["asks"], truth.asks)):
        assert [(Decimal(p), Decimal(q)) for p, q in side] == list(exact[:limit])


async def test_hours_are_their_minutes() -> None:
    """Open, high, low, close, volumes, turnovers and counts of 1h rows are those of 1m rows."""
    start = NOON - 20 * HOUR_MS
    async with market() as client:
        query = {"symbol": "ETHUSDT", "startTime": start}
        hours = await client.rows("klines", interval="1h", limit=20, **query)
        minutes = await client.rows("klines", interval="1m", limit=1200, **query)
    for i, hour in enumerate(hours):
        parts = minutes[i * 60 : (i + 1) * 60]
        assert hour[:2] == parts[0][:2]
        assert Decimal(hour[2]) == max(Decimal(part[2]) for part in parts)
        assert Decimal(hour[3]) == min(Decimal(part[3]) for part in parts)
        assert (hour[4], hour[6]) == (parts[-1][4], parts[-1][6])
        for column in (5, 7, 8, 9, 10):
            assert Decimal(hour[column]) == sum(Decimal(part[column]) for part in parts)


async def test_history_is_the_same_after_a_restart() -> None:
    """Another simulator with the seed answers the same rows; another seed other ones."""
    query = {"symbol": "BTCUSDT", "startTime": NOON - 9 * HOUR_MS, "endTime": NOON - 8 * HOUR_MS}

    async def answers(seed: int, now: int) -> list[Json]:
        async with simulated(seed=seed, clock=Clock(now)) as client:
            return [
                await client.rows("klines", interval="1m", **query),
                await client.rows("aggTrades", **query),
                await client.rows("fundingRate", symbol="BTCUSDT", endTime=NOON),
            ]

    assert await answers(7, NOON) == await answers(7, NOON + 123_456)
    assert await answers(7, NOON) != await answers(8, NOON)


async def test_klines_have_a_row_for_the_open_candle() -> None:
    """500 rows unless asked; the last closes after now."""
    async with market() as client:
        rows = await client.rows("klines", symbol="BTCUSDT", interval="1m")
        assert len(rows) == 500
        assert [len(row) for row in rows] == [12] * 500
        assert rows[-1][0] == NOON
        assert rows[-1][6] == NOON + 59_999
        assert rows[-1][11] == "0"


async def test_trades_and_aggregated_trades() -> None:
    """Newest 500 unless asked, ascending; ids of aggregates can be walked; windows are an hour."""
    async with market() as client:
        trades = await client.rows("trades", symbol="BTCUSDT")
        assert len(trades) == 500
        assert are_numbers(trades[0], "price", "qty", "quoteQty")
        assert [t["id"] for t in trades] == sorted({t["id"] for t in trades})
        whole = await client.rows("aggTrades", symbol="BTCUSDT", limit=1000)
        assert set(whole[0]) == {"a", "p", "q", "f", "l", "T", "m"}
        page = await client.rows("aggTrades", symbol="BTCUSDT", fromId=whole[100]["a"], limit=200)
        assert page == whole[100:300]
        end = whole[0]["T"]
        wide = {"symbol": "BTCUSDT", "startTime": end - HOUR_MS, "endTime": end}
        assert len(await client.rows("aggTrades", **wide)) == 500
        wide["startTime"] -= 1
        assert (await client.ask("aggTrades", **wide)).json()["code"] == -1127


async def test_refusals_have_a_code_and_a_message() -> None:
    """HTTP 400 with the exchange's own code."""
    async with market() as client:
        for path, query, code in REFUSALS:
            reply = await client.ask(path, **query)
            assert (reply.status, reply.json()["code"]) == (400, code), (path, query)
            assert reply.json()["msg"]


async def test_an_unknown_path_is_not_found() -> None:
    """404, whatever the parameters."""
    async with market() as client:
        assert (await client.ask("nowhere", symbol="BTCUSDT")).status == 404


async def test_each_question_has_its_weight() -> None:
    """The header reports the weight used in this minute; the counters agree."""
    used = 0
    async with market() as client:
        for path, query, weight in WEIGHTS:
            reply = await client.ask(path, **query)
            used += weight
            assert reply.status == 200
            assert reply.headers["X-MBX-USED-WEIGHT-1M"] == str(used), (path, query)
            assert client.venue.counters.weight_used == used
            assert client.venue.counters.requests[f"/fapi/v1/{path}"] >= 1


async def test_beyond_the_limit_comes_429_then_418() -> None:
    """Sixty times 40 fit; then it is refused with Retry-After, at last banned."""
    async with market() as client:
        statuses = [(await client.ask("ticker/24hr")).status for _ in range(60)]
        assert set(statuses) == {200}
        reply = await client.ask("ping")
        assert (reply.status, reply.json()["code"]) == (429, -1003)
        assert reply.headers["Retry-After"] == "26"  # of a minute that is 34.567 s old
        assert [(await client.ask("ping")).status for _ in range(5)] == [429] * 4 + [418]
        assert (await client.ask("ping")).headers["Retry-After"] == "120"


async def test_the_clock_is_the_exchanges() -> None:
    """Both time and exchangeInfo give the exchange's time."""
    async with market() as client:
        assert await client.rows("time") == {"serverTime": NOON + 34_567}
        assert (await client.rows("exchangeInfo"))["serverTime"] == NOON + 34_567
