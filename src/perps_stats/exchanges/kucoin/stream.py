"""Listening to KuCoin futures: what to ask for, and how to read the frames."""

from collections.abc import Mapping, Sequence
from functools import partial

import msgspec

from perps_stats.core.errors import Unreadable
from perps_stats.core.types import Market
from perps_stats.exchanges.contract import Decode, Stream, Subscription
from perps_stats.exchanges.events import Ack, Channel, Event, Greeting, Ignored
from perps_stats.exchanges.kucoin import frames, uta
from perps_stats.exchanges.kucoin.rest import handshake

TOPICS = {
    Channel.ORDERBOOK: ("/contractMarket/level2", "", 10.0),
    Channel.TRADES: ("/contractMarket/execution", "", 60.0),
    Channel.BEST: ("/contractMarket/tickerV2", "", 10.0),
    Channel.DAY: ("/contractMarket/snapshot", "", 30.0),
    Channel.MARK: ("/contract/instrument", "", 10.0),
    Channel.FUNDING: ("/contract/instrument", "", 130.0),
    Channel.KLINES: ("/contractMarket/limitCandle", frames.CANDLE, 60.0),
}
"""The topic of a channel, what follows the market's name, and how long it may be silent."""
MARKETS_PER_FRAME = 100
PUSH = msgspec.json.Decoder(frames.AnyPush, strict=False).decode
UTA_PUSH = msgspec.json.Decoder(uta.AnyPush, strict=False).decode
OTHER = msgspec.json.Decoder(frames.Other, strict=False).decode


def subscribe(subscription: Subscription) -> Sequence[bytes]:
    topics = dict.fromkeys(TOPICS[channel][:2] for channel in subscription.channels)
    names, size = [market.native for market in subscription.markets], MARKETS_PER_FRAME
    pages = [names[start : start + size] for start in range(0, len(names), size)]
    lists = [
        f"{topic}:{','.join(name + suffix for name in page)}"
        for topic, suffix in topics
        for page in pages
    ]
    return [
        msgspec.json.encode(
            {
                "id": str(number),
                "type": "subscribe",
                "topic": topic,
                "privateChannel": False,
                "response": True,
            }
        )
        for number, topic in enumerate(lists, 1)
    ]


def decoder(markets: Sequence[Market]) -> Decode:
    return partial(decode, {market.native: market for market in markets})


def decode(markets: Mapping[str, Market], frame: bytes) -> tuple[Event, ...]:
    try:
        push = PUSH(frame)
    except (ValueError, RecursionError) as reason:
        return unusual(markets, frame, reason)
    return (event_of_push(push, push.native, markets, frame),)


def event_of_push(
    push: frames.AnyPush | uta.AnyPush, native: str, markets: Mapping[str, Market], frame: bytes
) -> Event:
    market = markets.get(native)
    if market is None:
        return Ignored("no market of ours", native)
    try:
        return push.event(market)
    except (ValueError, ArithmeticError) as error:
        raise Unreadable(str(error), frame) from error


def unusual(
    markets: Mapping[str, Market], frame: bytes, reason: ValueError | RecursionError
) -> tuple[Event, ...]:
    """The events of what is no push of the classic stream. Raises ``Unreadable``."""
    try:
        other = OTHER(frame)
        if other.kind:
            push = UTA_PUSH(frame)
            return (event_of_push(push, push.data.native, markets, frame),)
        event = event_of(other)
    except (ValueError, RecursionError) as error:
        raise Unreadable(str(error), frame) from error
    if event is None:
        raise Unreadable(str(reason), frame) from reason
    return (event,)


def event_of(other: frames.Other) -> Event | None:
    """``None`` for a push that should have been read."""
    number = "" if other.id is None else str(other.id)
    if "welcome" in {other.type, other.message}:
        return Greeting()
    if other.type == "ack" or other.result is not None:
        return Ack(number, other.reason if other.result is False else None)
    if other.type == "error":
        said = bytes(other.data).decode().strip('"')
        return Ack(number, f"{said} (code {other.code})")
    kind = other.type if other.type == "pong" else other.subject
    return Ignored(kind) if kind in frames.UNWANTED else None


STREAM = Stream(
    url="wss://ws-api-futures.kucoin.com",
    paths=dict.fromkeys(TOPICS, ""),
    subscribe=subscribe,
    decoder=decoder,
    handshake=handshake,
    greets=True,
    ping=b'{"id":"ping","type":"ping"}',
    ping_seconds=18,
    streams_per_connection=300,
    messages_per_second=10,
    silence_seconds={channel: seconds for channel, (_, _, seconds) in TOPICS.items()},
    lifetime_seconds=24 * 3600,
    verifiable=frozenset({Channel.ORDERBOOK}),
)
