"""Listening to Binance's USD-margined futures: what to ask for, and how to read the frames."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TypeAlias

import msgspec
from msgspec import Raw

from perps_stats.core.errors import Unreadable
from perps_stats.exchanges.binance import frames
from perps_stats.exchanges.binance.frames import MarkPrice
from perps_stats.exchanges.contract import Stream, Subscription
from perps_stats.exchanges.events import Ack, Channel, Event, Farewell, Ignored

PUBLIC, MARKET = "/public/ws", "/market/ws"
Streams: TypeAlias = Mapping[Channel, tuple[str, str, float]]
STREAMS: Streams = {
    Channel.ORDERBOOK: ("depth@100ms", PUBLIC, 10.0),
    Channel.TRADES: ("trade", PUBLIC, 60.0),
    Channel.BEST: ("bookTicker", PUBLIC, 10.0),
    Channel.DAY: ("ticker", MARKET, 30.0),
    Channel.MARK: ("markPrice@1s", MARKET, 10.0),
    Channel.FUNDING: ("markPrice@1s", MARKET, 10.0),
    Channel.KLINES: ("kline_1m", MARKET, 60.0),
    Channel.LIQUIDATIONS: ("forceOrder", MARKET, 3600.0),
}
"""The stream of a channel, the path that serves it since 2026, and how long it may be silent."""
PARAMS_PER_FRAME = 200
COIN_MARGINED = 2
COIN_M = Ignored("coin-m")
STREAM_KEY = ord("s")
COMBINED = msgspec.json.Decoder(frames.Combined).decode
PLAIN = msgspec.json.Decoder(frames.AnyPush).decode
OTHER = msgspec.json.Decoder(frames.Other).decode
ARRAY = msgspec.json.Decoder(list[Raw]).decode


def subscribe(subscription: Subscription, streams: Streams = STREAMS) -> Sequence[bytes]:
    kinds = dict.fromkeys(streams[channel][0] for channel in subscription.channels)
    names = [f"{market.native.lower()}@{kind}" for kind in kinds for market in subscription.markets]
    size = PARAMS_PER_FRAME
    pages = [names[start : start + size] for start in range(0, len(names), size)]
    return [
        msgspec.json.encode({"method": "SUBSCRIBE", "params": page, "id": number})
        for number, page in enumerate(pages, 1)
    ]


def decode(frame: bytes) -> tuple[Event, ...]:
    try:
        push = COMBINED(frame).data if frame[2] == STREAM_KEY else PLAIN(frame)
        if (push.pair or push.family) and is_coin_margined(push):
            return (COIN_M,)
        if type(push) is MarkPrice:
            return push.events()
        return (push.event(),)
    except (ValueError, IndexError, RecursionError):  # bad JSON, bad UTF-8, an impossible number
        return unusual(frame)


def unusual(frame: bytes) -> tuple[Event, ...]:
    """The events of a frame of any form. Raises ``Unreadable``."""
    try:
        body = frame if is_array(frame) else unwrapped(frame)
        parts = ARRAY(body) if is_array(body) else [body]
        return tuple(event for part in parts for event in events_of(bytes(part)))
    except (ValueError, RecursionError) as error:
        raise Unreadable(str(error), frame) from error


def unwrapped(frame: bytes) -> bytes:
    other = OTHER(frame)
    return bytes(other.data) or bytes(other.event) or frame


def is_array(body: bytes) -> bool:
    return body.lstrip().startswith(b"[")


def events_of(body: bytes) -> tuple[Event, ...]:
    """Of one push without a wrapper, or of the answer to a request."""
    other = OTHER(body)
    if other.kind:
        return events_of_push(body, other)
    number = "" if other.id is None else str(other.id)
    if failure := other.failure:
        return (Ack(number, f"{failure.msg} (code {failure.code})"),)
    if not other.result:
        raise ValueError("neither a push nor the answer to a request")
    return (Ack(number),)


def events_of_push(body: bytes, other: frames.Other) -> tuple[Event, ...]:
    if other.kind == frames.SHUTDOWN:
        return (Farewell(),)
    if other.kind in frames.UNWANTED or other.family == COIN_MARGINED:
        return (COIN_M if other.family == COIN_MARGINED else Ignored(other.kind),)
    push = PLAIN(body)
    if is_coin_margined(push):
        return (COIN_M,)
    return push.events() if isinstance(push, MarkPrice) else (push.event(),)


def is_coin_margined(push: frames.AnyPush) -> bool:
    return push.family == COIN_MARGINED or (push.pair is not None and push.family is None)


def listening(
    url: str, streams: Streams, *, per_connection: int, verifiable: frozenset[Channel]
) -> Stream:
    return Stream(
        url=url,
        paths={channel: path for channel, (_, path, _) in streams.items()},
        subscribe=partial(subscribe, streams=streams),
        decoder=lambda _markets: decode,
        streams_per_connection=per_connection,
        messages_per_second=10,
        silence_seconds={channel: seconds for channel, (_, _, seconds) in streams.items()},
        lifetime_seconds=24 * 3600,
        verifiable=verifiable,
    )


STREAM = listening(
    "wss://fstream.binance.com",
    STREAMS,
    per_connection=1024,
    verifiable=frozenset({Channel.ORDERBOOK, Channel.TRADES}),
)
"""Updates of a book name the one before, trades are numbered without a hole."""
