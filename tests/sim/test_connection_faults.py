"""What befalls a connection, over real sockets, and what of it a client has lost."""

import asyncio
import json
from operator import itemgetter

import aiohttp
import pytest

from perps_stats.sim.dialect import conversation
from perps_stats.sim.losses import Cut, Harm, Loss

from . import kucoin_wire as kucoin
from . import lighter_wire as lighter
from .raw_wire import TEXT, Raw, raw_stream
from .wire import (
    PATIENCE_SECONDS,
    STEP_MS,
    Client,
    Clock,
    Json,
    Seconds,
    Socket,
    next_message,
    passing,
    receive,
    simulated,
)

PATH = "/public/ws/btcusdt@depth@0ms"
BOTH = "/public/stream?streams=btcusdt@depth@0ms/ethusdt@depth@0ms"


def losses(client: Client, symbol: str = "BTCUSDT") -> list[Loss]:
    return [one for one in client.venue.losses if one.symbol == symbol]


async def until_over(client: Client, stream: Socket) -> Loss:
    """Read on until there is an end of the only loss."""
    while True:
        await receive(stream, 1)
        (loss,) = losses(client)
        if loss.until is not None:
            return loss


async def endless(stream: Raw) -> None:
    while True:
        await stream.frame()


async def until_missed(client: Client, missed: int, symbol: str = "BTCUSDT") -> None:
    """Until so many frames of a market are lost."""
    while sum(loss.frames for loss in losses(client, symbol)) < missed:
        await asyncio.sleep(0.01)


async def returned(client: Client, last: Json, missed: int = 3) -> tuple[Loss, Json]:
    """Come back once so many frames were missed: the loss, and the first frame that came."""
    await until_missed(client, missed)
    async with client.connect(PATH) as stream:
        (first,) = await receive(stream, 1)
        loss = await until_over(client, stream)
    assert (loss.since, loss.until) == (last["E"], first["E"])
    assert loss.frames >= missed
    assert loss.harm is Harm.LOST
    return loss, first


async def test_a_reset_connection_ends_with_an_error() -> None:
    """After three frames nothing more comes but a reset; all until the return is lost."""
    async with simulated(symbols=("BTC",), faults=("rst:3",)) as client:
        async with raw_stream(client, PATH) as stream:
            for _ in range(2):
                await stream.frame()
            last = json.loads(await stream.frame())
            with pytest.raises(ConnectionResetError):
                await stream.head()
        loss, _ = await returned(client, last)
        assert loss.fault == "rst"
        assert list(client.venue.losses.cuts) == [Cut(last["E"], "rst")]
        assert client.venue.counters.faults == {"rst": 1}


async def test_a_closed_connection_ends_without_a_word() -> None:
    """Three whole frames, then the end of the stream, and no closing frame."""
    async with simulated(symbols=("BTC",), faults=("disconnect:3",)) as client:
        async with raw_stream(client, PATH) as stream:
            *_, last = [await stream.frame() for _ in range(3)]
            assert await stream.reader.read() == b""
        loss, _ = await returned(client, json.loads(last))
        assert loss.fault == "disconnect"


async def test_a_half_open_connection_is_deaf_and_mute() -> None:
    """After three frames nothing comes, not even a pong, and nothing ends it; the loss goes on
    until the client has come by another connection.
    """
    async with (
        simulated(symbols=("BTC",), faults=("halfopen:3",)) as client,
        client._session.ws_connect(client.venue.ws_url + PATH, autoping=False) as stream,
    ):
        *_, last = await receive(stream, 3)
        await stream.ping()
        with pytest.raises(TimeoutError):
            await stream.receive(timeout=0.3)
        assert not stream.closed
        loss, _ = await returned(client, last)
        assert loss.fault == "halfopen"
        stream._response.close()


async def test_a_half_open_connection_is_forgotten_in_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who has not noticed by then is told that it is over: nothing is kept of it for ever."""
    monkeypatch.setattr(conversation, "HALF_OPEN_SECONDS", 0.2)
    async with (
        simulated(symbols=("BTC",), faults=("halfopen:3",)) as client,
        raw_stream(client, PATH) as stream,
    ):
        for _ in range(3):
            await stream.frame()
        assert await stream.reader.read() == b""


async def test_a_silence_loses_what_it_keeps(seconds: Seconds) -> None:
    """As many frames as the ids jump over, from the last one heard to the next."""
    async with (
        simulated(symbols=("BTC",), faults=("silence:3:0.4",)) as client,
        client.connect(PATH) as stream,
    ):
        *_, last = await receive(stream, 3)
        await until_missed(client, 3)
        seconds.now += 0.4
        (first,) = await receive(stream, 1)
        (loss,) = losses(client)
    assert (loss.since, loss.until, loss.fault) == (last["E"], first["E"], "silence")
    assert loss.frames * STEP_MS <= first["E"] - last["E"]
    assert loss.frames > 2


async def test_who_leaves_a_silent_connection_has_lost_by_the_silence() -> None:
    """What is missed until the return is the fault's as well, of every stream it had."""
    async with simulated(symbols=("BTC", "ETH"), faults=("silence:4:60",)) as client:
        async with client.connect(BOTH) as stream:
            heard = [frame["data"] for frame in await receive(stream, 4)]
        assert {frame["s"] for frame in heard} == {"BTCUSDT", "ETHUSDT"}
        last = [frame for frame in heard if frame["s"] == "BTCUSDT"][-1]
        loss, _ = await returned(client, last)
        assert loss.fault == "silence"
        assert [(one.fault, one.until) for one in losses(client, "ETHUSDT")] == [("silence", None)]


async def test_who_leaves_of_its_own_accord_has_lost_nothing() -> None:
    """Without a fault before, the time away is no loss."""
    async with simulated(symbols=("BTC",)) as client:
        for _ in range(2):
            async with client.connect(PATH) as stream:
                await receive(stream, 3)
        assert list(client.venue.losses) == []


async def test_what_was_not_due_meanwhile_is_not_lost() -> None:
    """Mark prices come every three seconds: who is back at once has missed none, and was away."""
    path, clock = "/market/ws/btcusdt@markPrice", Clock()
    async with simulated(clock=clock, symbols=("BTC",), faults=("disconnect:1",)) as client:
        async with client.connect(path) as stream:
            (last,) = await passing(clock, receive(stream, 1))
        async with client.connect(path) as stream:
            (first,) = await passing(clock, receive(stream, 1))
        (loss,) = losses(client)
    assert (loss.since, loss.until, loss.frames) == (last["E"], first["E"], 0)
    assert (loss.harm, loss.streams) == (Harm.HARMLESS, ("mark", "funding"))


async def test_what_is_told_again_to_who_comes_back_is_not_lost() -> None:
    """Lighter begins with the last 50 trades: three that were missed are among them."""
    clock = Clock(lighter.HERE)
    async with lighter.market(clock, rate=10.0) as client:
        async with client.connect(lighter.STREAM) as stream:
            await lighter.say(stream, "subscribe", "trade/1")
            await passing(clock, lighter.heard(stream, "update/trade"))
            client.venue.inject("disconnect")
            await passing(clock, until_missed(client, 3, "BTC"))
        async with client.connect(lighter.STREAM) as stream:
            await lighter.say(stream, "subscribe", "trade/1")
            await passing(clock, lighter.heard(stream, "update/trade"))
        (loss,) = losses(client, "BTC")
    assert (loss.harm, loss.frames, loss.fault) == (Harm.HARMLESS, 0, "disconnect")


async def test_who_reads_too_slowly_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """More frames wait than may: those and all until the return are lost."""
    monkeypatch.setattr(conversation, "OUTBOX", 3)
    async with kucoin.running(symbols=("BTC",)) as client:
        async with kucoin.stream(client) as stream:
            await kucoin.say(stream, "subscribe", f"{kucoin.LEVEL2}:{kucoin.BTC}")
            while (message := await next_message(stream)).type is aiohttp.WSMsgType.TEXT:
                pass
            assert message.type is aiohttp.WSMsgType.CLOSED
        (loss,) = losses(client, kucoin.BTC)
        (cut,) = client.venue.losses.cuts
    assert (loss.fault, cut.fault) == ("overflow", "overflow")
    assert loss.frames > 3


async def test_bad_json_is_one_frame_that_is_lost() -> None:
    """From the one before to the one after."""
    async with (
        simulated(symbols=("BTC",), faults=("badjson:3",)) as client,
        client.connect(PATH) as stream,
    ):
        _, before = await receive(stream, 2)
        assert (await stream.receive_str(timeout=PATIENCE_SECONDS)).count("}") == 0
        (after,) = await receive(stream, 1)
        (loss,) = losses(client)
    assert (loss.since, loss.until, loss.frames) == (before["E"], after["E"], 1)


async def test_a_truncated_frame_breaks_off_in_the_middle() -> None:
    """Its head promises all of it; half of it comes, and the end of the connection."""
    async with simulated(symbols=("BTC",), faults=("truncate:3",)) as client:
        async with raw_stream(client, PATH) as stream:
            *_, last = [await stream.frame() for _ in range(2)]
            head = await stream.head()
            rest = await stream.reader.read()
        assert (head.opcode, len(rest)) == (TEXT, head.size // 2)
        loss, _ = await returned(client, json.loads(last))
        assert loss.fault == "truncate"


async def test_an_oversized_frame_is_larger_than_any_client_takes() -> None:
    """Its head says 100 MB and more, and bytes come; who ends it there has lost from there on."""
    async with simulated(symbols=("BTC",), faults=("oversized:3",)) as client:
        async with raw_stream(client, PATH) as stream:
            *_, last = [await stream.frame() for _ in range(2)]
            head = await stream.head()
            assert head.opcode == TEXT
            assert head.size > 100_000_000
            assert await stream.reader.readexactly(1000) == b" " * 1000
        loss, _ = await returned(client, json.loads(last))
        assert loss.fault == "oversized"


async def test_a_fault_hits_the_connection_that_has_its_market() -> None:
    """Of two connections the one with ETH ends; the other one lives."""
    async with (
        simulated(symbols=("BTC", "ETH")) as client,
        client.connect(PATH) as btc,
        client.connect(PATH.replace("btc", "eth")) as eth,
    ):
        await receive(btc, 1)
        await receive(eth, 1)
        client.venue.inject("disconnect", symbol="ETH")
        while (message := await next_message(eth)).type is aiohttp.WSMsgType.TEXT:
            pass
        assert message.type is aiohttp.WSMsgType.CLOSED
        await receive(btc, 5)


async def test_a_restart_gives_notice_and_ends_all_connections() -> None:
    """Binance says so some time before, goes on meanwhile, and closes with 1012: one that is an
    hour ahead, then another that comes sooner.
    """
    async with (
        simulated(symbols=("BTC",)) as client,
        client.connect(PATH) as one,
        client.connect(PATH) as two,
    ):
        await receive(one, 1)
        await receive(two, 1)
        client.venue.inject("restart", seconds=3600)
        for stream in (one, two):
            while (await receive(stream, 1))[0]["e"] != "serverShutdown":
                pass
            frames = await receive(stream, 2)
            assert {frame["e"] for frame in frames} == {"depthUpdate"}
        client.venue.inject("restart", seconds=0.1)
        for stream in (one, two):
            while (message := await next_message(stream)).type is aiohttp.WSMsgType.TEXT:
                frames.append(message.json())
            assert (message.type, stream.close_code) == (aiohttp.WSMsgType.CLOSE, 1012)
        told = [frame for frame in frames if frame["e"] == "depthUpdate"]
        assert [frame["e"] for frame in frames if frame not in told] == ["serverShutdown"] * 2
        assert [cut.fault for cut in client.venue.losses.cuts] == ["restart"] * 2
        loss, _ = await returned(client, max(told, key=itemgetter("E")))
        assert loss.fault == "restart"


async def test_where_no_notice_is_documented_none_is_given() -> None:
    """KuCoin closes with 1012 and says nothing before."""
    async with kucoin.running() as client, kucoin.stream(client) as stream:
        client.venue.inject("restart", seconds=0)
        message = await next_message(stream)
        assert (message.type, message.data) == (aiohttp.WSMsgType.CLOSE, 1012)


async def test_a_fault_may_have_a_time() -> None:
    """Half a second after the start the connection is reset; before it was sound."""
    async with (
        simulated(symbols=("BTC",), faults=("rst:@0.5s",)) as client,
        raw_stream(client, PATH) as stream,
    ):
        with pytest.raises(ConnectionResetError):
            await endless(stream)
    assert client.venue.counters.faults == {"rst": 1}


async def test_the_simulator_ends_whatever_state_its_connections_are_in() -> None:
    """Half open, silent and in the middle of a frame without an end: no task is left."""
    before = asyncio.all_tasks()
    async with aiohttp.ClientSession() as session:
        async with simulated(symbols=("BTC",)) as client:
            for what, seconds in (("halfopen", None), ("silence", 60.0), ("oversized", None)):
                client.venue.inject(what, seconds=seconds)
                stream = await session.ws_connect(
                    client.venue.ws_url + PATH, max_msg_size=0, autoclose=False
                )
                if what != "oversized":
                    await receive(stream, 1)
            while not client.venue.counters.faults["oversized"]:
                await asyncio.sleep(0.01)
        ended = client.venue.counters.faults
    assert ended == {"halfopen": 1, "silence": 1, "oversized": 1}
    assert asyncio.all_tasks() == before
