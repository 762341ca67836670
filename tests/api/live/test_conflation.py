"""A slow client: of states the last, of trades all or a gap that says so; then it is closed."""

import asyncio
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.api.guard.known import Clock, admission

from perps_stats.api.live import Hub, Limits, clients, topics
from perps_stats.api.live.clients import Code

from .pipes import Pipe, messages_of
from .spoken import PATIENCE_SECONDS, USUAL, Message, Spoken, so, streaming, ticker, trade

BTC = {"exchange": "binance", "symbol": "BTC"}
BOTH = msgspec.json.encode(
    {"op": "subscribe", "channels": [{"data_set": name, **BTC} for name in ("tickers", "trades")]}
)
STEPS = ("trade", "trade", "price", "tick", "tick", "empty", "other")
ADMITTING = asyncio.run(admission())


def play(steps: list[str], room: int, source: Spoken) -> tuple[list[Message], int, int]:
    """What a client hears while prices change, trades happen, and it is slow: until all is taken.
    And how many trades and prices there were.
    """
    hub = Hub(source, ADMITTING, Limits(), now=lambda: datetime.now(UTC), seconds=lambda: 0.0)
    pipe = Pipe(hub, room)
    other = Pipe(hub, 1 << 30)
    hub.hear(pipe.client, BOTH)
    trades = prices = 0
    for step in (*steps, "tick"):
        match step:
            case "trade":
                trades += 1
                source.say("trades", trade(trades))
            case "price":
                prices += 1
                source.say("tickers", ticker(prices))
            case "tick":
                hub.tick()
            case "other":
                hub.hear(other.client, BOTH)
            case _:
                pipe.empty()
    pipe.empty_again_and_again()
    return list(messages_of(pipe.said)), trades, prices


@given(
    st.lists(st.sampled_from(STEPS), max_size=60),
    st.integers(0, 3000),
    st.sampled_from([300, 1000, 1 << 20]),
    st.sampled_from([100, 1 << 18]),
)
def test_what_a_client_hears_is_true(
    steps: list[str], room: int, remembered: int, at_once: int
) -> None:
    """Whatever it takes and when: the last price is the last; no trade comes twice or out of order,
    and none is missing but where a gap says so; numbers only grow.
    """
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(topics, "REMEMBERED_BYTES", remembered)
        patched.setattr(clients, "MOST_AT_ONCE", at_once)
        told, trades, prices = play(steps, room, Spoken())
    of_prices = [one for one in told if one.data_set == "tickers" and one.data]
    assert [one.of_rows("last_price") for one in of_prices][-1:] == [[str(prices)]] * bool(prices)
    for name in ("tickers", "trades"):
        numbers = [one.seq for one in told if one.data_set == name and one.type == "update"]
        assert numbers == sorted(set(numbers))
    follows = 0
    for message in told:
        if message.data_set != "trades":
            continue
        if message.type == "snapshot" or message.of == "delivery":
            follows = 0  # whatever comes next
        for number in numbers_of(message):
            assert follows in (0, number)
            follows = number + 1
    heard = [number for one in told if one.data_set == "trades" for number in numbers_of(one)]
    assert heard == sorted(set(heard))
    assert heard[-1:] == [trades] * bool(trades)


def numbers_of(message: Message) -> list[int]:
    return [int(str(name)) for name in message.of_rows("id")]


async def test_one_that_never_reads() -> None:
    """It is closed with 1013 when it has taken nothing for long; what waits for it stays bounded,
    and the others hear everything.
    """
    source, clock = Spoken(), Clock()
    async with streaming(source, seconds=clock) as stream, stream.client() as quick:
        await quick.subscribe("trades", "binance", "BTC")
        await quick.told()
        await stream.deaf(BOTH)
        await so(lambda: 2 in [len(one.topics) for one in stream.hub.clients])
        (slow,) = [one for one in stream.hub.clients if len(one.topics) == 2]
        heard: list[object] = []

        async def go_on() -> None:
            count = len(heard) + 400
            source.say("trades", *(trade(number) for number in range(len(heard), count)))
            source.say("tickers", ticker(count))
            while len(heard) < count:
                heard.extend((await quick.told()).of_rows("id"))

        async with asyncio.timeout(PATIENCE_SECONDS):
            while not stream.hub.counts["conflated"]:
                await go_on()
            clock.now += USUAL.slow_seconds + 0.1
            while slow in stream.hub.clients:
                await go_on()
        assert heard == [str(number) for number in range(len(heard))]
        assert stream.hub.closed == {1013: 1}


async def test_one_that_reads_too_slowly_is_told_of_a_gap() -> None:
    """When it reads again it hears that trades are missing, and the price that holds now."""
    source = Spoken()
    async with streaming(source, seconds=Clock()) as stream:
        deaf = await stream.deaf(BOTH)
        (slow,) = stream.hub.clients
        count = 0
        while stream.hub.topics == {} or not slow.is_full:
            source.say("trades", *(trade(count + number) for number in range(400)))
            count += 400
            await asyncio.sleep(0.02)
        for _ in range(10):  # more than is remembered
            source.say("trades", *(trade(count + number) for number in range(1000)))
            count += 1000
            await asyncio.sleep(0.1)
        source.say("tickers", ticker(7))
        said = b""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not ends_well(said, count):
                said += await loop.sock_recv(deaf, 1 << 16)
        told = [one for one in messages_of(said[said.index(b"\x81") :]) if one.of == "delivery"]
        assert [(one.data_set, one.reason) for one in told] == [("trades", "slow")]
        assert told[0].seq > told[0].after
        assert stream.hub.counts["gaps"] == 1


def ends_well(said: bytes, count: int) -> bool:
    """Whether the last trade and the price are in it."""
    return b'"id":"%d"' % (count - 1) in said[-1_000_000:] and b'"last_price":"7"' in said


def test_one_that_misses_again_and_again_is_closed() -> None:
    """Three gaps within a minute: it can not keep up. Not if they lie further apart."""
    for apart, code in ((1.0, Code.TRY_AGAIN_LATER), (31.0, None)):
        assert missing_thrice(apart) is code


def missing_thrice(apart: float) -> Code | None:
    clock = [0.0]
    source = Spoken()
    limits = Limits(slow_seconds=1e9, idle_seconds=1e9)
    hub = Hub(source, ADMITTING, limits, now=lambda: datetime.now(UTC), seconds=lambda: clock[0])
    pipe = Pipe(hub, 0)
    hub.hear(pipe.client, BOTH)
    for _ in range(3):
        pipe.empty_again_and_again()
        hub.fill(pipe.client)
        for _ in range(12):
            source.say("trades", *(trade(number) for number in range(500)))
            hub.tick()
        clock[0] += apart
        pipe.empty_again_and_again()
    clock[0] += 1.0
    hub.tick()
    return pipe.code
