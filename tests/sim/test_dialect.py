"""What the dialects share, by a dialect of no exchange, over real sockets."""

import json
from collections.abc import AsyncIterator
from decimal import Decimal
from itertools import pairwise

import aiohttp
import pytest
from msgspec import structs

from perps_stats.sim import server

from . import toy
from .wire import NOON, Client, Clock, Json, Seconds, Socket, next_message, simulated


@pytest.fixture(autouse=True)
def _spoken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(server.DIALECTS, "toy", toy.of_model)


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """A toy venue whose clock stands still at noon, 20 s into the minute."""
    async with simulated(exchange="toy", clock=Clock(NOON + 20_000)) as client:
        yield client


@pytest.fixture
async def trading() -> AsyncIterator[Client]:
    """The same, with a clock that runs."""
    async with simulated(exchange="toy", clock=Clock(NOON + 20_000, 1.0)) as client:
        yield client


async def heard(stream: Socket, count: int = 1) -> list[Json]:
    return [json.loads((await next_message(stream)).data) for _ in range(count)]


async def until(stream: Socket, text: str) -> None:
    while (await heard(stream))[0] != text:
        pass


async def test_a_path_holds_parameters_and_a_plain_one_comes_first(client: Client) -> None:
    """{coin} is any one segment; /coins/best/book is a question of its own."""
    reply = await client.request("GET", "/coins/ETH/book", levels=2)
    book = reply.json()["ok"]["book"]
    assert [len(book["bids"]), len(book["asks"])] == [2, 2]
    assert client.venue.counters.snapshots_served == 1
    assert (await client.request("GET", "/coins/best/book")).json() == {"ok": "best"}
    assert (await client.request("GET", "/coins/a/b/book")).status == 404


async def test_a_question_has_its_method(client: Client) -> None:
    """What is posted is answered to a POST alone, and may name the venue's own address."""
    host = client.venue.rest_url.removeprefix("http://")
    assert (await client.request("POST", "/token")).json() == {"ok": [host, ""]}
    reply = await client.request("GET", "/token")
    assert (reply.status, reply.json()) == (404, {"error": "GET /token"})


async def test_errors_have_the_venues_words_and_status(client: Client) -> None:
    """An error may come with HTTP 200; a bad parameter says which and how."""
    reply = await client.request("GET", "/coins/NONE/book")
    assert (reply.status, reply.json()) == (200, {"error": "NO_COIN"})
    said = [
        (await client.request("GET", path, **query)).json()["error"]
        for path, query in (("/since", {}), ("/since", {"from": "x"}))
    ]
    assert said == ["from missing", "from malformed"]
    reply = await client.request("GET", "/coins/BTC/book", levels=51)
    assert reply.json() == {"error": "levels out of range"}


async def test_a_window_refuses_what_is_beyond_it(client: Client) -> None:
    """Each answer tells what is left of the window, and in how many ms it ends."""
    replies = [await client.request("GET", "/coins/BTC/book") for _ in range(4)]
    assert [reply.status for reply in replies] == [200, 200, 200, 429]
    assert [reply.headers["left"] for reply in replies] == ["7", "4", "1", "-2"]
    assert {reply.headers["reset"] for reply in replies} == {"40000"}
    assert replies[-1].json() == {"error": "SLOW"}


async def test_faults_come_in_the_venues_words() -> None:
    """HTTP 500 and 429 on request, by a path's end that holds a name with a dash."""
    faults = ("http500:1", "429:best/book:2", "crossed:ETH/book:1")
    async with simulated(exchange="toy", faults=faults) as client:
        replies = [await client.request("GET", "/coins/best/book") for _ in range(2)]
        book = (await client.request("GET", "/coins/ETH/book")).json()["ok"]["book"]
    assert [reply.json()["error"] for reply in replies] == ["BROKEN", "SLOW"]
    assert float(book["bids"][0][0]) > float(book["asks"][0][0])


async def test_who_connects_is_greeted_and_may_get_several_answers(client: Client) -> None:
    """In order, in binary frames where the venue has them."""
    async with client.connect("/stream") as stream:
        await stream.send_str("ping")
        assert await heard(stream, 3) == ["welcome", "pong", "really"]


async def test_a_newcomer_is_shown_where_the_chain_goes_on(trading: Client) -> None:
    """Ack, its own first frame, then the chain, whoever listened before."""
    async with trading.connect("/stream") as one, trading.connect("/stream") as two:
        for stream in (one, two):
            await stream.send_str("chain BTC")
            assert await heard(stream, 2) == ["welcome", "ack"]
            first, *chain = [frame["chain BTC"] for frame in await heard(stream, 4)]
            assert [previous for previous, _ in chain] == [
                first[0],
                *[last for _, last in chain[:-1]],
            ]


async def test_a_dropped_change_breaks_the_chain() -> None:
    """The third change is missing; first frames are not counted."""
    async with (
        simulated(exchange="toy", faults=("drop:3",)) as client,
        client.connect("/stream") as stream,
    ):
        await stream.send_str("chain BTC")
        _, _, _, *frames = await heard(stream, 7)
    chain = [frame["chain BTC"] for frame in frames]
    assert [later[0] == earlier[1] for earlier, later in pairwise(chain)] == [True, False, True]


async def test_nothing_comes_of_a_topic_after_its_end_was_told(trading: Client) -> None:
    """What was posted before the reply comes before it; a new subscription begins anew."""
    async with trading.connect("/stream") as stream:
        await stream.send_str("chain BTC")
        await heard(stream, 5)
        await stream.send_str("chain BTC")
        await until(stream, "gone")
        await stream.send_str("chain BTC")
        ack, first, after = await heard(stream, 3)
    assert (ack, [after["chain BTC"][0]]) == ("ack", first["chain BTC"])


async def test_one_topic_tells_of_all_markets(trading: Client) -> None:
    """Each market speaks for itself in the same topic."""
    async with trading.connect("/stream") as stream:
        await stream.send_str("all")
        _, _, *frames = await heard(stream, 5)
    assert {frame["all"][0] for frame in frames} == {"btc", "eth", "sol"}


async def test_a_sequence_counts_levels_one_by_one(trading: Client) -> None:
    """REST tells the same numbers; a book kept by them is the truth and never crossed."""
    async with trading.connect("/stream") as stream:
        await stream.send_str("levels BTC")
        await heard(stream, 3)
        reply = (await trading.request("GET", "/coins/BTC/book", levels=50)).json()["ok"]
        last, book = reply["sequence"], reply["book"]
        sides = {
            True: {Decimal(price): Decimal(size) for price, size in book["bids"]},
            False: {Decimal(price): Decimal(size) for price, size in book["asks"]},
        }
        floor, ceiling = min(sides[True]), max(sides[False])
        while last < reply["sequence"] + 100:
            number, is_bid, price, size = (await heard(stream))[0]["levels BTC"]
            if number <= last:
                continue
            assert number == last + 1
            last = number
            sides[is_bid][Decimal(price)] = Decimal(size)
            best = (
                [p for p in sides[True] if sides[True][p]],
                [p for p in sides[False] if sides[False][p]],
            )
            assert max(best[0]) < min(best[1])
    assert floor < ceiling


async def test_who_is_not_heard_is_parted_with(client: Client, seconds: Seconds) -> None:
    """Pongs alone keep a connection; without any it ends as the venue ends it."""
    url = client.venue.ws_url + "/stream"
    async with client._session.ws_connect(url, autoping=False) as stream:
        assert await heard(stream) == ["welcome"]
        for topic in ("nothing", "nothing else"):
            seconds.now += 40
            assert (await next_message(stream)).type is aiohttp.WSMsgType.PING
            await stream.pong()
            await stream.send_str(topic)
            assert await heard(stream) == ["ack"]
        seconds.now += 60
        assert await heard(stream) == ["silent"]
        assert (await next_message(stream)).type is aiohttp.WSMsgType.CLOSED
        assert stream.close_code == aiohttp.WSCloseCode.ABNORMAL_CLOSURE


async def test_a_venue_may_ping_in_its_own_words(
    client: Client, seconds: Seconds, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A frame instead of the protocol's ping; who answers it as the venue wants is heard."""
    limits = structs.replace(toy.ToyManners.limits, ping_frame=b'"are you there"')
    monkeypatch.setattr(toy.ToyManners, "limits", limits)
    async with client.connect("/stream") as stream:
        assert await heard(stream) == ["welcome"]
        for _ in range(3):
            seconds.now += 40
            assert await heard(stream) == ["are you there"]
            await stream.send_str("ping")
            assert await heard(stream, 2) == ["pong", "really"]
        seconds.now += 60
        assert await heard(stream) == ["silent"]


@pytest.mark.usefixtures("seconds")
async def test_who_floods_gets_a_last_word(client: Client) -> None:
    """Twenty messages a second are heard; then come the venue's frame and code."""
    async with client.connect("/stream") as stream:
        for _ in range(21):
            await stream.send_str("ping")
        assert await heard(stream, 42) == ["welcome", *["pong", "really"] * 20, "too many"]
        assert (await next_message(stream)).type is aiohttp.WSMsgType.CLOSE
        assert stream.close_code == aiohttp.WSCloseCode.TRY_AGAIN_LATER


async def test_a_venue_ends_a_connection_after_what_it_said(client: Client) -> None:
    """The end keeps its place among the frames."""
    async with client.connect("/stream") as stream:
        await stream.send_str("bye")
        assert await heard(stream, 2) == ["welcome", "so"]
        assert (await next_message(stream)).type is aiohttp.WSMsgType.CLOSE
        assert stream.close_code == aiohttp.WSCloseCode.OK


async def test_a_venue_has_its_own_market_of_a_coin() -> None:
    """Other turnover, interest and funding, another lot, near the same price."""
    clock = Clock()
    async with simulated(exchange="toy", clock=clock) as client:
        toys = client.venue.source("BTC")
    async with simulated(clock=clock) as client:
        first = client.venue.source("BTCUSDT")
    assert 8 < float(first.day().turnover) / float(toys.day().turnover) < 12
    assert 3 < float(first.open_interest()[0]) / float(toys.open_interest()[0]) < 6
    assert 0.99 < float(first.mark().index) / float(toys.mark().index) < 1.01
    assert first.mark().rate != toys.mark().rate
    assert (toys.mark().next_time - NOON, first.mark().next_time - NOON) == (3_600_000, 14_400_000)
    assert Decimal(toys.day().volume).as_tuple().exponent == -2


async def test_a_source_is_of_a_listed_symbol(client: Client) -> None:
    """Facts are those of this moment; another symbol is a KeyError."""
    assert client.venue.source("BTC").time() == NOON + 20_000
    with pytest.raises(KeyError):
        client.venue.source("NONE")
