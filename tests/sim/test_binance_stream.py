"""WebSocket over real sockets: commands, routes, forms, limits."""

import aiohttp
import pytest

from .wire import Clock, Json, Socket, is_quiet, next_message, receive, simulated

BOOK = {"depthUpdate", "bookTicker"}
PUBLIC = BOOK | {"trade"}
MARKET = {"aggTrade", "markPriceUpdate", "kline", "24hrTicker", "24hrMiniTicker"}
ALL = [
    f"btcusdt@{what}"
    for what in (
        "depth@0ms",
        "bookTicker",
        "trade",
        "aggTrade",
        "markPrice@1s",
        "kline_1m",
        "ticker",
        "miniTicker",
    )
]


async def command(stream: Socket, method: str, params: object = (), number: object = 1) -> None:
    await stream.send_json({"method": method, "params": params, "id": number})


async def test_subscriptions_are_acknowledged_and_listed() -> None:
    """SUBSCRIBE, LIST_SUBSCRIPTIONS and UNSUBSCRIBE answer with their own id."""
    async with simulated() as client, client.connect("/market/ws") as stream:
        await command(stream, "SUBSCRIBE", ["btcusdt@forceOrder", "ethusdt@forceOrder"], 7)
        assert await receive(stream, 1) == [{"result": None, "id": 7}]
        await command(stream, "UNSUBSCRIBE", ["btcusdt@forceOrder"], "x")
        assert await receive(stream, 1) == [{"result": None, "id": "x"}]
        await command(stream, "LIST_SUBSCRIPTIONS", number=9)
        assert await receive(stream, 1) == [{"result": ["ethusdt@forceOrder"], "id": 9}]


async def test_unsubscribing_ends_the_frames() -> None:
    """After the acknowledgement nothing more comes."""
    async with simulated() as client, client.connect("/public/ws/btcusdt@depth@0ms") as stream:
        await receive(stream, 3)
        await command(stream, "UNSUBSCRIBE", ["btcusdt@depth@0ms"], 5)
        while (await receive(stream, 1))[0].get("id") != 5:
            pass
        assert await is_quiet(stream)


@pytest.mark.parametrize("name", ["nosuch@depth@0ms", "BTCUSDT@depth@0ms", "btcusdt@nothing"])
async def test_unknown_streams_are_acknowledged_and_silent(name: str) -> None:
    """As the exchange does: no error, no frame."""
    async with simulated() as client, client.connect("/public/ws") as stream:
        await command(stream, "SUBSCRIBE", [name])
        assert await receive(stream, 1) == [{"result": None, "id": 1}]
        assert await is_quiet(stream)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("nonsense", 3),
        ("[]", 2),
        ('{"params":["a"],"id":1}', 2),
        ('{"method":"SUBSCRIBE","params":"a","id":1}', 2),
        ('{"method":"DANCE","params":[],"id":1}', 2),
    ],
)
async def test_malformed_commands_get_an_error(text: str, code: int) -> None:
    """{"code": …, "msg": …}, and the connection goes on."""
    async with simulated() as client, client.connect("/public/ws") as stream:
        await stream.send_str(text)
        (error,) = await receive(stream, 1)
        assert set(error) == {"code", "msg"}
        assert error["code"] == code
        await command(stream, "LIST_SUBSCRIPTIONS")
        assert await receive(stream, 1) == [{"result": [], "id": 1}]


@pytest.mark.parametrize(
    ("route", "delivered"), [("/public", PUBLIC), ("/market", MARKET), ("", BOOK)]
)
async def test_each_path_delivers_its_class(route: str, delivered: set[str]) -> None:
    """Everything is acknowledged; the other class is silent."""
    async with (
        simulated(clock=Clock(rate=20.0)) as client,
        client.connect(f"{route}/ws") as stream,
    ):
        await command(stream, "SUBSCRIBE", ALL)
        assert await receive(stream, 1) == [{"result": None, "id": 1}]
        kinds = [frame["e"] for frame in await receive(stream, 149)]
        while set(kinds) < delivered:
            kinds += [frame["e"] for frame in await receive(stream, 1)]
        assert set(kinds) == delivered


async def test_combined_frames_name_their_stream() -> None:
    """/stream wraps each frame; the data is what the raw path sends."""
    path = "/public/stream?streams=btcusdt@depth@0ms/ethusdt@depth@0ms"
    async with simulated() as client, client.connect(path) as stream:
        frames = await receive(stream, 6)
    assert {frame["stream"]: frame["data"]["s"] for frame in frames} == {
        "btcusdt@depth@0ms": "BTCUSDT",
        "ethusdt@depth@0ms": "ETHUSDT",
    }
    assert {frozenset(frame) for frame in frames} == {frozenset({"stream", "data"})}


async def test_frames_have_the_fields_of_the_wire() -> None:
    """Names and types of every kind, with st and ps since June 2026."""
    common = {"e", "E", "s", "st", "ps"}
    fields = {
        "depthUpdate": {"T", "U", "u", "pu", "b", "a"},
        "bookTicker": {"u", "b", "B", "a", "A", "T"},
        "trade": {"T", "t", "p", "q", "X", "m"},
        "aggTrade": {"a", "p", "q", "nq", "f", "l", "T", "m"},
        "markPriceUpdate": {"p", "ap", "P", "i", "r", "T"},
        "kline": {"k"},
        "24hrTicker": set("pPwcQohlvqOCFLn"),
        "24hrMiniTicker": set("cohlvq"),
    }
    seen: dict[str, Json] = {}
    async with simulated(clock=Clock(rate=20.0)) as client:
        for route in ("public", "market"):
            async with client.connect(f"/{route}/stream?streams={'/'.join(ALL)}") as stream:
                while not set(seen) >= (PUBLIC if route == "public" else PUBLIC | MARKET):
                    (frame,) = await receive(stream, 1)
                    seen[frame["data"]["e"]] = frame["data"]
    assert {kind: set(frame) for kind, frame in seen.items()} == {
        kind: common | names for kind, names in fields.items()
    }
    assert {(frame["st"], frame["ps"], frame["s"]) for frame in seen.values()} == {
        (1, "BTCUSDT", "BTCUSDT")
    }
    assert set(seen["kline"]["k"]) == set("tTsifLocohlvnxqVQB")
    assert isinstance(seen["depthUpdate"]["b"][0][0], str)


async def test_liquidations_are_told_now_and_then() -> None:
    """A forceOrder nests the order: the forced side, its price and quantity."""
    async with (
        simulated(symbols=("BTC",), clock=Clock(rate=2000.0)) as client,
        client.connect("/market/ws/btcusdt@forceOrder") as stream,
    ):
        (frame,) = await receive(stream, 1)
    assert frame["e"] == "forceOrder"
    assert frame["o"]["S"] in {"BUY", "SELL"}
    assert {"s", "q", "p", "ap", "X", "l", "z", "T"} <= set(frame["o"])


@pytest.mark.usefixtures("seconds")
async def test_more_than_ten_messages_a_second_end_the_connection() -> None:
    """Ten are answered; the eleventh closes with a policy violation."""
    async with simulated() as client, client.connect("/market/ws") as stream:
        for _ in range(11):
            await command(stream, "LIST_SUBSCRIPTIONS")
        await receive(stream, 10)
        message = await next_message(stream)
        assert message.type is aiohttp.WSMsgType.CLOSE
        assert stream.close_code == aiohttp.WSCloseCode.POLICY_VIOLATION


async def test_a_connection_has_at_most_1024_streams() -> None:
    """The command that would exceed it is refused as a whole."""
    names = [f"s{i}@depth" for i in range(1025)]
    async with simulated() as client, client.connect("/public/ws") as stream:
        await command(stream, "SUBSCRIBE", names[:1024])
        assert await receive(stream, 1) == [{"result": None, "id": 1}]
        await command(stream, "SUBSCRIBE", names[1024:])
        assert (await receive(stream, 1))[0]["code"] == 2


async def test_pings_are_answered() -> None:
    """A ping of the client comes back as a pong with its payload."""
    async with simulated() as client:
        session = client._session
        async with session.ws_connect(client.venue.ws_url + "/market/ws", autoping=False) as stream:
            await stream.ping(b"hello")
            message = await next_message(stream)
            assert message.type is aiohttp.WSMsgType.PONG
            assert message.data == b"hello"


async def test_a_stream_path_without_an_upgrade_is_refused() -> None:
    """A plain GET of a stream's path is a bad request."""
    async with simulated() as client:
        answer = await client._session.get(client.venue.rest_url + "/public/ws")
        assert answer.status == 400


async def test_counters_count_frames_by_kind() -> None:
    """What was sent is known, acknowledgements apart."""
    async with simulated() as client, client.connect("/public/ws/btcusdt@depth@0ms") as stream:
        await receive(stream, 5)
        assert client.venue.counters.frames["depthUpdate"] >= 5
        assert client.venue.counters.connections == 1
