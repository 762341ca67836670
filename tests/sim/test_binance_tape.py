"""Playing a tape over real sockets: what is sent, to whom, and what REST says meanwhile."""

import asyncio
import json
from decimal import Decimal
from pathlib import Path

import aiohttp
import pytest

from perps_stats.core.errors import BadInput

from .tapes import (
    BODY,
    FINAL_ASKS,
    FINAL_BIDS,
    FINAL_LAST,
    FRAMES,
    SNAPSHOT,
    START,
    STEP_MS,
    frame,
    raw,
    trade,
    write_tape,
)
from .wire import Client, Json, Socket, is_quiet, next_message, receive, simulated

COUNT = len(FRAMES)
COMBINED = "/public/stream?streams=btcusdt@trade"
MARK: Json = {
    "stream": "btcusdt@markPrice",
    "data": {
        "e": "markPriceUpdate",
        "E": START + 500,
        "s": "BTCUSDT",
        "p": "61799.50000000",
        "i": "61798.00000000",
        "P": "61798.10000000",
        "r": "0.00012000",
        "T": START + 3_600_000,
    },
}


@pytest.fixture
def tape(tmp_path: Path) -> Path:
    return write_tape(tmp_path / "tape.jsonl")


async def texts(stream: Socket, count: int = COUNT) -> list[str]:
    """The exact text of the next frames."""
    return [(await next_message(stream)).data for _ in range(count)]


async def play_out(client: Client) -> None:
    async with client.connect(COMBINED) as stream:
        await texts(stream)


def exact(levels: Json) -> list[tuple[Decimal, Decimal]]:
    return [(Decimal(price), Decimal(size)) for price, size in levels]


@pytest.mark.parametrize("combined", [True, False])
async def test_frames_keep_their_order_and_their_bytes(tmp_path: Path, *, combined: bool) -> None:
    """Whatever stream is asked for, the tape is sent, in the form of the path it is sent on."""
    tape = write_tape(tmp_path / "tape.jsonl.gz", combined=combined)
    async with simulated(tape=tape, speed="max") as client:
        async with client.connect("/public/ws/btcusdt@depth@500ms") as stream:
            assert await texts(stream) == [raw(i, combined=False) for i in range(COUNT)]
        async with client.connect("/stream?streams=btcusdt@aggTrade") as stream:
            got = await texts(stream)
        if combined:
            assert got == [raw(i) for i in range(COUNT)]
        assert [json.loads(text)["data"] for text in got] == [frame(i) for i in range(COUNT)]


async def test_the_first_snapshot_of_a_play_is_the_recorded_one(tape: Path) -> None:
    """Byte for byte, wherever the play is; later ones are the book at the position."""
    async with simulated(tape=tape, speed="max") as client:
        async with client.connect(COMBINED) as stream:
            await texts(stream)
            assert (await client.ask("depth", symbol="BTCUSDT", limit=1000)).body == BODY.encode()
            book = await client.rows("depth", symbol="BTCUSDT", limit=1000)
        assert book["lastUpdateId"] == FINAL_LAST
        assert book["E"] == book["T"] == START + STEP_MS * (COUNT - 1)
        assert tuple(map(tuple, book["bids"])) == FINAL_BIDS
        assert tuple(map(tuple, book["asks"])) == FINAL_ASKS
        small = await client.rows("depth", symbol="BTCUSDT", limit=5)
        assert small == book
        truth = client.truth()
        assert truth.last_update_id == FINAL_LAST
        assert list(truth.bids) == exact(FINAL_BIDS)
        assert list(truth.asks) == exact(FINAL_ASKS)


async def test_before_any_play_the_snapshot_is_the_recorded_one(tape: Path) -> None:
    """Asking without listening gives the tape's own book, and spends nothing."""
    async with simulated(tape=tape) as client:
        for _ in range(2):
            assert (await client.ask("depth", symbol="BTCUSDT", limit=1000)).body == BODY.encode()
        book = await client.rows("depth", symbol="BTCUSDT", limit=5)
        assert book == SNAPSHOT


async def test_a_small_question_does_not_spend_the_recorded_snapshot(tape: Path) -> None:
    """Only a request of the full depth is answered with the recorded body."""
    async with simulated(tape=tape, speed="max") as client:
        await play_out(client)
        book = await client.rows("depth", symbol="BTCUSDT", limit=5)
        assert book["lastUpdateId"] == FINAL_LAST
        assert (await client.ask("depth", symbol="BTCUSDT", limit=1000)).body == BODY.encode()


@pytest.fixture
def long_tape(tmp_path: Path) -> Path:
    """Of two minutes: whatever is done during its play, it is not over."""
    more = range(COUNT, COUNT + 120_000 // STEP_MS)
    trades = (trade(number, "61800.20", "0.100", maker_buys=True) for number in more)
    times = ({"E": START + STEP_MS * number, "s": "BTCUSDT"} for number in more)
    frames = (one | {"T": at["E"]} | at for one, at in zip(trades, times, strict=True))
    extra = tuple({"stream": "btcusdt@trade", "data": each} for each in frames)
    return write_tape(tmp_path / "long.jsonl", extra=extra)


async def test_listeners_share_a_play(long_tape: Path) -> None:
    """A second conversation during a play gets the frames from there on, in the same order."""
    async with simulated(tape=long_tape) as client, client.connect(COMBINED) as first:
        begun = await texts(first, COUNT)
        async with client.connect("/public/ws/btcusdt@bookTicker") as second:
            heard = [json.loads(text) for text in await texts(second, 4)]
        sent = [json.loads(text)["data"] for text in begun]
        while heard[-1] not in sent:
            sent += [json.loads(text)["data"] for text in await texts(first, 1)]
    assert sent[:COUNT] == [frame(i) for i in range(COUNT)]
    assert len(sent) >= COUNT + 4
    assert heard == sent[-4:]


async def test_a_paced_play_goes_on_alone(long_tape: Path) -> None:
    """Who leaves and comes back has missed what was played meanwhile."""
    async with simulated(tape=long_tape) as client:
        async with client.connect(COMBINED) as stream:
            await texts(stream, 2)
        played = START + STEP_MS * 5
        while (await client.rows("time"))["serverTime"] < played:
            await asyncio.sleep(STEP_MS / 1000)
        async with client.connect(COMBINED) as stream:
            (text,) = await texts(stream, 1)
    assert json.loads(text)["data"]["E"] > played


async def test_an_unpaced_play_waits_for_a_listener(tape: Path) -> None:
    """At max speed nothing is played to nobody: the next frame is the next one."""
    async with simulated(tape=tape, speed="max", faults=("disconnect:4",)) as client:
        async with client.connect(COMBINED) as stream:
            assert await texts(stream, 4) == [raw(i) for i in range(4)]
            assert (await next_message(stream)).type is not aiohttp.WSMsgType.TEXT
        await asyncio.sleep(0.1)
        async with client.connect(COMBINED) as stream:
            assert await texts(stream, COUNT - 4) == [raw(i) for i in range(4, COUNT)]


async def test_after_the_end_a_newcomer_starts_again(tape: Path) -> None:
    """The connection that heard the play out stays open and silent, also during the next play."""
    async with simulated(tape=tape, speed="max") as client, client.connect(COMBINED) as first:
        await texts(first)
        await first.send_json({"method": "SUBSCRIBE", "params": ["btcusdt@depth"], "id": 3})
        assert await receive(first, 1) == [{"result": None, "id": 3}]
        async with client.connect(COMBINED) as second:
            assert await texts(second) == [raw(i) for i in range(COUNT)]
        assert (await client.ask("depth", symbol="BTCUSDT", limit=1000)).body == BODY.encode()
        assert await is_quiet(first)


async def test_a_play_starts_only_where_it_can_be_heard(tmp_path: Path) -> None:
    """/market gets no book frame, and starts a play only of a tape that has frames for it."""
    plain, marked = tmp_path / "plain.jsonl", tmp_path / "marked.jsonl"
    async with (
        simulated(tape=write_tape(plain), speed="max") as client,
        client.connect("/market/ws/btcusdt@depth") as stream,
    ):
        assert await is_quiet(stream)
        assert client.venue.counters.frames.total() == 0
    async with simulated(tape=write_tape(marked, extra=(MARK,)), speed="max") as client:
        async with client.connect("/market/ws/btcusdt@depth") as stream:
            assert await receive(stream, 1) == [MARK["data"]]
        row = await client.rows("premiumIndex", symbol="BTCUSDT")
    assert (row["markPrice"], row["lastFundingRate"]) == ("61799.50000000", "0.00012000")
    assert row["time"] == START + 500


async def test_other_symbols_are_silent(tape: Path) -> None:
    """Subscribing to what the tape does not hold starts nothing."""
    async with (
        simulated(tape=tape, speed="max") as client,
        client.connect("/public/ws/ethusdt@depth") as stream,
    ):
        assert await is_quiet(stream)
        assert (await client.ask("depth", symbol="ETHUSDT")).json()["code"] == -1121


async def test_the_tapes_symbol_is_listed_with_its_grid(tape: Path) -> None:
    """Tick and lot are read off its prices and quantities."""
    async with simulated(tape=tape) as client:
        (row,) = (await client.rows("exchangeInfo"))["symbols"]
    filters = {f["filterType"]: f for f in row["filters"]}
    assert (row["symbol"], row["baseAsset"], row["quoteAsset"]) == ("BTCUSDT", "BTC", "USDT")
    assert (row["status"], row["contractType"]) == ("TRADING", "PERPETUAL")
    assert filters["PRICE_FILTER"]["tickSize"] == "0.10"
    assert filters["LOT_SIZE"]["stepSize"] == "0.001"


async def test_before_the_play_rest_answers_the_documented_constants(tape: Path) -> None:
    """First trade's price, no volume, the tape's start time; never the wall clock."""
    async with simulated(tape=tape) as client:
        day = await client.rows("ticker/24hr", symbol="BTCUSDT")
        assert (day["lastPrice"], day["volume"], day["count"]) == ("61800.30", "0.000", 0)
        assert day["openTime"] == day["closeTime"] == START
        top = await client.rows("ticker/bookTicker", symbol="BTCUSDT")
        assert (top["bidPrice"], top["askPrice"]) == ("61800.20", "61800.30")
        (mark,) = await client.rows("premiumIndex")
        assert (mark["markPrice"], mark["lastFundingRate"]) == ("61800.30", "0.00010000")
        assert (mark["time"], mark["nextFundingTime"]) == (START, 1_723_161_600_000)
        interest = await client.rows("openInterest", symbol="BTCUSDT")
        assert interest == {"openInterest": "80000", "symbol": "BTCUSDT", "time": START}
        for path in ("trades", "aggTrades", "fundingRate"):
            assert await client.rows(path, symbol="BTCUSDT") == []
        assert await client.rows("klines", symbol="BTCUSDT", interval="1m") == []
        assert await client.rows("fundingInfo") == []
        assert await client.rows("time") == {"serverTime": START}


async def test_after_the_play_rest_answers_what_was_played(tape: Path) -> None:
    """Trades with X MARKET, their candle, their day, the last bookTicker."""
    async with simulated(tape=tape, speed="max") as client:
        await play_out(client)
        trades = await client.rows("trades", symbol="BTCUSDT")
        assert [trade["id"] for trade in trades] == [501, 502, 504]
        assert trades[0]["quoteQty"] == "30900.15000"
        assert (await client.rows("trades", symbol="BTCUSDT", limit=1)) == trades[-1:]
        day = await client.rows("ticker/24hr", symbol="BTCUSDT")
        assert (day["openPrice"], day["lastPrice"], day["volume"]) == (
            "61800.30",
            "61800.20",
            "3.250",
        )
        assert (day["priceChange"], day["count"]) == ("-0.10", 3)
        (candle,) = await client.rows("klines", symbol="BTCUSDT", interval="1m")
        assert candle[:6] == [
            START // 60_000 * 60_000,
            "61800.30",
            "61800.30",
            "61800.20",
            "61800.20",
            "3.250",
        ]
        assert (candle[8], candle[9]) == (3, "0.750")
        top = await client.rows("ticker/bookTicker", symbol="BTCUSDT")
        assert (top["bidPrice"], top["bidQty"], top["lastUpdateId"]) == ("61800.10", "0.700", 1040)
        aggregates = await client.rows("aggTrades", symbol="BTCUSDT", fromId=502)
        assert [(one["a"], one["f"], one["l"]) for one in aggregates] == [
            (502, 502, 502),
            (504, 504, 504),
        ]
        end = START + STEP_MS * (COUNT - 1)
        assert await client.rows("time") == {"serverTime": end}


async def test_two_plays_give_the_same_answers(tape: Path) -> None:
    """Bodies after a second play are byte for byte those after the first."""
    paths = ("ticker/24hr", "ticker/bookTicker", "premiumIndex", "exchangeInfo", "time")
    async with simulated(tape=tape, speed="max") as client:
        await play_out(client)
        first = [(await client.ask(path)).body for path in paths]
        await play_out(client)
        assert [(await client.ask(path)).body for path in paths] == first


async def test_a_tape_of_something_else_is_one_clear_line(tmp_path: Path) -> None:
    """No frame, or two symbols: the error names the tape."""
    other = {**MARK, "data": {**MARK["data"], "s": "ETHUSDT"}}
    two = write_tape(tmp_path / "two.jsonl", extra=(other,))
    none = tmp_path / "none.jsonl"
    none.write_text('{"ts_ns":1,"dir":"recv","raw":"{}"}\n')
    for path, says in ((two, "BTCUSDT and ETHUSDT"), (none, "no frame")):
        with pytest.raises(BadInput, match=rf"tape: .*{path.name}.*{says}"):
            async with simulated(tape=path):
                pass
