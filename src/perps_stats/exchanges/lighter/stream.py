"""Listening to Lighter: what to ask for, and how to read the frames."""

from collections.abc import Mapping, Sequence

import msgspec

from perps_stats.core.errors import Unreadable
from perps_stats.core.types import Market
from perps_stats.exchanges.contract import Decode, Stream, Subscription
from perps_stats.exchanges.events import Ack, Channel, Event, Greeting, Ignored, Ping, Unsubscribed
from perps_stats.exchanges.lighter import frames

CHANNELS = {
    Channel.ORDERBOOK: ("order_book/{}", 15.0),
    Channel.TRADES: ("trade/{}", 90.0),
    Channel.BEST: ("ticker/{}", 90.0),
    Channel.DAY: ("market_stats/{}", 15.0),
    Channel.MARK: ("market_stats/{}", 15.0),
    Channel.OPEN_INTEREST: ("market_stats/{}", 15.0),
    Channel.FUNDING: ("market_stats/{}", 15.0),
    Channel.KLINES: ("candle/{}/1m", 90.0),
}
"""What a channel is called when it is subscribed to, and how long it may be silent: where nothing
need happen for minutes, longer than from one answer to our ping to the next."""
BY_NAME = {form.partition("/")[0]: channel for channel, (form, _) in CHANNELS.items()}
PATH = "/stream?readonly=true"
"""Market data alone, which is served to every region."""
PING, PONG = b'{"type":"ping"}', b'{"type":"pong"}'
CONTROLS: dict[str, Event] = {
    "connected": Greeting(),
    "ping": Ping(PONG),
    "pong": Ignored("pong"),
}
UNWANTED = frozenset({"height", "mark_price_candle", "rfq", "spot_market_stats"})
NOTHING = Ignored("nothing of these markets")
PUSH = msgspec.json.Decoder(frames.AnyPush).decode
OTHER = msgspec.json.Decoder(frames.Other).decode


def subscribe(subscription: Subscription) -> Sequence[bytes]:
    return orders("subscribe", subscription)


def unsubscribe(subscription: Subscription) -> Sequence[bytes]:
    return orders("unsubscribe", subscription)


def orders(what: str, subscription: Subscription) -> list[bytes]:
    """A frame for each channel of each market: there is no form for several."""
    forms = dict.fromkeys(CHANNELS[channel][0] for channel in subscription.channels)
    names = [form.format(market.wire_id) for form in forms for market in subscription.markets]
    return [msgspec.json.encode({"type": what, "channel": name}) for name in names]


def decoder(markets: Sequence[Market]) -> Decode:
    natives = {market.wire_id: market.native for market in markets if market.wire_id}

    def decode(frame: bytes) -> tuple[Event, ...]:
        try:
            return events_of(PUSH(frame), natives) or (NOTHING,)
        except (ValueError, LookupError, ArithmeticError, RecursionError) as error:
            return unusual(frame, error)

    return decode


def events_of(push: frames.AnyPush, natives: Mapping[str, str]) -> tuple[Event, ...]:
    if isinstance(push, frames.StatsPush):
        return push.events_of(natives)
    native = natives.get(push.market_id)
    if native is None:
        return ()
    if isinstance(push, frames.Unsubscription):
        return (Unsubscribed(native, BY_NAME[push.name]),)
    return push.events(native)


def unusual(frame: bytes, error: Exception) -> tuple[Event, ...]:
    """Of a frame that is no push of a market. Raises ``Unreadable``."""
    try:
        other = OTHER(frame)
    except (ValueError, RecursionError):
        raise Unreadable(str(error), frame) from error
    if other.error is not None:
        return (Ack("", f"{other.error.message} (code {other.error.code})"),)
    if other.kind in CONTROLS:
        return (CONTROLS[other.kind],)
    name = other.kind.partition("/")[2]
    if name not in UNWANTED:
        raise Unreadable(str(error), frame) from error
    return (Ignored(name),)


STREAM = Stream(
    url="wss://mainnet.zklighter.elliot.ai",
    paths=dict.fromkeys(CHANNELS, PATH),
    subscribe=subscribe,
    decoder=decoder,
    streams_per_connection=500,
    messages_per_second=3,
    silence_seconds={channel: seconds for channel, (_, seconds) in CHANNELS.items()},
    greets=True,
    ping=PING,
    ping_seconds=60,
    unsubscribe=unsubscribe,
    verifiable=frozenset({Channel.ORDERBOOK}),
)
