"""A simulated KuCoin's frames over real sockets: forms, controls, limits, faults."""

from decimal import Decimal

import pytest

from perps_stats.sim.dialect.sequence import LevelChange
from perps_stats.sim.kucoin import frames
from perps_stats.sim.kucoin.listing import Contract
from perps_stats.sim.scale import Scale

from .kucoin_wire import (
    BTC,
    CANDLES,
    ETH,
    HERE,
    LEVEL2,
    USD,
    MissedError,
    Replica,
    heard,
    market,
    running,
    say,
    stream,
    told,
)
from .wire import NOON, Client, Clock, Json, Socket, receive

HOUR_MS = 3_600_000


async def joined(client: Client, socket: Socket, symbol: str) -> Replica:
    """A book begun as the documents say: listen, then ask, then go on."""
    await say(socket, "subscribe", f"{LEVEL2}:{symbol}")
    await heard(socket, "ack")
    first = await heard(socket, "level2")
    replica = Replica(await told(client, "level2/snapshot", symbol=symbol))
    replica.apply(first)
    return replica


@pytest.mark.parametrize(("symbol", "lot"), [(BTC, "0.001"), (ETH, "0.01")])
async def test_a_book_builds_level_by_level(symbol: str, lot: str) -> None:
    """Every frame is one above the last, REST's counter is the stream's; the truth is met."""
    async with running() as client, stream(client) as socket:
        replica = await joined(client, socket, symbol)
        for _ in range(200):
            frame = await heard(socket, "level2")
            assert frame["sn"] == frame["data"]["sequence"]
            replica.apply(frame)
        truth = client.rested(symbol)
        while replica.sequence < truth.last_update_id:
            replica.apply(await heard(socket, "level2"))
        assert replica.agrees_with(truth, Decimal(lot))


async def test_a_dropped_change_is_missed_once() -> None:
    """The fifth frame never comes; from a new snapshot the book goes on."""
    async with running(faults=("drop:5",)) as client, stream(client) as socket:
        await say(socket, "subscribe", f"{LEVEL2}:{BTC}")
        frames_heard = [await heard(socket, "level2") for _ in range(8)]
        numbers = [frame["data"]["sequence"] for frame in frames_heard]
        assert [number - numbers[0] for number in numbers] == [0, 1, 2, 3, 5, 6, 7, 8]
        replica = Replica({"sequence": numbers[3] - 1, "bids": [], "asks": []})
        with pytest.raises(MissedError):
            replica.apply(frames_heard[4])
        replica = Replica(await told(client, "level2/snapshot", symbol=BTC))
        for _ in range(30):
            replica.apply(await heard(socket, "level2"))


async def test_several_symbols_and_the_end_of_one() -> None:
    """A list after the colon; what was unsubscribed is heard no more."""
    async with running() as client, stream(client) as socket:
        await say(socket, "subscribe", f"{LEVEL2}:{BTC},{ETH}")
        await heard(socket, "ack")
        wanted = {f"{LEVEL2}:{BTC}", f"{LEVEL2}:{ETH}"}
        topics: set[str] = set()
        while topics < wanted:
            topics.add((await heard(socket, "level2"))["topic"])
        assert topics == wanted
        await say(socket, "unsubscribe", f"{LEVEL2}:{BTC}", "2")
        await heard(socket, "ack")
        assert {(await heard(socket, "level2"))["topic"] for _ in range(50)} == {f"{LEVEL2}:{ETH}"}


async def test_the_best_is_the_books() -> None:
    """Under the sequence of the book that has it; nanoseconds; lots."""
    async with running() as client, stream(client) as socket:
        await say(socket, "subscribe", f"{LEVEL2}:{BTC}")
        await say(socket, "subscribe", f"/contractMarket/tickerV2:{BTC}", "2")
        best = (await heard(socket, "tickerV2"))["data"]
        replica = Replica(await told(client, "level2/snapshot", symbol=BTC))
        found = False
        while not found:
            (frame,) = await receive(socket, 1)
            if frame.get("subject") == "tickerV2":
                best = frame["data"]
            elif frame.get("subject") == "level2":
                replica.apply(frame)
            if best["sequence"] == replica.sequence:
                bid, ask = max(replica.bids), min(replica.asks)
                assert (Decimal(best["bestBidPrice"]), Decimal(best["bestAskPrice"])) == (bid, ask)
                assert best["bestBidSize"] == replica.bids[bid]
                assert best["bestAskSize"] == replica.asks[ask]
                found = True
        assert best["ts"] // 10**12 == HERE // 10**6


async def test_trades() -> None:
    """Each is in REST's history, to the field."""
    async with running() as client, stream(client) as socket:
        await say(socket, "subscribe", f"/contractMarket/execution:{BTC}")
        heard_trades = [(await heard(socket, "match"))["data"] for _ in range(3)]
        rows = {row["tradeId"]: row for row in await told(client, "trade/history", symbol=BTC)}
    for trade in heard_trades:
        row = rows[trade["tradeId"]]
        for name in ("price", "size", "side", "ts"):
            assert trade[name] == row[name], name
        assert trade["symbol"] == BTC


async def test_mark_index_and_funding() -> None:
    """One topic, two subjects: a second apart the one, a minute the other."""
    async with running() as client, stream(client) as socket:
        await say(socket, "subscribe", f"/contract/instrument:{BTC}")
        mark = (await heard(socket, "mark.index.price"))["data"]
        assert (mark["granularity"], mark["timestamp"] % 1000) == (1000, 0)
        assert isinstance(mark["markPrice"], float)
        await say(socket, "subscribe", f"/contract/instrument:{ETH}")
        rate = (await heard(socket, "funding.rate"))["data"]
        assert (rate["granularity"], rate["period"]) == (60_000, 1)
        assert rate["timestamp"] % 60_000 == 0


async def test_a_settlement_is_told() -> None:
    """Under the subject of the running rate with its own granularity, and announced."""
    clock = Clock(NOON + 4 * HOUR_MS - 500)
    async with market(clock) as client, stream(client) as socket:
        await say(socket, "subscribe", f"/contract/instrument:{BTC}")
        await say(socket, "subscribe", "/contract/announcement")
        for _ in range(2):
            await heard(socket, "ack")
        clock.now += 50
        first = (await heard(socket, "funding.rate"))["data"]
        assert first["granularity"] == 60_000
        clock.now += 500
        seen: dict[str, Json] = {}
        while len(seen) < 3:
            (frame,) = await receive(socket, 1)
            data = frame.get("data", {})
            is_of_btc = data.get("granularity") != 60_000 and data.get("symbol", BTC) == BTC
            if is_of_btc and frame.get("subject", "").startswith("funding."):
                seen[frame["subject"]] = data
    settled = NOON + 4 * HOUR_MS
    assert seen["funding.rate"]["granularity"] == 8 * HOUR_MS
    assert seen["funding.rate"]["timestamp"] == settled
    for subject in ("funding.begin", "funding.end"):
        assert seen[subject]["fundingTime"] == settled
        assert seen[subject]["fundingRate"] == seen["funding.rate"]["fundingRate"]


async def test_the_day() -> None:
    """Base and quote; of the inverse contract dollars and coins."""
    async with running() as client:
        for symbol in (BTC, USD):
            async with stream(client) as socket:
                await say(socket, "subscribe", f"/contractMarket/snapshot:{symbol}")
                day = (await heard(socket, "snapshot.24h"))["data"]
            amounts = [day["turnover"], day["volume"]]
            price = max(amounts) / min(amounts)
            assert day["lowPrice"] <= price <= day["highPrice"]
            assert (day["volume"] > day["turnover"]) is (symbol == USD)
            assert day["symbol"] == symbol


async def test_candles() -> None:
    """Seconds, open, close, high, low, turnover, lots: all text."""
    async with running() as client, stream(client) as socket:
        await say(socket, "subscribe", f"{CANDLES}:{BTC}_1min")
        frame = await heard(socket, "candle.stick")
        seconds, opened, close, high, low, turnover, lots = frame["data"]["candles"]
    assert frame["topic"] == f"{CANDLES}:{BTC}_1min"
    assert frame["data"]["symbol"] == BTC
    assert int(seconds) * 1000 == NOON + 60_000
    assert float(low) <= min(float(opened), float(close)) <= float(high)
    assert float(low) <= float(turnover) / (int(lots) * 0.001) <= float(high)


@pytest.mark.parametrize("count", [5, 50])
async def test_the_best_levels(count: int) -> None:
    """Whole, ten times a second; here prices are text, and ``ts`` is in milliseconds."""
    async with running() as client, stream(client) as socket:
        await say(socket, "subscribe", f"/contractMarket/level2Depth{count}:{BTC}")
        data = (await heard(socket, "level2"))["data"]
    assert len(data["bids"]) == len(data["asks"]) == count
    assert isinstance(data["bids"][0][0], str)
    assert HERE <= data["ts"] == data["timestamp"] < HERE + 60_000


def test_a_frame_of_a_fact() -> None:
    """Pure: a change of any source in, the wire's form out; lots of a thousandth."""
    contract = Contract(
        symbol=BTC,
        base="XBT",
        quote="USDT",
        settle="USDT",
        price=Scale(1, 1),
        lot=Scale(1, 3),
        onboard=1,
    )
    fact = LevelChange(1_747_821_025_244, is_bid=True, price="83614.0", quantity="0.012")
    assert frames.change(f"{LEVEL2}:{BTC}", contract, NOON, fact) == {
        "topic": f"{LEVEL2}:{BTC}",
        "type": "message",
        "subject": "level2",
        "sn": 1_747_821_025_244,
        "data": {
            "sequence": 1_747_821_025_244,
            "change": "83614.0,buy,12",
            "timestamp": NOON,
        },
    }
