"""What an exchange tells wrongly, to all who listen: what a plain client sees, and its losses."""

from decimal import Decimal
from itertools import pairwise
from operator import itemgetter
from time import time

import pytest

from perps_stats.sim.losses import Harm, Loss

from . import kucoin_wire as kucoin
from . import lighter_wire as lighter
from .wire import (
    STEP_MS,
    Client,
    Clock,
    Json,
    OutOfStepError,
    Replica,
    Socket,
    next_message,
    receive,
    simulated,
)

DEPTH = "/public/ws/btcusdt@depth@0ms"
TRADES = "/public/ws/btcusdt@trade"
BOOK = "order_book/1"
TYPES = ("subscribed/order_book", "update/order_book")
LEAP = 100_000


def only(client: Client) -> Loss:
    (loss,) = client.venue.losses
    return loss


def breaks(frames: list[Json]) -> list[int]:
    """At which frames Binance's chain breaks."""
    return [i for i, (a, b) in enumerate(pairwise(frames), 1) if b["pu"] != a["u"]]


def in_order(frames: list[Json]) -> list[Json]:
    """By Binance's numbers."""
    return sorted(frames, key=itemgetter("u"))


async def followed(client: Client, stream: Socket, diffs: list[Json]) -> Replica:
    """A book by a new snapshot, held against the truth once nobody trades any more."""
    replica = Replica(await client.rows("depth", symbol="BTCUSDT", limit=1000))
    replica.apply_all([*diffs, *await receive(stream, 3)])
    truth = client.rested()
    await replica.follow(stream, truth.last_update_id)
    assert replica.agrees_with(truth)
    return replica


async def test_a_dropped_trade_is_never_told() -> None:
    """The number after the third is missing; the loss lies between the times of its neighbours."""
    async with (
        simulated(symbols=("BTC",), rate=10.0, faults=("drop:trades@BTC:4",)) as client,
        client.connect(TRADES) as stream,
    ):
        frames = await receive(stream, 6)
        loss = only(client)
    numbers = [frame["t"] - frames[0]["t"] for frame in frames]
    assert numbers == [0, 1, 2, 4, 5, 6]
    assert (loss.symbol, loss.streams, loss.fault) == ("BTCUSDT", ("trades",), "drop")
    assert (loss.since, loss.until) == (frames[2]["T"], frames[3]["T"])
    assert (loss.frames, loss.harm) == (1, Harm.LOST)


async def test_a_duplicate_is_told_twice() -> None:
    """To the letter, and nothing is lost."""
    async with (
        simulated(symbols=("BTC",), faults=("duplicate:3",)) as client,
        client.connect(DEPTH) as stream,
    ):
        texts = [(await next_message(stream)).data for _ in range(5)]
        loss = only(client)
    assert texts[2] == texts[3]
    assert len(set(texts)) == 4
    assert (loss.harm, loss.frames) == (Harm.HARMLESS, 0)


async def test_a_reordered_frame_comes_after_the_next() -> None:
    """Of six the third and the fourth are exchanged; the chain is broken and nothing is lost."""
    async with (
        simulated(symbols=("BTC",), faults=("reorder:3",)) as client,
        client.connect(DEPTH) as stream,
    ):
        frames = await receive(stream, 6)
        loss = only(client)
    right = in_order(frames)
    assert [right.index(frame) for frame in frames] == [0, 1, 3, 2, 4, 5]
    assert breaks(right) == []
    assert (loss.since, loss.until) == (frames[1]["E"], frames[2]["E"])
    assert (loss.harm, loss.frames) == (Harm.BROKEN, 0)


async def test_a_delayed_frame_comes_late_while_others_go_on() -> None:
    """The others do not wait for the third, which is to come after an hour, and keep their order;
    the sixth comes, and not before its time.
    """
    async with (
        simulated(symbols=("BTC",), faults=("delay:3:3600", "delay:6:0.2")) as client,
        client.connect(DEPTH) as stream,
    ):
        frames = await receive(stream, 7)
        while breaks(in_order(frames)) != [2]:
            frames += await receive(stream, 1)
        came = time() * 1000
        losses = list(client.venue.losses)
    sixth = in_order(frames)[4]
    assert came - sixth["E"] >= 200
    others = [frame for frame in frames if frame is not sixth]
    assert others == in_order(others)
    assert [(loss.harm, loss.frames, loss.fault) for loss in losses] == [
        (Harm.BROKEN, 0, "delay")
    ] * 2


async def test_a_delay_of_what_stands_alone_is_harmless() -> None:
    """A trade that is late breaks no chain."""
    async with (
        simulated(symbols=("BTC",), rate=10.0, faults=("delay:trades:3:0.2",)) as client,
        client.connect(TRADES) as stream,
    ):
        await receive(stream, 10)
        assert only(client).harm is Harm.HARMLESS


@pytest.mark.parametrize(("fault", "leap"), [("jump", LEAP), ("rewind", -LEAP)])
async def test_numbers_leap_and_nothing_is_missing(fault: str, leap: int) -> None:
    """After the third frame the chain goes on elsewhere, REST as well: a new snapshot joins."""
    async with (
        simulated(symbols=("BTC",), faults=(f"{fault}:3",)) as client,
        client.connect(DEPTH) as stream,
    ):
        frames = await receive(stream, 5)
        await followed(client, stream, frames[3:])
        loss = only(client)
    assert breaks(frames) == [3]
    assert frames[3]["pu"] == frames[2]["u"] + leap
    assert 0 < frames[3]["U"] - frames[3]["pu"] < 100
    assert (loss.since, loss.until) == (frames[2]["E"], frames[3]["E"])
    assert (loss.harm, loss.fault) == (Harm.BROKEN, fault)


async def test_a_sequence_of_levels_leaps_too() -> None:
    """KuCoin's numbers are one apart but once, and REST gives the new ones."""
    async with kucoin.running(symbols=("BTC",)) as client, kucoin.stream(client) as stream:
        await kucoin.say(stream, "subscribe", f"{kucoin.LEVEL2}:{kucoin.BTC}")
        await kucoin.heard(stream, "level2")
        client.venue.inject("jump")
        numbers = [await number_heard(stream) for _ in range(2)]
        while numbers[-1] == numbers[-2] + 1:
            numbers.append(await number_heard(stream))
        numbers += [await number_heard(stream) for _ in range(30)]
        book = await kucoin.told(client, "level2/snapshot", symbol=kucoin.BTC)
    steps = [b - a for a, b in pairwise(numbers)]
    assert sorted(set(steps)) == [1, LEAP + 1]
    assert steps.count(LEAP + 1) == 1
    assert book["sequence"] >= numbers[-1]


async def number_heard(stream: Socket) -> int:
    return int((await kucoin.heard(stream, "level2"))["data"]["sequence"])


async def test_a_crossed_book_is_told_and_is_not() -> None:
    """A bid above the best ask, within an unbroken chain, which is never taken back; a snapshot
    does not have it, and who begins anew with that follows the truth.
    """
    async with (
        simulated(symbols=("BTC",)) as client,
        client.connect(DEPTH) as stream,
    ):
        first = await receive(stream, 2)
        replica = Replica(await client.rows("depth", symbol="BTCUSDT", limit=1000))
        replica.apply_all(first)
        client.venue.inject("cross")
        frames = []
        while max(replica.bids) < min(replica.asks):
            frames += await receive(stream, 1)
            replica.apply(frames[-1])
        crossing = frames[-1]
        frames += await receive(stream, 3)
        replica.apply_all(frames[-3:])
        assert max(replica.bids) > min(replica.asks)
        assert breaks([*first, *frames]) == []
        healed = await followed(client, stream, [])
        assert max(healed.bids) < min(healed.asks)
        loss = only(client)
    assert (loss.until, loss.fault, loss.harm) == (crossing["E"], "cross", Harm.BROKEN)


async def test_a_book_of_its_stream_is_crossed_until_it_is_begun_anew() -> None:
    """Lighter's chain holds, the book does not; unsubscribed and subscribed anew it is right."""
    async with (
        lighter.market(Clock(lighter.HERE, 1.0)) as client,
        client.connect(lighter.STREAM) as stream,
    ):
        await lighter.say(stream, "subscribe", BOOK)
        replica = lighter.Replica(await lighter.heard(stream, "subscribed/order_book"))
        client.venue.inject("cross", symbol="BTC")
        while max(replica.sides["bids"]) < min(replica.sides["asks"]):
            replica.apply(await lighter.heard(stream, "update/order_book"))
        for _ in range(3):
            replica.apply(await lighter.heard(stream, "update/order_book"))
        assert max(replica.sides["bids"]) > min(replica.sides["asks"])
        await lighter.say(stream, "unsubscribe", BOOK)
        await lighter.say(stream, "subscribe", BOOK)
        replica = lighter.Replica(await lighter.heard(stream, "subscribed/order_book"))
        assert max(replica.sides["bids"]) < min(replica.sides["asks"])


async def test_a_storm_repeats_the_snapshot_with_every_step() -> None:
    """Six in 0.3 s; each is the book of that moment, and the chain goes on from it."""
    clock = Clock(lighter.HERE)
    async with (
        lighter.market(clock) as client,
        client.connect(lighter.STREAM) as stream,
    ):
        await lighter.say(stream, "subscribe", BOOK)
        replica = lighter.Replica(await lighter.heard(stream, "subscribed/order_book"))
        client.venue.inject("storm", seconds=0.3)
        for _ in range(6):
            clock.now += STEP_MS
            replica.apply(await lighter.heard(stream, *TYPES))
            assert lighter.Replica(await lighter.heard(stream, *TYPES)).sides == replica.sides
        for _ in range(3):
            clock.now += STEP_MS
            replica.apply(await lighter.heard(stream, *TYPES))
        loss = only(client)
    assert (loss.harm, loss.fault) == (Harm.HARMLESS, "storm")


async def test_an_old_book_is_that_of_the_first_time() -> None:
    """Who subscribes again is shown it once more, and cannot go on from it."""
    async with (
        lighter.market(Clock(lighter.HERE, 1.0), faults=("oldbook:1",)) as client,
        client.connect(lighter.STREAM) as stream,
    ):
        shown = []
        for _ in range(3):
            await lighter.say(stream, "subscribe", BOOK)
            shown.append(await lighter.heard(stream, "subscribed/order_book"))
            update = await lighter.heard(stream, "update/order_book")
            await lighter.say(stream, "unsubscribe", BOOK)
            await lighter.heard(stream, "unsubscribed")
            if len(shown) == 2:
                with pytest.raises(lighter.BrokenChainError):
                    lighter.Replica(shown[1]).apply(update)
            else:
                lighter.Replica(shown[-1]).apply(update)
        loss = only(client)
    assert shown[1] == shown[0] != shown[2]
    assert (loss.harm, loss.fault) == (Harm.BROKEN, "oldbook")


async def test_all_who_listen_are_told_the_same() -> None:
    """What the exchange drops reaches nobody."""
    async with (
        simulated(symbols=("BTC",)) as client,
        client.connect(DEPTH) as one,
        client.connect(DEPTH) as two,
    ):
        (common,) = await receive(two, 1)
        while (await receive(one, 1))[0] != common:
            pass
        client.venue.inject("drop")
        seen = [[common, *await receive(stream, 2)] for stream in (one, two)]
        while not breaks(seen[0]):
            seen[0] += await receive(one, 1)
            seen[1] += await receive(two, 1)
        loss = only(client)
    assert seen[0] == seen[1]
    (at,) = breaks(seen[0])
    assert (loss.frames, loss.until) == (1, seen[0][at]["E"])


async def test_a_strict_client_notices_what_is_broken() -> None:
    """By the published rule a reordered frame is out of step."""
    async with (
        simulated(symbols=("BTC",)) as client,
        client.connect(DEPTH) as stream,
    ):
        first = await receive(stream, 2)
        replica = Replica(await client.rows("depth", symbol="BTCUSDT", limit=1000))
        replica.apply_all(first)
        client.venue.inject("reorder")
        with pytest.raises(OutOfStepError):
            await replica.follow(stream)
        assert client.venue.counters.faults == {"reorder": 1}


async def test_what_is_broken_of_whole_books_is_harmless() -> None:
    """Paradex's frames stand alone: one out of turn breaks nothing, a phantom does."""
    name = "order_book.BTC-USD-PERP.snapshot@15@50ms"
    async with (
        simulated(exchange="paradex", symbols=("BTC",)) as client,
        client.connect("/v1") as stream,
    ):
        asked = {"jsonrpc": "2.0", "method": "subscribe", "params": {"channel": name}, "id": 1}
        await stream.send_json(asked)
        await receive(stream, 3)
        client.venue.inject("reorder")
        while not any(loss.until for loss in client.venue.losses):
            await receive(stream, 1)
        assert only(client).harm is Harm.HARMLESS
        client.venue.inject("cross")
        while not await is_crossed(stream):
            pass
        assert [await is_crossed(stream) for _ in range(3)] == [False] * 3
        assert [loss.harm for loss in client.venue.losses] == [Harm.HARMLESS, Harm.BROKEN]


async def is_crossed(stream: Socket) -> bool:
    """Whether the next of Paradex's whole books is."""
    (frame,) = await receive(stream, 1)
    bids, asks = (
        [Decimal(row["price"]) for row in frame["params"]["data"]["inserts"] if row["side"] == side]
        for side in ("BUY", "SELL")
    )
    assert len(bids) == 15
    return max(bids) > min(asks)
