"""Paradex's frames: each kind to the exact event; whatever else comes is told."""

import json

import msgspec
import pytest
from msgspec import Raw

from perps_stats.core.errors import Refused, Unreadable
from perps_stats.exchanges.contract import Subscription
from perps_stats.exchanges.events import (
    Ack,
    BestTick,
    BookDelta,
    BookSnapshot,
    Channel,
    DayTick,
    Event,
    FundingTick,
    Ignored,
    MarkTick,
    TradeTick,
    Unsubscribed,
)
from perps_stats.exchanges.paradex.stream import STREAM, decode
from perps_stats.feed.session import Session

from ..answers import body  # noqa: TID252 a folder an exchange
from . import pushes
from .changes import DELTAS
from .pushes import BEST, BOOK, CHANGE, DAY, FORCED, FUNDING, REFUSED, TRADE, US, answered, push
from .venue import BTC, ETH, SUMMARY, TRADES, Json, funding_row

NATIVE = "BTC-USD-PERP"
DAY_TICK = DayTick(
    NATIVE,
    US + 5000,
    last_price="61659.8",
    turnover="14890000.550000001",
    change_pct="-0.0154",
)
MARK_TICK = MarkTick(
    NATIVE, US + 5000, "61660.01234567", "61690.5", open_interest="1523.75", open_value=None
)
EVENTS: list[tuple[Json, tuple[Event, ...]]] = [
    (
        BOOK,
        (
            BookSnapshot(
                NATIVE,
                US + 10_000,
                10,
                Raw(b'[["61659.7","2.507"],["61659.6","0.004"]]'),
                Raw(b'[["61659.9","1.02"]]'),
                15,
                chained=True,
            ),
        ),
    ),
    (
        CHANGE,
        (
            BookDelta(
                NATIVE,
                US + 11_000,
                first=11,
                last=11,
                previous=10,
                bids=Raw(b'[["61659.8","1"],["61659.6","0"]]'),
                asks=Raw(b'[["61659.9","0.5"]]'),
            ),
        ),
    ),
    (
        BEST,
        (BestTick(NATIVE, US + 9000, 690_385_857, "61659.7", "2.507", "61659.9", "1.02"),),
    ),
    (
        TRADE,
        (
            TradeTick(
                NATIVE,
                US,
                "17698608000000201703989430001",
                "61659.9",
                "0.026",
                "buy",
                liquidation=False,
            ),
        ),
    ),
    (
        FORCED,
        (
            TradeTick(
                NATIVE,
                US - 1000,
                "LIQUIDATION:17698608000010201703989430001",
                "61659.7",
                "0.5",
                "sell",
                liquidation=True,
            ),
        ),
    ),
    (DAY, (DAY_TICK, MARK_TICK)),
    (FUNDING, (FundingTick(NATIVE, US + 3000, "0.00007172918481", None, "8"),)),
]


@pytest.mark.parametrize(("frame", "events"), EVENTS)
def test_frames_become_events(frame: Json, events: tuple[Event, ...]) -> None:
    """Prices, quantities and times as they were sent, however the JSON is spaced or ordered."""
    assert decode(body(frame)) == events
    assert decode(json.dumps(frame, indent=2, sort_keys=True).encode()) == events


def subscription(*channels: Channel) -> Subscription:
    return Subscription(channels=channels, markets=(BTC, ETH))


def test_a_request_is_of_one_channel() -> None:
    """Prices, index and open interest come with the day's statistics: subscribed to once."""
    frames = STREAM.subscribe(
        subscription(Channel.ORDERBOOK, Channel.DAY, Channel.MARK, Channel.FUNDING)
    )
    assert [json.loads(frame)["params"]["channel"] for frame in frames] == [
        "order_book.BTC-USD-PERP.snapshot@15@100ms",
        "order_book.ETH-USD-PERP.snapshot@15@100ms",
        "markets_summary.BTC-USD-PERP",
        "markets_summary.ETH-USD-PERP",
        "funding_data.BTC-USD-PERP",
        "funding_data.ETH-USD-PERP",
    ]
    assert json.loads(frames[1]) == {
        "jsonrpc": "2.0",
        "method": "subscribe",
        "params": {"channel": "order_book.ETH-USD-PERP.snapshot@15@100ms"},
        "id": 2,
    }


def test_trades_and_best_prices_are_channels_of_a_market() -> None:
    """Never of all markets: options would come with them."""
    frames = STREAM.subscribe(subscription(Channel.TRADES, Channel.BEST))
    assert [json.loads(frame)["params"]["channel"] for frame in frames] == [
        "trades.BTC-USD-PERP",
        "trades.ETH-USD-PERP",
        "bbo.BTC-USD-PERP",
        "bbo.ETH-USD-PERP",
    ]


def test_every_offered_channel_has_its_limits() -> None:
    """A path and a silence for each; candles and liquidations are not streamed."""
    assert set(STREAM.paths) == set(STREAM.silence_seconds)
    assert set(STREAM.paths) == set(Channel) - {Channel.KLINES, Channel.LIQUIDATIONS}


def test_answers_to_requests() -> None:
    """Told apart by their ids; a refusal says why."""
    assert decode(body(answered(1, pushes.SNAPSHOTS))) == (Ack("1"),)
    assert decode(body(REFUSED)) == (
        Ack("3", "invalid subscribe request: invalid channel (code -32600)"),
    )
    assert decode(b'{"jsonrpc": "2.0", "id": 1, "result": {"node_id": "73cf"}}') == (Ack("1"),)


@pytest.mark.parametrize(
    ("stream", "channel"), [(STREAM, pushes.SNAPSHOTS), (DELTAS, pushes.DELTAS)]
)
def test_an_end_is_confirmed_as_one(stream: object, channel: str) -> None:
    """The answer to our unsubscribe names the channel that has ended."""
    assert stream in (STREAM, DELTAS)
    unsubscribe = (STREAM if stream is STREAM else DELTAS).unsubscribe
    assert unsubscribe is not None
    (frame,) = unsubscribe(Subscription(channels=(Channel.ORDERBOOK,), markets=(BTC,)))
    asked = json.loads(frame)
    assert (asked["method"], asked["params"]) == ("unsubscribe", {"channel": channel})
    events = decode(body(answered(asked["id"], channel)))
    assert events == (Unsubscribed(NATIVE, Channel.ORDERBOOK),)


def test_a_refused_subscription_ends_the_session() -> None:
    """It is told as the exchange's refusal."""
    session = Session(STREAM, subscription(Channel.TRADES), 0.0)
    with pytest.raises(Refused, match="invalid channel"):
        session.received(body(REFUSED), 1.0)


def test_what_a_session_did_not_ask_for_is_dropped() -> None:
    """Of a summary only the part that was wanted goes on."""
    session = Session(STREAM, subscription(Channel.DAY), 0.0)
    assert session.received(body(DAY), 1.0) == (DAY_TICK,)
    assert session.counts == {"ignored mark": 1}


@pytest.mark.parametrize("kind", ["BLOCK_TRADE", "UNWIND_TRANSFER", "SETTLE_MARKET"])
def test_what_no_book_took_part_in_is_no_trade(kind: str) -> None:
    """Set aside, and counted by its type."""
    frame = push("trades.BTC-USD-PERP", TRADES[0] | {"trade_type": kind})
    assert decode(body(frame)) == (Ignored(f"trade:{kind}"),)


def test_other_channels_are_set_aside() -> None:
    """Also books with the interface's own liquidity, which no API order can take."""
    assert decode(body(push("fills.BTC-USD-PERP", {}))) == (Ignored("fills"),)
    interactive = push("order_book.BTC-USD-PERP.interactive@15@100ms", {})
    assert decode(body(interactive)) == (Ignored("order_book interactive"),)


def test_nothing_is_none() -> None:
    """An empty text, or a price of zero, says that there is none."""
    empty = {"bid": "", "bid_size": "", "ask": "0", "ask_size": "0"}
    best = push("bbo.BTC-USD-PERP", pushes.TOP | empty)
    assert decode(body(best)) == (BestTick(NATIVE, US + 9000, 690_385_857, None, None, None, None),)
    never = {"price_change_rate_24h": "", "last_traded_price": "0", "volume_24h": ""}
    said = SUMMARY | never | {"mark_price": "0", "underlying_price": "", "open_interest": ""}
    day = push("markets_summary.BTC-USD-PERP", said)
    assert decode(body(day)) == (DayTick(NATIVE, US + 5000),)


@pytest.mark.parametrize(
    ("period", "interval"), [(8, "8"), (4, "4"), (1.0, "1"), (10, "10"), (0, "8"), ("", "8")]
)
def test_a_funding_rate_is_per_its_own_period(period: object, interval: str) -> None:
    """In hours, as text; 8 where a row of old tells 0."""
    row = funding_row(1_769_860_800_003, funding_period_hours=period)
    (event,) = decode(body(push("funding_data.BTC-USD-PERP", row)))
    assert isinstance(event, FundingTick)
    assert (event.interval, event.next_funding_ts) == (interval, None)


@pytest.mark.parametrize(
    ("frame", "changed"),
    [
        (BOOK, {"market": None}),
        (BOOK, {"update_type": "x"}),
        (BOOK, {"inserts": [pushes.level("BUY", "-1", "1")]}),
        (BOOK, {"inserts": [pushes.level("BUY", "0", "1")]}),
        (BOOK, {"inserts": [pushes.level("BUY", "1", "")]}),
        (BOOK, {"inserts": [pushes.level("buy", "1", "1")]}),
        (BOOK, {"inserts": [pushes.level("BUY", '1"],["2', "1")]}),
        (BOOK, {"last_updated_at": 0}),
        (BEST, {"bid": "NaN"}),
        (TRADE, {"price": "0"}),
        (TRADE, {"size": "-1"}),
        (TRADE, {"created_at": "noon"}),
        (DAY, {"mark_price": "1e5"}),
        (FUNDING, {"funding_rate": ""}),
        (FUNDING, {"funding_period_hours": -8}),
    ],
)
def test_impossible_values_are_unreadable(frame: Json, changed: Json) -> None:
    """A number that is none, or of the wrong sign, is told and not guessed."""
    params = msgspec.convert(frame["params"], dict[str, msgspec.Raw | object])
    data = msgspec.convert(params["data"], dict[str, object])
    with pytest.raises(Unreadable):
        decode(body(push(str(params["channel"]), data | changed)))


@pytest.mark.parametrize("field", ["seq_no", "inserts", "updates", "deletes", "update_type"])
def test_a_missing_field_is_told(field: str) -> None:
    """By its name and path."""
    data = {name: value for name, value in pushes.book("s", 1).items() if name != field}
    with pytest.raises(Unreadable, match=f"missing required field `{field}`"):
        decode(body(push(pushes.SNAPSHOTS, data)))
