"""Listening to Paradex: what to ask for, and how to read the frames (JSON-RPC 2.0)."""

from collections.abc import Sequence

import msgspec

from perps_stats.core.errors import Unreadable
from perps_stats.exchanges.contract import Stream, Subscription
from perps_stats.exchanges.events import Ack, Channel, Event, Ignored, Unsubscribed
from perps_stats.exchanges.paradex import frames

STREAMS = {
    Channel.ORDERBOOK: ("order_book.{}.snapshot@15@100ms", 30.0),
    Channel.TRADES: ("trades.{}", 120.0),
    Channel.BEST: ("bbo.{}", 30.0),
    Channel.DAY: ("markets_summary.{}", 60.0),
    Channel.MARK: ("markets_summary.{}", 60.0),
    Channel.OPEN_INTEREST: ("markets_summary.{}", 60.0),
    Channel.FUNDING: ("funding_data.{}", 60.0),
}
"""The wire channel, and how long it may be silent: the documents name no pace."""
UNSUBSCRIBING = 1_000_000
"""Ids from here on are of requests to unsubscribe: both kinds of answers look alike."""
FRAME = msgspec.json.Decoder(frames.Frame).decode


def subscribe(subscription: Subscription) -> Sequence[bytes]:
    return requests("subscribe", subscription, 1)


def unsubscribe(subscription: Subscription) -> Sequence[bytes]:
    return requests("unsubscribe", subscription, UNSUBSCRIBING)


def requests(method: str, subscription: Subscription, first: int) -> Sequence[bytes]:
    """One channel a request: the exchange takes no more."""
    wanted = dict.fromkeys(STREAMS[channel][0] for channel in subscription.channels)
    channels = [name.format(market.native) for name in wanted for market in subscription.markets]
    return [
        msgspec.json.encode(
            {"jsonrpc": "2.0", "method": method, "params": {"channel": channel}, "id": number}
        )
        for number, channel in enumerate(channels, first)
    ]


def decode(frame: bytes) -> tuple[Event, ...]:
    try:
        read = FRAME(frame)
        return answer_events(read) if read.params is None else push_events(read.params)
    except (ValueError, RecursionError) as error:  # bad JSON, bad UTF-8, an impossible number
        raise Unreadable(str(error), frame) from error


def push_events(push: frames.Data) -> tuple[Event, ...]:
    """Books with the liquidity of the exchange's own interface are another feed."""
    kind, _, rest = push.channel.partition(".")
    read = frames.READERS.get(kind)
    if read is None or ".interactive" in rest:
        return (Ignored(kind if read is None else "order_book interactive"),)
    return read(push.data)


def answer_events(answer: frames.Frame) -> tuple[Event, ...]:
    number = "" if answer.id is None else str(answer.id)
    if failure := answer.error:
        reason = f"{failure.message}: {failure.data}" if failure.data else failure.message
        return (Ack(number, f"{reason} (code {failure.code})"),)
    if answer.id is None or answer.result is None:
        raise ValueError("neither a push nor the answer to a request")
    kind, _, rest = answer.result.channel.partition(".")
    if answer.id < UNSUBSCRIBING or kind != "order_book":
        return (Ack(number),)
    return (Unsubscribed(rest.partition(".")[0], Channel.ORDERBOOK),)


STREAM = Stream(
    url="wss://ws.api.prod.paradex.trade",
    paths=dict.fromkeys(STREAMS, "/v1"),
    subscribe=subscribe,
    decoder=lambda _markets: decode,
    streams_per_connection=200,
    messages_per_second=10,
    silence_seconds={channel: seconds for channel, (_, seconds) in STREAMS.items()},
    unsubscribe=unsubscribe,
)
"""Every frame of a book is whole, 15 levels a side. The feed of changes can be read, but is not
listened to: no frame of it was ever seen, neither its depth nor its chain is certain. Channels a
connection and requests a second are limits of ours, as the exchange states none; it allows 600 new
connections a minute.
"""
