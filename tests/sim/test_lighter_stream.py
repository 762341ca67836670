"""A simulated Lighter's frames over real sockets: forms, controls, limits, faults."""

from contextlib import AbstractAsyncContextManager
from decimal import Decimal

import aiohttp
import msgspec
import pytest

from perps_stats.sim.facts import Span, TradeFact
from perps_stats.sim.lighter import frames
from perps_stats.sim.lighter.listing import Contract
from perps_stats.sim.lighter.manners import LIMITS, LighterManners
from perps_stats.sim.scale import Scale

from .lighter_wire import HERE, STREAM, BrokenChainError, Replica, heard, market, say
from .wire import (
    NOON,
    Client,
    Clock,
    Json,
    Seconds,
    Socket,
    is_quiet,
    next_message,
    passing,
    receive,
)

LATEST = Span(None, None, 1)


def running(**settings: Json) -> AbstractAsyncContextManager[Client]:
    """A market whose clock runs."""
    return market(Clock(HERE, 1.0), **settings)


async def greeted(stream: Socket) -> None:
    (frame,) = await receive(stream, 1)
    assert frame["type"] == "connected"
    assert frame["session_id"]


async def test_a_connection_is_greeted_and_may_ping() -> None:
    """``connected`` first; a ping is answered; what is no command is refused."""
    async with market() as client, client.connect(STREAM) as stream:
        await greeted(stream)
        await stream.send_json({"type": "ping"})
        assert await receive(stream, 1) == [{"type": "pong"}]
        await stream.send_json({"type": "pong"})
        await stream.send_str("{")
        await stream.send_json({"type": "dance"})
        codes = [frame["error"]["code"] for frame in await receive(stream, 2)]
        assert codes == [30_000, 30_006]
        assert await is_quiet(stream)


async def test_a_book_builds_by_its_nonces() -> None:
    """Snapshot, then each frame begins where the last ended, offsets skip; the truth is met."""
    async with running() as client, client.connect(STREAM) as stream:
        await say(stream, "subscribe", "order_book/0")
        snapshot = await heard(stream, "subscribed/order_book")
        assert snapshot["channel"] == "order_book:0"
        assert snapshot["last_updated_at"] == snapshot["timestamp"] * 1000
        replica, offset = Replica(snapshot), snapshot["offset"]
        leaps: set[int] = set()
        while len(leaps) < 2:
            update = await heard(stream, "update/order_book")
            replica.apply(update)
            leaps.add(update["offset"] - offset)
            offset = update["offset"]
        for _ in range(20):
            replica.apply(await heard(stream, "update/order_book"))
        truth = client.rested("ETH")
        while replica.nonce < truth.last_update_id:
            replica.apply(await heard(stream, "update/order_book"))
        assert replica.agrees_with(truth)


async def test_a_book_is_subscribed_once_and_anew_after_its_end() -> None:
    """A second time is error 30003 and no snapshot; unsubscribed, it begins with one again."""
    async with running() as client, client.connect(STREAM) as stream:
        await say(stream, "subscribe", "order_book/1")
        await heard(stream, "update/order_book")
        await say(stream, "subscribe", "order_book/1")
        refused = await heard(stream, "error", "subscribed/order_book")
        assert refused["error"] == {
            "code": 30_003,
            "message": "Already Subscribed to : order_book:1",
        }
        await say(stream, "unsubscribe", "order_book/1")
        assert await heard(stream, "unsubscribed") == {
            "type": "unsubscribed",
            "channel": "order_book:1",
        }
        assert await is_quiet(stream)
        await say(stream, "unsubscribe", "order_book/1")
        assert (await heard(stream, "error"))["error"]["code"] == 30_002
        await say(stream, "subscribe", "order_book/1")
        Replica(await heard(stream, "subscribed/order_book", "update/order_book"))


@pytest.mark.parametrize(
    "channel",
    [
        "order_book/99",
        "order_book/ETH",
        "order_book/2053",
        "order_book:0",
        "candle/0",
        "candle/0/3m",
        "ticker/0/1m",
        "market_stats/141",
        "nothing/0",
        "",
    ],
)
async def test_a_channel_that_there_is_not(channel: str) -> None:
    """Error 30005."""
    async with market() as client, client.connect(STREAM) as stream:
        await say(stream, "subscribe", channel)
        assert (await heard(stream, "error"))["error"]["code"] == 30_005


async def test_the_best_is_the_books() -> None:
    """First as it is, then with each change; microseconds and milliseconds of one instant."""
    async with running() as client, client.connect(STREAM) as stream:
        await say(stream, "subscribe", "ticker/0")
        first = await heard(stream, "subscribed/ticker")
        assert (first["ticker"]["s"], first["channel"]) == ("ETH", "ticker:0")
        update = await heard(stream, "update/ticker")
        assert update["nonce"] > first["nonce"]
        assert update["ticker"]["last_updated_at"] == update["timestamp"] * 1000
        prices = [Decimal(update["ticker"][side]["price"]) for side in ("b", "a")]
        assert prices[0] < prices[1]


async def test_a_market_that_does_not_trade_is_empty() -> None:
    """A book of nothing at nonce 0; a best with empty sides."""
    async with market() as client, client.connect(STREAM) as stream:
        await say(stream, "subscribe", "order_book/141")
        book = (await heard(stream, "subscribed/order_book"))["order_book"]
        assert (book["asks"], book["bids"], book["nonce"], book["last_updated_at"]) == (
            [],
            [],
            0,
            0,
        )
        await say(stream, "subscribe", "ticker/141")
        best = (await heard(stream, "subscribed/ticker"))["ticker"]
        assert best["a"] == best["b"] == {"price": "", "size": ""}


async def test_trades_are_replayed_and_then_told() -> None:
    """The last 50 first, and an older one of the forced, which have a list of their own."""
    async with running() as client, client.connect(STREAM) as stream:
        await say(stream, "subscribe", "trade/0")
        replay = await heard(stream, "subscribed/trade")
        assert len(replay["trades"]) + len(replay["liquidation_trades"]) == 51
        numbers = [row["trade_id"] for row in replay["trades"]]
        assert numbers == sorted(numbers, reverse=True)
        assert replay["liquidation_trades"][-1]["trade_id"] < min(numbers)
        update = await heard(stream, "update/trade")
        rows = update["trades"] + update["liquidation_trades"]
        assert rows[0]["trade_id"] > max(numbers)
        assert "timestamp" not in update


def test_forced_trades_have_a_list_of_their_own() -> None:
    """Liquidations, and deleverages that met no order."""
    contract = Contract(symbol="ETH", id=0, price=Scale(1, 2), quantity=Scale(1, 4), created=1)
    facts = [
        TradeFact(number, "1914.28", "0.0500", "95.714", NOON, False, market, forced)  # noqa: FBT003
        for number, market, forced in ((1, True, False), (2, True, True), (3, False, False))
    ]
    frame: Json = frames.trades("trade/0", contract, NOON, facts)
    assert [row["type"] for row in frame["trades"]] == ["trade"]
    assert [row["type"] for row in frame["liquidation_trades"]] == ["deleverage", "liquidation"]
    assert all(row["is_maker_ask"] for row in [*frame["trades"], *frame["liquidation_trades"]])


async def test_statistics_of_a_market() -> None:
    """Percent an hour, quote value, the last settlement; numbers beside text."""
    async with market() as client, client.connect(STREAM) as stream:
        await say(stream, "subscribe", "market_stats/0")
        stats = (await heard(stream, "subscribed/market_stats"))["market_stats"]
        source = client.venue.source("ETH")
        mark, (interest, _) = source.mark(), source.open_interest()
        (settled,) = source.settlements(LATEST)
    assert Decimal(stats["current_funding_rate"]) == Decimal(mark.rate) * 100
    assert Decimal(stats["funding_rate"]) == Decimal(settled.rate) * 100
    assert stats["funding_timestamp"] == settled.time <= HERE
    value = Decimal(interest) * Decimal(mark.mark)
    assert abs(Decimal(stats["open_interest"]) - value) <= Decimal("0.0000005")
    assert isinstance(stats["daily_price_high"], float)
    assert Decimal(stats["best_bid_price"]) < Decimal(stats["best_ask_price"])


async def test_statistics_of_all_markets() -> None:
    """All that trade at first, by their numbers; then those that changed."""
    async with running() as client, client.connect(STREAM) as stream:
        await say(stream, "subscribe", "market_stats/all")
        first = await heard(stream, "subscribed/market_stats")
        assert first["channel"] == "market_stats:all"
        assert set(first["market_stats"]) == {"0", "1", "4"}
        update = await heard(stream, "update/market_stats")
        assert len(update["market_stats"]) == 1


async def test_candles_and_the_height() -> None:
    """The running candle at first and as it changes; the chain grows."""
    clock = Clock(HERE)
    async with market(clock) as client, client.connect(STREAM) as stream:
        await say(stream, "subscribe", "candle/1/1m")
        first = await heard(stream, "subscribed/candle")
        assert (first["channel"], first["candles"][0]["t"]) == ("candle:1:1m", NOON)
        update = await passing(clock, heard(stream, "update/candle"))
        assert update["candles"][0]["t"] == NOON
        assert "O" not in update["candles"][0]
        await say(stream, "subscribe", "height")
        assert (await heard(stream, "subscribed/height"))["channel"] == "height"


async def test_a_dropped_batch_breaks_the_chain_once() -> None:
    """The third update never comes; unsubscribed and subscribed anew, the book goes on."""
    async with running(faults=("drop:3",)) as client, client.connect(STREAM) as stream:
        await say(stream, "subscribe", "order_book/0")
        replica = Replica(await heard(stream, "subscribed/order_book"))
        for _ in range(2):
            replica.apply(await heard(stream, "update/order_book"))
        with pytest.raises(BrokenChainError):
            replica.apply(await heard(stream, "update/order_book"))
        await say(stream, "unsubscribe", "order_book/0")
        await heard(stream, "unsubscribed")
        await say(stream, "subscribe", "order_book/0")
        replica = Replica(await heard(stream, "subscribed/order_book"))
        for _ in range(30):
            replica.apply(await heard(stream, "update/order_book"))


async def test_two_listeners_of_a_book_begin_apart() -> None:
    """Who comes later gets a snapshot of then, and goes on from it with the same frames."""
    async with (
        running() as client,
        client.connect(STREAM) as one,
        client.connect(STREAM) as two,
    ):
        await say(one, "subscribe", "order_book/0")
        await heard(one, "update/order_book")
        await say(two, "subscribe", "order_book/0")
        replica = Replica(await heard(two, "subscribed/order_book"))
        for _ in range(20):
            replica.apply(await heard(two, "update/order_book"))


async def test_no_more_than_five_hundred_channels(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next is refused; who floods is parted with."""
    monkeypatch.setattr("perps_stats.sim.lighter.manners.MOST_CHANNELS", 2)
    limits = msgspec.structs.replace(LIMITS, messages=4)
    monkeypatch.setattr(LighterManners, "limits", limits)
    async with market() as client, client.connect(STREAM) as stream:
        for channel in ("ticker/0", "ticker/1", "trade/0"):
            await say(stream, "subscribe", channel)
        assert (await heard(stream, "error"))["error"]["code"] == 30_009
        for _ in range(2):
            await stream.send_json({"type": "ping"})
        assert (await heard(stream, "error"))["error"]["code"] == 30_010
        assert (await next_message(stream)).type is aiohttp.WSMsgType.CLOSE


async def test_it_pings_and_parts_with_the_silent(
    seconds: Seconds, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Any word of the client keeps the connection."""
    limits = msgspec.structs.replace(LIMITS, ping_seconds=0.1)
    monkeypatch.setattr(LighterManners, "limits", limits)
    async with market() as client, client.connect(STREAM) as stream:
        for _ in range(3):
            seconds.now += 80
            await heard(stream, "ping")
            await say(stream, "unsubscribe", "height")
            await heard(stream, "error")
        seconds.now += 120
        while (await next_message(stream)).type is aiohttp.WSMsgType.TEXT:
            pass
        assert stream.closed


async def test_what_is_no_handshake_is_refused() -> None:
    """The stream's path answers no plain request."""
    async with market() as client:
        assert (await client.request("GET", "/stream")).status == 400
