"""Each fault, over real sockets."""

import asyncio
import json
from itertools import pairwise
from pathlib import Path
from time import monotonic

import aiohttp
import pytest

from .tapes import COUNT_OF_DIFFS, FRAMES, STEP_MS, frame, raw, write_tape
from .wire import (
    NOON,
    Client,
    Clock,
    OutOfStepError,
    Replica,
    Seconds,
    Socket,
    is_quiet,
    next_message,
    receive,
    simulated,
)

PATH = "/public/ws/btcusdt@depth@0ms"


async def drained(stream: Socket) -> list[aiohttp.WSMessage]:
    """All text messages until the connection ends."""
    got = []
    while (message := await next_message(stream)).type is aiohttp.WSMsgType.TEXT:
        got.append(message)
    return got


async def test_a_dropped_diff_breaks_the_chain_once(tmp_path: Path) -> None:
    """Of a tape's diffs the third is missing; everything else comes."""
    tape = write_tape(tmp_path / "t.jsonl")
    async with (
        simulated(tape=tape, speed="max", faults=("drop:3",)) as client,
        client.connect(PATH) as stream,
    ):
        got = await receive(stream, len(FRAMES) - 1)
    assert got == [frame(i) for i in range(len(FRAMES)) if i != 3]
    diffs = [one for one in got if one["e"] == "depthUpdate"]
    broken = [b for a, b in pairwise(diffs) if b["pu"] != a["u"]]
    assert len(diffs) == COUNT_OF_DIFFS - 1
    assert [one["U"] for one in broken] == [1021]


async def test_after_a_dropped_diff_a_new_snapshot_heals_the_book() -> None:
    """In the model the market goes on: the chain breaks, a new snapshot joins, the truth is met."""
    async with (
        simulated(symbols=("BTC",)) as client,
        client.connect(PATH) as stream,
    ):

        async def joined() -> Replica:
            replica = Replica(await client.rows("depth", symbol="BTCUSDT", limit=1000))
            await replica.follow(stream, replica.last + 1)
            return replica

        replica = await joined()
        client.venue.inject("drop")
        with pytest.raises(OutOfStepError):
            await replica.follow(stream)
        replica = await joined()
        truth = client.rested()
        await replica.follow(stream, truth.last_update_id)
        assert replica.agrees_with(truth)


async def test_a_disconnect_ends_one_connection_after_its_frames() -> None:
    """Five frames and the line is cut without a closing handshake; the next connection lives."""
    async with simulated(faults=("disconnect:5",)) as client:
        async with client.connect(PATH) as stream:
            assert len(await drained(stream)) == 5
            assert stream.close_code == aiohttp.WSCloseCode.ABNORMAL_CLOSURE
        async with client.connect(PATH) as stream:
            await receive(stream, 8)


async def test_a_silence_stops_the_frames_and_not_the_market(seconds: Seconds) -> None:
    """Nothing comes for its time, pings are answered, the REST book moves on, the chain breaks."""
    async with simulated(faults=("silence:3:0.4",)) as client:
        session = client._session
        async with session.ws_connect(client.venue.ws_url + PATH, autoping=False) as stream:
            *_, last = await receive(stream, 3)
            await stream.ping()
            assert (await next_message(stream)).type is aiohttp.WSMsgType.PONG
            book = await client.rows("depth", symbol="BTCUSDT", limit=5)
            assert book["lastUpdateId"] > last["u"]
            assert await is_quiet(stream)
            seconds.now += 0.4
            (after,) = await receive(stream, 1)
    assert after["pu"] > last["u"]


async def test_a_silence_costs_an_unpaced_tape_its_own_time(
    tmp_path: Path, seconds: Seconds
) -> None:
    """The tape keeps its recorded pace meanwhile: each frame that is lost takes its 20 ms."""
    tape = write_tape(tmp_path / "t.jsonl")
    began = monotonic()
    async with (
        simulated(tape=tape, speed="max", faults=("silence:2:0.1",)) as client,
        client.connect("/public/stream?streams=btcusdt@depth") as stream,
    ):
        first = [(await next_message(stream)).data for _ in range(2)]
        while sum(loss.frames for loss in client.venue.losses) < 3:
            await asyncio.sleep(0.01)
        seconds.now += 0.1
        first.append((await next_message(stream)).data)
        took = monotonic() - began
    sent = [raw(i) for i in range(len(FRAMES))]
    assert first[:2] == sent[:2]
    lost = sent.index(first[2]) - 2
    assert lost >= 3
    assert took * 1000 > (lost - 0.5) * STEP_MS


async def test_bad_json_is_the_first_half_of_a_frame() -> None:
    """The third frame cannot be read, the fourth can."""
    async with simulated(faults=("badjson:3",)) as client, client.connect(PATH) as stream:
        await receive(stream, 2)
        with pytest.raises(json.JSONDecodeError):
            await receive(stream, 1)
        await receive(stream, 1)


@pytest.mark.parametrize(
    ("fault", "status", "seconds"),
    [("429:2", 429, "5"), ("429:2:30", 429, "30"), ("418:ping:2", 418, "120")],
)
async def test_a_refused_request_says_when_to_come_back(
    fault: str, status: int, seconds: str
) -> None:
    """The second request alone is refused, with Retry-After."""
    async with simulated(faults=(fault,)) as client:
        replies = [await client.ask("ping") for _ in range(3)]
    assert [reply.status for reply in replies] == [200, status, 200]
    assert replies[1].headers["Retry-After"] == seconds
    assert replies[1].json()["code"] == -1003


async def spoiled(fault: str, path: str = "depth") -> bytes:
    """The body of the first request, which the fault hits; the second is sound."""
    async with simulated(faults=(fault,)) as client:
        reply = await client.ask(path, symbol="BTCUSDT")
        assert reply.status == 200
        assert (await client.rows(path, symbol="BTCUSDT")) is not None
        return reply.body


async def test_bodies_are_spoiled_as_asked() -> None:
    """HTML, half a body, wrong types, negative prices, crossed sides: each once."""
    assert (await spoiled("html:1")).startswith(b"<!DOCTYPE html>")
    with pytest.raises(json.JSONDecodeError):
        json.loads(await spoiled("truncated:depth:1"))
    assert json.loads(await spoiled("wrongtype:depth:1"))["lastUpdateId"] is True
    assert json.loads(await spoiled("negativeprice:depth:1"))["bids"][0][0].startswith("-")
    crossed = json.loads(await spoiled("crossed:depth:1"))
    assert float(crossed["bids"][0][0]) > float(crossed["asks"][0][0])
    day = json.loads(await spoiled("negativeprice:ticker/24hr:1", "ticker/24hr"))
    assert day["lastPrice"].startswith("-")


async def test_a_server_error_is_http_500() -> None:
    """With the exchange's body, once."""
    async with simulated(faults=("http500:1",)) as client:
        reply = await client.ask("ping")
        assert (reply.status, reply.json()["code"]) == (500, -1000)
        assert (await client.ask("ping")).status == 200


async def test_a_huge_body_is_100_mb() -> None:
    """It is streamed, and who stops reading ends it."""
    async with simulated(faults=("huge:1", "huge:2")) as client:
        url = client.venue.rest_url + "/fapi/v1/ping"
        async with client._session.get(url) as answer:
            size = 0
            async for chunk in answer.content.iter_any():
                size += len(chunk)
        assert size >= 100_000_000
        answer = await client._session.get(url)
        await answer.content.readexactly(1_000_000)
        answer.close()
        assert (await client.ask("ping")).status == 200


async def test_a_reset_is_no_answer_and_strikes_once() -> None:
    """The connection ends with an error before a byte of the answer; the next request is sound."""
    async with simulated(faults=("reset:1",)) as client:
        with pytest.raises(ConnectionResetError):
            await first_bytes(client)
        assert (await first_bytes(client)).startswith(b"HTTP/1.1 200")
        assert client.venue.counters.faults == {"reset": 1}


async def first_bytes(client: Client) -> bytes:
    """Of the answer to a ping, over a connection of its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", client.venue.port)
    try:
        writer.write(b"GET /fapi/v1/ping HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return await reader.readline()
    finally:
        writer.close()


PAGES = {
    "binance": ("/fapi/v1/klines", {"symbol": "BTCUSDT", "interval": "1m", "limit": 9}),
    "aster": ("/fapi/v1/klines", {"symbol": "BTCUSDT", "interval": "1m", "limit": 9}),
    "kucoin": (
        "/api/v1/kline/query",
        {"symbol": "XBTUSDTM", "granularity": 1, "from": NOON - 600_000, "to": NOON - 120_000},
    ),
    "lighter": (
        "/api/v1/candles",
        {
            "market_id": 1,
            "resolution": "1m",
            "count_back": 9,
            "start_timestamp": 0,
            "end_timestamp": NOON - 120_000,
        },
    ),
    "paradex": (
        "/v1/markets/klines",
        {
            "symbol": "BTC-USD-PERP",
            "resolution": 1,
            "start_at": NOON - 600_000,
            "end_at": NOON - 120_000,
        },
    ),
}
ROWS = {"kucoin": "data", "lighter": "c", "paradex": "results"}
"""Where they stand alone, they are the answer."""


@pytest.mark.parametrize("exchange", sorted(PAGES))
async def test_a_page_is_worsened_as_asked(exchange: str) -> None:
    """Of nine candles: none, another order, ten, one that cannot be read, six; then all."""
    path, query = PAGES[exchange]
    kinds = ("empty", "shuffled", "doubled", "wrongrow", "cutoff")
    faults = tuple(f"{kind}:{path}:{number}" for number, kind in enumerate(kinds, 1))
    async with simulated(clock=Clock(), exchange=exchange, faults=faults) as client:
        replies = [await client.request("GET", path, **query) for _ in range(6)]
        counted = client.venue.counters.faults
    assert {reply.status for reply in replies} == {200}
    bodies = [reply.json() for reply in replies]
    pages = [body[ROWS[exchange]] if exchange in ROWS else body for body in bodies]
    empty, shuffled, doubled, wrong, cut, sound = pages
    assert len(sound) == 9
    assert not empty
    assert shuffled == [*sound[1::2], *sound[::2]]
    assert doubled == [*sound[:5], *sound[4:]]
    assert [row for row in wrong if row not in sound] == [wrong[4]]
    assert True in (wrong[4].values() if isinstance(wrong[4], dict) else wrong[4])
    assert cut == sound[:6]
    assert counted == dict.fromkeys(kinds, 1)


async def test_only_what_changed_an_answer_is_counted() -> None:
    """There is no row in a ping to leave out; a refusal and a server error count."""
    async with simulated(faults=("empty:1", "429:2", "http500:3")) as client:
        replies = [await client.ask("ping") for _ in range(3)]
        assert [reply.status for reply in replies] == [200, 429, 500]
        assert client.venue.counters.faults == {"429": 1, "http500": 1}


async def test_a_hanging_request_does_not_hinder_others() -> None:
    """It is never answered; the next one is."""

    async def asked(client: Client) -> int:
        return (await client.ask("ping")).status

    async with simulated(faults=("hang:1",)) as client:
        hanging = asyncio.create_task(asked(client))
        while not client.venue.counters.faults["hang"]:
            await asyncio.sleep(0.01)
        assert await asked(client) == 200
        assert not hanging.done()
        hanging.cancel()
