"""A simulated Paradex's stream over real sockets: requests, errors, channels, limits, faults."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from itertools import pairwise

import aiohttp
import pytest

from .wire import Client, Clock, Json, Socket, is_quiet, receive, simulated

BTC, ETH = "BTC-USD-PERP", "ETH-USD-PERP"
SNAPSHOTS, DELTAS = f"order_book.{BTC}.snapshot@15@100ms", f"order_book.{BTC}.deltas"


@asynccontextmanager
async def connected(rate: float = 1.0, **settings: Json) -> AsyncIterator[tuple[Client, Socket]]:
    """A connection to a venue whose time runs so many times as fast as ours."""
    async with (
        simulated(exchange="paradex", clock=Clock(rate=rate), **settings) as client,
        client.connect("/v1") as stream,
    ):
        yield client, stream


async def ask(stream: Socket, method: str, channel: str, number: int = 1) -> None:
    params = {"channel": channel}
    await stream.send_json({"jsonrpc": "2.0", "method": method, "params": params, "id": number})


async def subscribed(stream: Socket, channel: str) -> None:
    await ask(stream, "subscribe", channel)
    assert (await receive(stream, 1))[0]["result"] == {"channel": channel}


async def pushed(stream: Socket, count: int) -> list[Json]:
    """The data of the next pushes."""
    frames = await receive(stream, count)
    assert {frame["method"] for frame in frames} == {"subscription"}
    return [frame["params"]["data"] for frame in frames]


async def answered(stream: Socket, number: int) -> Json:
    """The answer to a request, whatever is pushed before."""
    while True:
        (frame,) = await receive(stream, 1)
        if frame.get("id") == number:
            return frame


async def test_a_subscription_is_confirmed_with_its_channel() -> None:
    """And with the request's id and the times of both."""
    async with connected() as (_, stream):
        await ask(stream, "subscribe", f"trades.{BTC}", 7)
        (frame,) = await receive(stream, 1)
    assert frame.keys() == {"jsonrpc", "result", "usIn", "usDiff", "usOut", "id"}
    assert (frame["id"], frame["result"]) == (7, {"channel": f"trades.{BTC}"})


@pytest.mark.parametrize(
    "channel",
    [
        "trades",
        "bbo",
        "trades.NO-USD-PERP",
        "order_book.BTC-USD-PERP",
        "order_book.BTC-USD-PERP.snapshot@15@10ms",
        "order_book.BTC-USD-PERP.snapshot@50@100ms",
        "order_book.NO-USD-PERP.deltas",
        "markets_summary.ALL",
        "klines.BTC-USD-PERP",
        "",
    ],
)
async def test_what_is_no_channel_is_refused(channel: str) -> None:
    """With the error of the documents."""
    async with connected() as (_, stream):
        await ask(stream, "subscribe", channel, 3)
        (frame,) = await receive(stream, 1)
    assert frame["id"] == 3
    assert frame["error"] == {
        "code": -32600,
        "message": "invalid subscribe request",
        "data": "invalid channel",
    }


async def test_a_second_subscription_is_refused() -> None:
    """Until the first was ended; what was not subscribed cannot end."""
    channel = "trades.BTC-USD-95000-C"  # nobody trades it
    async with connected() as (_, stream):
        await subscribed(stream, channel)
        await ask(stream, "subscribe", channel, 2)
        assert (await receive(stream, 1))[0]["error"]["code"] == -32600
        await ask(stream, "unsubscribe", channel, 3)
        assert (await receive(stream, 1))[0]["result"] == {"channel": channel}
        await ask(stream, "unsubscribe", channel, 4)
        assert (await receive(stream, 1))[0]["error"]["code"] == -32600
        await subscribed(stream, channel)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("nonsense", -32700),
        ("[]", -32600),
        ('{"method":"subscribe","params":{"channel":"bbo"},"id":1}', -32600),
        ('{"jsonrpc":"2.0","method":"dance","params":{},"id":1}', -32601),
        ('{"jsonrpc":"2.0","method":"subscribe","params":{},"id":1}', -32602),
        ('{"jsonrpc":"2.0","method":"subscribe","id":1}', -32602),
    ],
)
async def test_malformed_requests_get_an_error(text: str, code: int) -> None:
    """The codes of JSON-RPC, and the connection goes on."""
    async with connected() as (_, stream):
        await stream.send_str(text)
        assert (await receive(stream, 1))[0]["error"]["code"] == code
        await subscribed(stream, "trades.BTC-USD-95000-C")


async def test_a_snapshot_is_the_whole_top_of_the_book() -> None:
    """15 levels a side, all of them inserts; numbers rise and may jump."""
    async with connected() as (_, stream):
        await subscribed(stream, SNAPSHOTS)
        books = await pushed(stream, 8)
        while books[-1]["seq_no"] - books[-2]["seq_no"] == 1:
            books += await pushed(stream, 1)
    for book in books:
        assert (book["update_type"], book["updates"], book["deletes"]) == ("s", [], [])
        sides = [each["side"] for each in book["inserts"]]
        assert sides == ["BUY"] * 15 + ["SELL"] * 15
        prices = [Decimal(each["price"]) for each in book["inserts"]]
        assert prices[0] < prices[15]
    numbers = [book["seq_no"] for book in books]
    assert all(before < after for before, after in pairwise(numbers))


async def test_changes_are_numbered_one_by_one_and_keep_the_book() -> None:
    """From the whole first frame on, inserts are new, updates and deletes are known levels; the
    kept book is the venue's own at every number.
    """
    kept: dict[tuple[str, Decimal], Decimal] = {}
    async with connected() as (client, stream):
        await subscribed(stream, DELTAS)
        (book,) = await pushed(stream, 1)
        assert book["update_type"] == "s"
        apply(kept, book)
        number = await followed(stream, kept, book["seq_no"], book["seq_no"] + 20)
        truth = client.rested(BTC)
        await followed(stream, kept, number, truth.last_update_id)
    assert {price: size for (side, price), size in kept.items() if side == "BUY"} == dict(
        truth.bids
    )
    assert {price: size for (side, price), size in kept.items() if side == "SELL"} == dict(
        truth.asks
    )


async def followed(
    stream: Socket, kept: dict[tuple[str, Decimal], Decimal], number: int, last: int
) -> int:
    """The changes after a number, up to the last."""
    while number < last:
        (change,) = await pushed(stream, 1)
        assert (change["update_type"], change["seq_no"]) == ("d", number + 1)
        number += 1
        apply(kept, change)
    return number


def apply(kept: dict[tuple[str, Decimal], Decimal], change: Json) -> None:
    def key(each: Json) -> tuple[str, Decimal]:
        return each["side"], Decimal(each["price"])

    for each in change["inserts"]:
        assert key(each) not in kept
        kept[key(each)] = Decimal(each["size"])
    for each in change["updates"]:
        assert key(each) in kept
        kept[key(each)] = Decimal(each["size"])
    for each in change["deletes"]:
        del kept[key(each)]


async def test_the_best_prices_are_those_of_the_book_of_that_number() -> None:
    """Books and best prices share their count."""
    kept: dict[tuple[str, Decimal], Decimal] = {}
    compared = 0
    async with connected(rate=20.0) as (_, stream):
        await ask(stream, "subscribe", DELTAS, 1)
        await ask(stream, "subscribe", f"bbo.{BTC}", 2)
        number = 0
        while not compared:
            (frame,) = await receive(stream, 1)
            if "params" not in frame:
                continue
            data = frame["params"]["data"]
            if frame["params"]["channel"] == DELTAS:
                apply(kept, data)
                number = data["seq_no"]
            elif data["seq_no"] == number:
                bid = max(price for side, price in kept if side == "BUY")
                ask_price = min(price for side, price in kept if side == "SELL")
                assert (Decimal(data["bid"]), Decimal(data["ask"])) == (bid, ask_price)
                assert Decimal(data["bid_size"]) == kept["BUY", bid]
                compared += 1


async def test_a_new_subscription_begins_with_a_whole_book() -> None:
    """A broken chain is mended by unsubscribing and subscribing anew."""
    async with connected() as (_, stream):
        await subscribed(stream, DELTAS)
        await pushed(stream, 3)
        await ask(stream, "unsubscribe", DELTAS, 5)
        await answered(stream, 5)
        assert await is_quiet(stream)
        await subscribed(stream, DELTAS)
        first, second = await pushed(stream, 2)
    assert (first["update_type"], second["update_type"]) == ("s", "d")
    assert second["seq_no"] == first["seq_no"] + 1


@pytest.mark.parametrize(
    ("channel", "fields"),
    [
        (f"bbo.{BTC}", {"seq_no", "bid", "bid_size", "ask", "ask_size", "last_updated_at"}),
        (f"trades.{BTC}", {"id", "side", "size", "price", "created_at", "trade_type"}),
        (f"markets_summary.{BTC}", {"mark_price", "volume_24h", "funding_rate", "created_at"}),
        (f"funding_data.{BTC}", {"funding_rate", "funding_period_hours", "created_at"}),
    ],
)
async def test_each_channel_tells_its_market(channel: str, fields: set[str]) -> None:
    """The rows of REST, one a frame."""
    async with connected(rate=20.0) as (client, stream):
        await subscribed(stream, channel)
        frames = await receive(stream, 2)
        kind = channel.partition(".")[0]
        assert client.venue.counters.frames[kind] >= 2
    for frame in frames:
        assert frame["params"]["channel"] == channel
        data = frame["params"]["data"]
        assert data.keys() >= fields
        assert data.get("market", data.get("symbol")) == BTC


@pytest.mark.parametrize("channel", ["trades.ALL", "bbo.ALL", "markets_summary", "funding_data"])
async def test_a_channel_of_all_markets(channel: str) -> None:
    """One subscription, the frames of several markets."""
    async with connected(rate=20.0) as (_, stream):
        await subscribed(stream, channel)
        told: set[str] = set()
        while not told >= {BTC, ETH}:
            (row,) = await pushed(stream, 1)
            told.add(row.get("market", row.get("symbol")))


async def test_a_dropped_change_breaks_the_chain_once() -> None:
    """The third is missing, and the market goes on."""
    async with connected(faults=("drop:3",)) as (_, stream):
        await subscribed(stream, DELTAS)
        books = await pushed(stream, 8)
    steps = [after["seq_no"] - before["seq_no"] for before, after in pairwise(books)]
    assert steps == [1, 1, 2, 1, 1, 1, 1]


async def test_a_dropped_snapshot_harms_nobody() -> None:
    """The next one is whole again; the drop counts it."""
    async with connected(faults=("drop:1",)) as (_, stream):
        await subscribed(stream, SNAPSHOTS)
        books = await pushed(stream, 3)
    assert {len(book["inserts"]) for book in books} == {30}


async def test_an_address_opens_20_connections_a_second() -> None:
    """The next handshake is refused while the second lasts."""
    async with simulated(exchange="paradex", clock=Clock()) as client:
        opened = [await client.connect("/v1").__aenter__() for _ in range(20)]
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await client.connect("/v1").__aenter__()
        assert refused.value.status == 429
        for socket in opened:
            await socket.close()


async def test_the_streams_path_without_an_upgrade_is_refused() -> None:
    """A plain GET of it is a bad request."""
    async with simulated(exchange="paradex") as client:
        assert (await client.request("GET", "/v1")).status == 400
