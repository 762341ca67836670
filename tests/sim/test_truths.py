"""The truth in bulk, against what each simulated exchange tells over real sockets."""

import json
from collections.abc import Callable
from decimal import Decimal
from hashlib import sha256
from itertools import pairwise

import pytest

from perps_stats.sim.facts import Source
from perps_stats.sim.model.coins import COINS
from perps_stats.sim.model.market import Market
from perps_stats.sim.model.source import ModelSource
from perps_stats.sim.truths import (
    CARRIED,
    Row,
    candles,
    canonical,
    checksum,
    interests,
    rates,
    settlements,
)

from .wire import NOON, Client, Clock, Json, simulated

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
LISTED = 1_748_615_400_000
"""HYPE: 2025-05-30 14:30 UTC."""
START, END = LISTED - 2 * HOUR_MS, LISTED + 6 * HOUR_MS
"""From before YFI trades that day until after."""
CHANGED = 1_752_105_600_000
"""DOGE: from 8 hours to 4."""
COINS_ASKED = ("BTC", "YFI", "HYPE", "DOGE")
NATIVE: dict[str, Callable[[str], str]] = {
    "binance": lambda coin: f"{coin}USDT",
    "aster": lambda coin: f"{coin}USDT",
    "kucoin": lambda coin: f"{'XBT' if coin == 'BTC' else coin}USDTM",
    "lighter": lambda coin: coin,
    "paradex": lambda coin: f"{coin}-USD-PERP",
}
NUMBERS = {"BTC": 1, "DOGE": 3, "HYPE": 24, "YFI": 20}
"""Lighter's."""


async def told(client: Client, path: str, **query: object) -> Json:
    reply = await client.request("GET", path, **query)
    assert reply.status == 200, reply
    return json.loads(reply.body, parse_float=Decimal)


async def of_binance(client: Client, coin: str) -> list[Row]:
    query = {"symbol": f"{coin}USDT", "interval": "1m", "startTime": START, "endTime": END - 1}
    rows = await told(client, "/fapi/v1/klines", **query, limit=1500)
    return [(row[0], *row[1:6], row[7], row[8]) for row in rows]


async def of_kucoin(client: Client, coin: str) -> list[Row]:
    """Volumes are lots."""
    symbol = NATIVE["kucoin"](coin)
    contract = (await told(client, f"/api/v1/contracts/{symbol}"))["data"]
    query = {"symbol": symbol, "granularity": 1, "from": START, "to": END - 1}
    rows = (await told(client, "/api/v1/kline/query", **query))["data"]
    lot = Decimal(contract["multiplier"])
    return [(*row[:5], row[5] * lot, row[6], None) for row in rows]


async def of_lighter(client: Client, coin: str) -> list[Row]:
    """Amounts that are zero are not told."""
    span = {"start_timestamp": START, "end_timestamp": END - 1, "count_back": 500}
    query = {"market_id": NUMBERS[coin], "resolution": "1m"}
    rows = (await told(client, "/api/v1/candles", **query, **span))["c"]
    return [(*(row[i] for i in "tohlc"), row.get("v", 0), row.get("V", 0), None) for row in rows]


async def of_paradex(client: Client, coin: str) -> list[Row]:
    query = {"symbol": f"{coin}-USD-PERP", "resolution": 1, "start_at": START, "end_at": END - 1}
    rows = (await told(client, "/v1/markets/klines", **query))["results"]
    return [(*row, None, None) for row in rows]


ASK = {
    "binance": of_binance,
    "aster": of_binance,
    "kucoin": of_kucoin,
    "lighter": of_lighter,
    "paradex": of_paradex,
}


def simulated_past(exchange: str) -> Json:
    return simulated(clock=Clock(), exchange=exchange, symbols=COINS_ASKED)


@pytest.mark.parametrize("exchange", sorted(ASK))
async def test_the_wire_tells_the_truth_about_candles(exchange: str) -> None:
    """Of a busy coin every minute, of a new one those since its listing, of a quiet one its own."""
    carried = CARRIED[exchange]
    async with simulated_past(exchange) as client:
        for coin, minutes in (("BTC", 480), ("HYPE", 360), ("YFI", 480 if carried.quiet else 120)):
            source = client.venue.source(NATIVE[exchange](coin))
            true = list(candles(source, "1m", START, END, carried))
            rows = await ASK[exchange](client, coin)
            assert len(rows) == len(true) == minutes
            assert [tuple(map(canonical, row)) for row in rows] == [
                tuple(map(canonical, row)) for row in true
            ]
            assert checksum(rows) == checksum(true)


async def test_a_settled_contract_keeps_its_past() -> None:
    """Binance: candles until the minute before 2025-10-15 08:00, settlements until 00:00."""
    end, query = 1_760_515_200_000, {"symbol": "BTCSTUSDT"}
    async with simulated_past("binance") as client:
        span = {"startTime": end - HOUR_MS, "endTime": end + HOUR_MS}
        rows = await told(client, "/fapi/v1/klines", **query, **span, interval="1m")
        after = await told(client, "/fapi/v1/klines", **query, startTime=end, interval="1m")
        (paid,) = await told(client, "/fapi/v1/fundingRate", **query, startTime=end - 9 * HOUR_MS)
        day = await told(client, "/fapi/v1/ticker/24hr", **query)
        source = client.venue.source("BTCSTUSDT")
        true = candles(source, "1m", end - HOUR_MS, NOON, CARRIED["binance"])
        assert checksum((row[0], *row[1:6], row[7], row[8]) for row in rows) == checksum(true)
    assert [row[0] for row in rows] == list(range(end - HOUR_MS, end, MINUTE_MS))
    assert (after, paid["fundingTime"] // HOUR_MS) == ([], (end - 8 * HOUR_MS) // HOUR_MS)
    assert day["lastPrice"] == rows[-1][4]
    assert Decimal(day["volume"]) == 0


def source_of(coin: str) -> Source:
    return ModelSource(Market(7, coin, COINS[coin], NOON))


def test_a_long_span_has_every_candle_once() -> None:
    """Ten days are 14400 minutes that adjoin, across all inner pages; none after now."""
    source = source_of("BTC")
    start = NOON - 10 * DAY_MS
    opened = [row[0] for row in candles(source, "1m", start, NOON, CARRIED["binance"])]
    assert opened == list(range(start, NOON, MINUTE_MS))
    assert [*candles(source, "1m", NOON + DAY_MS, NOON + 2 * DAY_MS, CARRIED["binance"])] == []


async def test_the_wire_tells_the_truth_about_settlements() -> None:
    """Binance: to the millisecond and with the mark price; 8 hours apart, then 4."""
    start, end = CHANGED - 2 * DAY_MS, CHANGED + DAY_MS
    async with simulated_past("binance") as client:
        query = {"symbol": "DOGEUSDT", "startTime": start, "endTime": end - 1}
        rows = await told(client, "/fapi/v1/fundingRate", **query)
        source = client.venue.source("DOGEUSDT")
        true = list(settlements(source, start, end, CARRIED["binance"]))
    assert [(row["fundingTime"], row["fundingRate"], row["markPrice"]) for row in rows] == true
    hours = [row["fundingTime"] // HOUR_MS for row in rows]
    assert [b - a for a, b in pairwise(hours)] == [8] * 6 + [4] * 5
    assert hours[0] == start // HOUR_MS


async def test_what_a_wire_does_not_tell_of_settlements_is_left_out() -> None:
    """KuCoin tells full hours and no mark price; Lighter seconds and percent without a sign."""
    start, end = CHANGED - DAY_MS, CHANGED + DAY_MS
    async with simulated_past("kucoin") as client:
        query = {"symbol": "DOGEUSDTM", "from": start, "to": end - 1}
        rows = (await told(client, "/api/v1/contract/funding-rates", **query))["data"]
        source = client.venue.source("DOGEUSDTM")
        true = list(settlements(source, start, end, CARRIED["kucoin"]))
    assert checksum((row["timepoint"], row["fundingRate"], None) for row in rows[::-1]) == (
        checksum(true)
    )
    assert [(row[0] - start) // HOUR_MS for row in true if isinstance(row[0], int)] == [
        *(0, 8, 16, 24, 28, 32, 36, 40, 44)
    ]
    async with simulated_past("lighter") as client:
        span = {"start_timestamp": start // 1000, "end_timestamp": end // 1000 - 1}
        query = {"market_id": NUMBERS["DOGE"], "resolution": "1h", "count_back": 100}
        rows = (await told(client, "/api/v1/fundings", **query, **span))["fundings"]
        source = client.venue.source("DOGE")
        true = list(settlements(source, start, end, CARRIED["lighter"]))
    signs = {"long": 1, "short": -1}
    assert len(true) == 48
    assert checksum(
        (row["timestamp"] * 1000, Decimal(row["rate"]) / 100 * signs[row["direction"]], None)
        for row in rows
    ) == checksum(true)


async def test_paradex_tells_running_rates() -> None:
    """Every 5 seconds, the newest first; the mark price is not told."""
    async with simulated_past("paradex") as client:
        query = {"market": "BTC-USD-PERP", "start_at": START, "end_at": START + 59_999}
        rows = (await told(client, "/v1/funding/data", **query))["results"]
        true = list(rates(client.venue.source("BTC-USD-PERP"), START, START + 60_000, 5000))
    assert len(true) == 12
    assert checksum((row["created_at"], row["funding_rate"]) for row in rows[::-1]) == checksum(
        row[:2] for row in true
    )


async def test_binance_tells_the_history_of_open_interest() -> None:
    """Every five minutes of the last day, page by page; values to eight decimals."""
    start = NOON - DAY_MS
    async with simulated_past("binance") as client:
        true = list(interests(client.venue.source("BTCUSDT"), "5m", start, NOON))
        path, query = "/futures/data/openInterestHist", {"symbol": "BTCUSDT", "period": "5m"}
        first = await told(client, path, **query, startTime=start, endTime=NOON - 1, limit=500)
    assert len(true) == 288
    assert [row["timestamp"] for row in first] == [row[0] for row in true]
    assert [row["sumOpenInterest"] for row in first] == [f"{row[1]}00000" for row in true]
    assert [row["sumOpenInterestValue"] for row in first] == [
        f"{Decimal(str(row[2])):.8f}" for row in true
    ]


def test_a_checksum_is_of_the_numbers_and_not_of_their_writing() -> None:
    """It is the SHA-256 of plain lines; unknown is nothing, and zero is not unknown."""
    line = b"60000,100,1.5,,0,1000000,-0.00001\n"
    written = (60000, "100.00", Decimal("1.50"), None, "0.000", Decimal("1E+6"), "-0.00001000")
    assert checksum([written, written]) == sha256(line * 2).hexdigest()
    assert checksum([]) == sha256(b"").hexdigest()
    assert checksum([(1, None)]) != checksum([(1, 0)])
    assert checksum([(1,), (2,)]) != checksum([(2,), (1,)])
