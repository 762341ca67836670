"""What a client of the stream is told, over a real socket."""

from datetime import UTC, datetime
from functools import partial
from itertools import count

import msgspec
import pytest
from tests.api.guard.known import admission

from perps_stats.api.live import Hub, Limits
from perps_stats.core.times import to_us

from .pipes import Pipe, messages_of
from .spoken import MARKETS, NOON, Message, Spoken, gap, so, streaming, ticker, trade

BTC = {"exchange": "binance", "symbol": "BTC"}
ALL_TICKERS = {"data_set": "tickers", "exchange": "*", "symbol": "*"}
now = partial(datetime.now, UTC)


def ids(message: Message) -> list[object]:
    return message.of_rows("id")


async def test_a_snapshot_and_then_updates() -> None:
    """Named as it was asked for, numbered one by one, rows as REST has them, with their units."""
    source = Spoken()
    source.say("tickers", ticker(100))
    async with streaming(source) as stream, stream.client() as client:
        await client.ask("subscribe", id="a", channels=[{"data_set": "tickers", **BTC}])
        confirmed = await client.told()
        assert (confirmed.type, confirmed.id) == ("subscribed", "a")
        assert confirmed.units["tickers"]["last_price"] == "quote/base"
        snapshot = await client.told()
        first, (row,) = snapshot.seq, snapshot.data
        topic = {"data_set": "tickers", **BTC, "seq": first}
        assert confirmed.channels == [topic]
        assert snapshot.raw == {"type": "snapshot", **topic, "data": [row], "gaps": []}
        assert (row["last_price"], row["mark_price"], row["simulated"]) == ("100", None, True)
        assert row["timestamp"] == "2026-03-01T12:00:00.000000Z"
        source.say("tickers", ticker(101))
        update = await client.told()
        assert (update.type, update.seq) == ("update", first + 1)
        assert update.of_rows("last_price") == ["101"]


async def test_a_state_that_is_vouched_for_no_more() -> None:
    """No row, and the gap that says why; who comes then is shown the open gap."""
    source = Spoken()
    source.say("tickers", ticker(100))
    async with streaming(source) as stream, stream.client() as client:
        await client.subscribe("tickers", "binance", "BTC")
        seq = (await client.told()).seq
        source.say("tickers")
        source.say("gaps", gap("best"))
        told, empty = await client.told(), await client.told()
        assert (told.type, told.of, told.seq) == ("gap", "feed", seq + 1)
        assert told.of_rows("cause") == ["disconnect"]
        assert (empty.type, empty.data, empty.seq) == ("update", [], seq + 2)
        await client.subscribe("tickers", "binance", "BTC")
        again = await client.told()
        assert (again.type, again.data) == ("snapshot", [])
        assert [row["stream"] for row in again.gaps] == ["best"]


async def test_gaps_of_other_streams_are_not_told() -> None:
    """Who follows trades does not hear of the order book's."""
    source = Spoken()
    async with streaming(source) as stream, stream.client() as client:
        await client.subscribe("trades", "binance", "BTC")
        await client.told()
        source.say("gaps", gap("orderbook"))
        source.say("trades", trade(1))
        assert ids(await client.told()) == ["1"]


async def test_no_trade_is_told_twice_or_left_out() -> None:
    """The snapshot is the last one; what happened before the next tick comes once."""
    source = Spoken()
    async with streaming(source) as stream, stream.client() as client:
        source.say("trades", trade(1))
        await client.subscribe("trades", "binance", "BTC")
        assert ids(await client.told()) == ["1"]
        async with stream.client() as late:
            source.say("trades", trade(2), trade(3))
            await late.subscribe("trades", "binance", "BTC")
            source.say("trades", trade(4))
            assert ids(await late.told()) == ["3"]
            assert ids(await late.told()) == ["4"]
        heard = ids(await client.told())
        while heard[-1] != "4":
            heard += ids(await client.told())
        assert heard == ["2", "3", "4"]


async def test_many_rows_come_in_several_messages() -> None:
    """500 in each, in order, with a number each."""
    source = Spoken()
    async with streaming(source) as stream, stream.client() as client:
        await client.subscribe("trades", "binance", "BTC")
        seq = (await client.told()).seq
        source.say("trades", *(trade(number) for number in range(1200)))
        told = [await client.told() for _ in range(3)]
        assert [message.seq for message in told] == [seq + 1, seq + 2, seq + 3]
        assert [len(message.data) for message in told] == [500, 500, 200]
        assert [name for message in told for name in ids(message)] == list(map(str, range(1200)))


async def test_wildcards_mean_all_there_are_and_will_be() -> None:
    """A market that is listened to later is confirmed, too, without being asked for."""
    source = Spoken()
    async with streaming(source) as stream, stream.client() as client:
        channel = {"data_set": "tickers", "exchange": "*", "symbol": "BTC"}
        await client.ask("subscribe", id=1, channels=[channel])
        listed = (await client.told()).channels
        assert [each["exchange"] for each in listed] == ["binance", "kucoin"]
        assert {(await client.told()).type for _ in range(2)} == {"snapshot"}
        source.listed.append(("paradex", "BTC"))
        source.listed.append(("paradex", "ETH"))
        added = await client.told()
        assert (added.type, added.id) == ("subscribed", None)
        assert [(one["exchange"], one["symbol"]) for one in added.channels] == [("paradex", "BTC")]


async def test_what_is_unsubscribed_is_not_told() -> None:
    """By name or by wildcard; the others go on."""
    source = Spoken()
    async with streaming(source) as stream, stream.client() as client:
        await client.subscribe("trades", "*", "*")
        for _ in MARKETS:
            await client.told()
        gone = {"data_set": "*", "exchange": "binance", "symbol": "*"}
        await client.ask("unsubscribe", id=2, channels=[gone])
        ended = await client.told()
        assert (ended.type, ended.id) == ("unsubscribed", 2)
        assert [each["symbol"] for each in ended.channels] == ["BTC", "ETH"]
        source.say("trades", trade(1))
        source.say("trades", trade(2, "kucoin"), market=("kucoin", "BTC"))
        assert ids(await client.told()) == ["2"]
        assert [len(client.topics) for client in stream.hub.clients] == [1]


async def test_resuming_repeats_and_loses_nothing() -> None:
    """All that was said after the last number that was heard, and nothing of before."""
    source = Spoken()
    async with streaming(source) as stream:
        async with stream.client() as client:
            await client.subscribe("trades", "binance", "BTC")
            await client.told()
            source.say("trades", trade(1))
            seq = (await client.told()).seq
        source.say("trades", trade(2))
        await so(lambda: not stream.hub.clients)
        async with stream.client() as again:
            source.say("trades", trade(3))
            await again.subscribe("trades", "binance", "BTC", **{"from": seq})
            heard = ids(await again.told())
            while heard[-1] != "3":
                heard += ids(await again.told())
            assert heard == ["2", "3"]


@pytest.mark.parametrize("number", [1, 2**60])
async def test_resuming_from_what_is_not_known_any_more(number: int) -> None:
    """Of an earlier process, or of none: a gap says that something is missing."""
    source = Spoken()
    async with streaming(source) as stream, stream.client() as client:
        await client.subscribe("trades", "binance", "BTC", **{"from": number})
        told = await client.told()
        assert (told.type, told.of, told.reason) == ("gap", "delivery", "resume")
        assert told.after == number
        source.say("trades", trade(1))
        update = await client.told()
        assert (ids(update), update.seq) == (["1"], told.seq + 1)


async def test_a_state_that_is_resumed_from_too_long_ago() -> None:
    """A gap, as gaps of the feed may be missing, and then what holds now."""
    source = Spoken()
    async with streaming(source) as stream, stream.client() as client:
        await client.subscribe("tickers", "binance", "BTC", **{"from": 1})
        assert (await client.told()).of == "delivery"
        snapshot = await client.told()
        assert (snapshot.type, snapshot.data) == ("snapshot", [])


async def test_many_states_take_turns() -> None:
    """A tick ends when its 20 ms are over, here by the first, which takes 30; the next goes on."""
    clock = count(step=0.015)
    source = Spoken()
    hub = Hub(source, await admission(), Limits(), now=now, seconds=lambda: next(clock))
    pipe = Pipe(hub, 1 << 30)
    hub.hear(pipe.client, msgspec.json.encode({"op": "subscribe", "channels": [ALL_TICKERS]}))
    pipe.said = b""
    for market in MARKETS:
        source.say("tickers", ticker(7, *market), market=market)
    told: list[int] = []
    for _ in range(3):
        hub.tick()
        told.append(sum(one.type == "update" for one in messages_of(pipe.said)))
    assert told == [1, 2, 3]


async def test_a_heartbeat_every_ten_seconds() -> None:
    """Also where nothing is subscribed to."""
    clock = [0.0]
    hub = Hub(Spoken(), await admission(), Limits(), now=now, seconds=lambda: clock[0])
    pipe = Pipe(hub, 1 << 30)
    beats: list[int] = []
    for second in range(21):
        clock[0] = float(second)
        hub.tick()
        beats.append(len(list(messages_of(pipe.said))))
    assert [beats[second] for second in (9, 10, 19, 20)] == [0, 1, 1, 2]


async def test_numbers_grow_over_restarts() -> None:
    """Those of a new process begin above all that an earlier one used."""
    async with streaming(Spoken()) as stream, stream.client() as client:
        await client.subscribe("trades", "binance", "BTC")
        assert to_us(NOON) < (await client.told()).seq < 2**53


async def test_pings_are_answered_and_wrong_requests_refused() -> None:
    """A request is done as a whole or not at all; the refusal says what to do."""
    async with streaming(Spoken()) as stream, stream.client() as client:
        await client.ask("ping", id=7)
        pong = await client.told()
        assert (pong.type, pong.id) == ("pong", 7)
        wrong = {"data_set": "funding-rates", **BTC}
        right = {"data_set": "tickers", **BTC}
        await client.ask("subscribe", id=8, channels=[right, wrong])
        assert (await client.told()).raw == {
            "type": "error",
            "id": 8,
            "field": "channels[1].data_set",
            "value": "funding-rates",
            "remedy": "did you mean funding_rates?",
        }
        assert [len(client.topics) for client in stream.hub.clients] == [0]


async def test_a_topic_nobody_hears_is_forgotten_after_a_while() -> None:
    """It is remembered for those who come back, then its source is left alone."""
    source = Spoken()
    async with streaming(source) as stream:
        async with stream.client() as client:
            await client.subscribe("trades", "binance", "BTC")
            assert len(source.followers["trades", "binance", "BTC"]) == 1
        (topic,) = stream.hub.topics.values()
        await so(lambda: not stream.hub.clients)
        topic.left_at -= 121.0
        await so(lambda: not stream.hub.topics)
        assert source.followers["trades", "binance", "BTC"] == []
