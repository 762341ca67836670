"""How a simulated KuCoin behaves on a connection: token, commands, pings, limits, faults."""

import json

import aiohttp
import msgspec
import pytest

from perps_stats.sim.kucoin.manners import LIMITS, KucoinManners

from .kucoin_wire import (
    BTC,
    CANDLES,
    HERE,
    LEVEL2,
    address,
    heard,
    market,
    running,
    say,
    stream,
)
from .wire import Clock, Seconds, is_quiet, next_message, receive

DAY_MS = 86_400_000


async def test_the_stream_wants_a_token() -> None:
    """Minted by REST; another, or one that is a day old, is refused and parted with."""
    clock = Clock(HERE)
    async with market(clock) as client:
        good = await address(client)
        async with client.connect("/?token=none&connectId=probe") as socket:
            assert (await receive(socket, 1))[0]["code"] == 401
            assert (await next_message(socket)).type is aiohttp.WSMsgType.CLOSE
        async with client.connect(good) as socket:
            assert await receive(socket, 1) == [{"id": "probe", "type": "welcome"}]
        client.simulator.rest()  # a day of trading takes its time
        clock.now += DAY_MS
        async with client.connect(good) as socket:
            assert (await receive(socket, 1))[0]["type"] == "error"


async def test_controls() -> None:
    """A ping is answered; a topic that is none is refused, an unknown symbol acknowledged."""
    async with market() as client, stream(client) as socket:
        await socket.send_json({"id": "7", "type": "ping"})
        assert await receive(socket, 1) == [{"id": "7", "type": "pong", "timestamp": HERE * 1000}]
        for topic in ("/contractMarket/level2Depth20:XBTUSDTM", "/nothing", f"{CANDLES}:XBTUSDTM"):
            await say(socket, "subscribe", topic, "8")
            assert await receive(socket, 1) == [
                {"id": "8", "type": "error", "code": 404, "data": "topic does not exist"}
            ]
        await say(socket, "subscribe", f"{LEVEL2}:NO", "9")
        assert await receive(socket, 1) == [{"id": "9", "type": "ack"}]
        await socket.send_json({"id": "1", "type": "dance"})
        assert (await receive(socket, 1))[0]["data"] == "type is not supported"
        await socket.send_str("{")
        assert (await receive(socket, 1))[0]["code"] == 400
        many = ",".join(f"X{number}" for number in range(101))
        await say(socket, "subscribe", f"{LEVEL2}:{many}", "10")
        assert (await receive(socket, 1))[0]["type"] == "error"
        assert await is_quiet(socket)


async def test_no_answer_where_none_is_wanted() -> None:
    """``response`` false: the first that comes is a frame of the topic."""
    async with running() as client, stream(client) as socket:
        await socket.send_json({"type": "subscribe", "topic": f"{LEVEL2}:{BTC}"})
        assert (await receive(socket, 1))[0]["subject"] == "level2"


async def test_who_does_not_ping_is_parted_with(
    seconds: Seconds, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Told so, and later hung up on; what else was said does not count."""
    silent = msgspec.structs.replace(LIMITS.silent, after_seconds=0.2)
    limits = msgspec.structs.replace(LIMITS, patience_seconds=0.5, silent=silent)
    monkeypatch.setattr(KucoinManners, "limits", limits)
    assert (LIMITS.patience_seconds, LIMITS.silent.after_seconds) == (28.0, 60.0)
    async with market() as client, stream(client) as socket:
        await socket.send_json({"id": "1", "type": "ping"})
        await heard(socket, "pong")
        seconds.now += 0.3
        await say(socket, "subscribe", f"{LEVEL2}:NO")
        await heard(socket, "ack")
        seconds.now += 0.2
        assert await receive(socket, 1) == [{"type": "error", "code": 400, "data": "ping timeout"}]
        assert (await next_message(socket)).type is aiohttp.WSMsgType.CLOSE


@pytest.mark.usefixtures("seconds")
async def test_who_says_too_much_is_parted_with() -> None:
    """A hundred messages in ten seconds, and no more."""
    async with market() as client, stream(client) as socket:
        for number in range(101):
            await socket.send_json({"id": str(number), "type": "ping"})
        await receive(socket, 100)
        assert (await next_message(socket)).type is aiohttp.WSMsgType.CLOSE


async def test_frames_break_and_connections_are_cut() -> None:
    """Half a frame, then the end of the connection."""
    faults = ("badjson:2", "disconnect:4")
    async with running(faults=faults) as client, stream(client) as socket:
        await say(socket, "subscribe", f"{LEVEL2}:{BTC}")
        await heard(socket, "ack")
        await receive(socket, 1)
        with pytest.raises(json.JSONDecodeError):
            await receive(socket, 1)
        await receive(socket, 2)
        end = await next_message(socket)
        assert end.type in {
            aiohttp.WSMsgType.CLOSE,
            aiohttp.WSMsgType.CLOSED,
            aiohttp.WSMsgType.ERROR,
        }


async def test_a_plain_request_of_the_streams_path_is_unknown() -> None:
    """It is no question of REST."""
    async with market() as client:
        assert (await client.request("GET", "/")).status == 404
