"""The way into a stream, and the wall before an exchange, when they do not let one through."""

import asyncio
from time import monotonic

import aiohttp
import pytest

from perps_stats.sim.dialect import rest

from . import kucoin_wire as kucoin
from .raw_wire import raw_stream
from .wire import Client, Clock, Json, receive, simulated

PATH = "/public/ws/btcusdt@depth@0ms"


async def refusal(client: Client, path: str = PATH) -> tuple[int, str | None]:
    """The status of a handshake that fails, and when to come back."""
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await client._session.ws_connect(client.venue.ws_url + path)
    headers = caught.value.headers
    return caught.value.status, headers.get("Retry-After") if headers else None


@pytest.mark.parametrize(
    ("fault", "status", "seconds"),
    [
        ("429:ws:1", 429, "5"),
        ("429:ws:1:30", 429, "30"),
        ("418:ws:1", 418, "120"),
        ("403:ws:1", 403, None),
        ("503:ws:1:2", 503, "2"),
        ("http500:ws:1", 500, None),
        ("html:ws:1", 502, None),
    ],
)
async def test_a_handshake_is_refused_once(fault: str, status: int, seconds: str | None) -> None:
    """With its status and Retry-After; REST is not concerned, and the next one gets in."""
    async with simulated(symbols=("BTC",), faults=(fault,)) as client:
        assert (await client.ask("ping")).status == 200
        assert await refusal(client) == (status, seconds)
        async with client.connect(PATH) as stream:
            await receive(stream, 1)
        assert client.venue.counters.connections == 1
        assert client.venue.counters.faults == {fault.partition(":")[0]: 1}


async def test_a_handshake_is_reset() -> None:
    """It ends without an answer."""
    async with simulated(symbols=("BTC",), faults=("reset:ws:1",)) as client:
        with pytest.raises(ConnectionResetError):
            async with raw_stream(client, PATH):
                pass
        async with raw_stream(client, PATH) as stream:
            await stream.frame()


async def test_a_handshake_hangs_or_is_slow() -> None:
    """The one is never answered, the other late."""
    async with simulated(symbols=("BTC",), faults=("hang:ws:1", "slow:ws:2:0.2")) as client:
        connecting = asyncio.create_task(first_frame(client))
        while not client.venue.counters.faults["hang"]:
            await asyncio.sleep(0.01)
        began = monotonic()
        await first_frame(client)
        assert monotonic() - began >= 0.2
        assert not connecting.done()
        connecting.cancel()


async def first_frame(client: Client) -> Json:
    async with client.connect(PATH) as stream:
        return await receive(stream, 1)


async def test_no_token_is_a_refusal_of_rest() -> None:
    """KuCoin's stream begins with a POST, which has its limits as well."""
    async with kucoin.market(faults=("429:bullet-public:1",)) as client:
        reply = await client.request("POST", "/api/v1/bullet-public")
        assert reply.status == 429
        async with kucoin.stream(client):
            pass


@pytest.mark.parametrize(("fault", "status"), [("403:1", 403), ("503:1:4", 503)])
async def test_the_wall_answers_in_words_of_its_own(fault: str, status: int) -> None:
    """A web page instead of the exchange's envelope."""
    async with simulated(faults=(fault,)) as client:
        reply = await client.ask("ping")
        assert reply.status == status
        assert reply.headers.get("Retry-After") == ("4" if status == 503 else None)
        assert reply.headers["Content-Type"].startswith("text/html")
        assert reply.body.startswith(b"<html>")
        assert (await client.ask("ping")).status == 200


async def test_a_slow_answer_is_of_when_it_was_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two questions that are asked together the slow one is answered last, with the old time."""
    clock, over = Clock(), asyncio.Event()
    waits: list[float] = []

    async def waited(seconds: float, _: asyncio.Event) -> None:
        waits.append(seconds)
        await over.wait()

    monkeypatch.setattr(rest, "waited", waited)
    async with simulated(clock=clock, faults=("slow:time:1:0.4",)) as client:
        slow = asyncio.create_task(client.rows("time"))
        while not waits:
            await asyncio.sleep(0.01)
        asked = clock.now
        clock.now += 5000
        quick = await client.rows("time")
        assert not slow.done()
        over.set()
        assert (await slow)["serverTime"] == asked
    assert quick["serverTime"] == asked + 5000
    assert waits == [0.4]


async def test_every_answer_may_be_slow() -> None:
    """As long as the simulator runs; other paths are not."""
    began = monotonic()
    async with simulated(faults=("slow:time:*:0.05",)) as client:
        for _ in range(3):
            await client.ask("time")
        assert monotonic() - began >= 3 * 0.05
        await client.ask("ping")
        assert client.venue.counters.faults == {"slow": 3}


async def test_a_stale_book_is_the_one_of_the_first_time() -> None:
    """Of the market that was asked for before: older than a stream that began since."""
    async with simulated(symbols=("BTC", "ETH"), faults=("stale:depth:1",)) as client:
        first = await client.rows("depth", symbol="BTCUSDT", limit=1000)
        async with client.connect(PATH) as stream:
            (diff,) = await receive(stream, 1)
            other = await client.rows("depth", symbol="ETHUSDT", limit=1000)
            stale = await client.rows("depth", symbol="BTCUSDT", limit=1000)
            sound = await client.rows("depth", symbol="BTCUSDT", limit=1000)
    assert stale == first
    assert stale["lastUpdateId"] < diff["U"] <= sound["lastUpdateId"]
    assert other["bids"] != stale["bids"]
