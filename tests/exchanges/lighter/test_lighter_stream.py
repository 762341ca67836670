"""Lighter's frames: each kind to the exact event; whatever else comes is told."""

import json

import pytest
from msgspec import Raw

from perps_stats.core.errors import Unreadable
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
    Greeting,
    Ignored,
    KlineTick,
    MarkTick,
    Ping,
    TradeTick,
    Unsubscribed,
)
from perps_stats.exchanges.lighter.stream import STREAM, decoder, subscribe, unsubscribe

from ..answers import body  # noqa: TID252 (tests are no package that could be named)
from .pushes import (
    BEST,
    CANDLE,
    SENT,
    START,
    STATS,
    STATS_OF_ALL,
    STATS_OF_ONE,
    TRADES,
    UPDATE,
    US,
    Json,
    first,
)
from .venue import BTC, ETH, T0, trade

decode = decoder([ETH, BTC])
SENT_US, HOUR_US = SENT * 1000, 3_600_000_000
SNAPSHOT = BookSnapshot(
    native="ETH",
    ts=US,
    last=17_926_042_877,
    bids=Raw(b'[["1914.22","0.1900"],["1914.18","8.5318"]]'),
    asks=Raw(b'[["1914.28","0.1021"],["1914.42","4.5605"]]'),
    depth=None,
    chained=True,
)
DELTA = BookDelta(
    native="ETH",
    ts=US,
    first=17_926_042_878,
    last=17_926_042_944,
    previous=17_926_042_877,
    bids=Raw(b'[["1914.22","0.0000"]]'),
    asks=Raw(b"[]"),
)
TOLD = (
    DayTick(
        native="ETH",
        ts=SENT_US,
        last_price="1914.28",
        high_price="1954.58",
        low_price="1856.3",
        volume="220273.9901",
        turnover="418335825.404646",
        change=None,
        change_pct="-0.0125",
    ),
    MarkTick("ETH", SENT_US, "1914.32", "1915.31", None, "86574362.972120"),
    FundingTick("ETH", SENT_US, "-0.000012", T0 * 1000 + HOUR_US, "1"),
)
TOP = BestTick("ETH", US, 17_926_043_680, "1914.22", "0.1900", "1914.28", "0.1021")
MINUTE = KlineTick(
    native="ETH",
    interval="1m",
    open_ts=T0 * 1000,
    close_ts=T0 * 1000 + 60_000_000,
    open="2264.2",
    high="2264.34",
    low="2263.36",
    close="2263.97",
    volume="13.2237",
    turnover="29934.600012",
    trades=None,
    closed=None,
)
FILLS = (
    TradeTick("ETH", T0 * 1000, "773", "1913.99", "0.0008", "buy", liquidation=False),
    TradeTick("ETH", T0 * 1000, "774", "1913.99", "0.0008", "sell", liquidation=True),
    TradeTick("ETH", T0 * 1000, "775", "1913.99", "0.0008", "buy", liquidation=False),
)
EVENTS: list[tuple[Json, tuple[Event, ...]]] = [
    (START, (SNAPSHOT,)),
    (UPDATE, (DELTA,)),
    (TRADES, FILLS),
    (first(TRADES), FILLS),
    (BEST, (TOP,)),
    (first(BEST), (TOP,)),
    (STATS_OF_ONE, TOLD),
    (first(STATS_OF_ONE), TOLD),
    (CANDLE, (MINUTE,)),
    (first(CANDLE), (MINUTE,)),
    ({"session_id": "b23c70b2", "type": "connected"}, (Greeting(),)),
    ({"type": "ping"}, (Ping(b'{"type":"pong"}'),)),
    ({"type": "pong"}, (Ignored("pong"),)),
    (
        {"type": "unsubscribed", "channel": "order_book:0"},
        (Unsubscribed("ETH", Channel.ORDERBOOK),),
    ),
    ({"type": "unsubscribed", "channel": "trade:1"}, (Unsubscribed("BTC", Channel.TRADES),)),
    (
        {"error": {"code": 30_003, "message": "Already Subscribed to : order_book:0"}},
        (Ack("", "Already Subscribed to : order_book:0 (code 30003)"),),
    ),
    ({"channel": "height", "height": 1, "type": "update/height"}, (Ignored("height"),)),
    (
        {"channel": "spot_market_stats:2048", "type": "subscribed/spot_market_stats"},
        (Ignored("spot_market_stats"),),
    ),
]


@pytest.mark.parametrize(("push", "events"), EVENTS)
def test_a_frame_and_its_events(push: Json, events: tuple[Event, ...]) -> None:
    """In whatever order and spacing its fields come."""
    assert decode(body(push)) == events
    assert decode(json.dumps(push, indent=1, sort_keys=True).encode()) == events


def test_statistics_of_all_are_told_for_the_markets_listened_to() -> None:
    """By their numbers; the market 7 is not ours."""
    events = decode(body(STATS_OF_ALL))
    assert events[:3] == TOLD
    assert [event.native for event in events[3:]] == ["BTC"] * 3


@pytest.mark.parametrize(
    "push",
    [
        BEST | {"channel": "ticker:2048"},
        START | {"channel": "order_book:7"},
        STATS_OF_ONE | {"channel": "market_stats:7"},
        STATS_OF_ALL | {"market_stats": {}},
        {"type": "unsubscribed", "channel": "order_book:7"},
        TRADES | {"trades": [], "liquidation_trades": None},
        CANDLE | {"candles": None},
    ],
)
def test_frames_that_say_nothing_of_our_markets(push: Json) -> None:
    """Of another market, or of nothing at all: set aside and counted."""
    assert decode(body(push)) == (Ignored("nothing of these markets"),)


@pytest.mark.parametrize("empty", [{}, {"price": "", "size": ""}, None])
def test_an_empty_side(empty: Json | None) -> None:
    """Without fields, with empty ones, or absent: there is no best price of that side."""
    ticker: Json = {"s": "ETH", "b": {"price": "1914.22", "size": "0.1900"}, "last_updated_at": US}
    if empty is not None:
        ticker["a"] = empty
    (event,) = decode(body(BEST | {"ticker": ticker}))
    assert event == BestTick("ETH", US, 17_926_043_680, "1914.22", "0.1900", None, None)


def test_forced_trades_from_before_the_replay_are_left_out() -> None:
    """Told first, an old one would vouch for all the trades between, which were not told."""
    forced = [trade(772, type="liquidation"), trade(774, type="liquidation")]
    replay = first(TRADES | {"liquidation_trades": forced})
    assert [event.id for event in decode(body(replay)) if isinstance(event, TradeTick)] == [
        "773",
        "774",
        "775",
    ]
    alone = first(TRADES | {"trades": [], "liquidation_trades": forced})
    assert len(decode(body(alone))) == 2


def test_a_market_in_which_nothing_ever_happened() -> None:
    """Its times are zero: the frame's own is told instead."""
    empty = {"asks": [], "bids": [], "nonce": 0, "begin_nonce": 0, "last_updated_at": 0}
    (start,) = decode(body(START | {"order_book": empty}))
    assert start == BookSnapshot("ETH", SENT_US, 0, Raw(b"[]"), Raw(b"[]"), None, chained=True)
    (best,) = decode(body(BEST | {"nonce": 0, "ticker": {"s": "ETH", "last_updated_at": 0}}))
    assert best == BestTick("ETH", SENT_US, 0, None, None, None, None)


def test_a_market_without_a_mark_price() -> None:
    """Zero prices say that there are none; the rest is told."""
    nothing = dict.fromkeys(("mark_price", "index_price", "last_trade_price"), "0")
    events = decode(body(STATS_OF_ONE | {"market_stats": STATS | nothing}))
    assert [type(event) for event in events] == [DayTick, FundingTick]
    assert isinstance(events[0], DayTick)
    assert events[0].last_price is None


@pytest.mark.parametrize("kind", ["deleverage", "market-settlement"])
def test_positions_that_were_closed_without_an_order(kind: str) -> None:
    """They are no trades, wherever they are listed."""
    push = TRADES | {"trades": [trade(1)], "liquidation_trades": [trade(2, type=kind)]}
    events = decode(body(push))
    assert isinstance(events[0], TradeTick)
    assert events[1] == Ignored(f"trade:{kind}")


@pytest.mark.parametrize(
    ("push", "reason"),
    [
        (START | {"order_book": {"asks": [], "bids": [], "nonce": 1}}, "begin_nonce"),
        ({name: part for name, part in UPDATE.items() if name != "timestamp"}, "timestamp"),
        ({name: part for name, part in BEST.items() if name != "ticker"}, "ticker"),
        (TRADES | {"trades": [trade(1, price="0")]}, "price cannot be"),
        (TRADES | {"trades": [trade(1, size="x")]}, "could not convert"),
        (CANDLE | {"channel": "candle:0:7m"}, "7m"),
        (CANDLE | {"channel": "candle"}, "index"),
        (STATS_OF_ONE | {"market_stats": STATS | {"mark_price": "1e999999"}}, "no price"),
        (STATS_OF_ONE | {"market_stats": STATS | {"current_funding_rate": ""}}, "funding"),
        ({"type": "update/unheard_of", "channel": "unheard_of:0"}, "unheard_of"),
        ({"type": "unsubscribed", "channel": "unheard_of:0"}, "unheard_of"),
        ({"channel": "order_book:0"}, "type"),
    ],
)
def test_what_cannot_be_read_is_told(push: Json, reason: str) -> None:
    """A missing field is never a zero, and a frame of no known kind is no silence."""
    with pytest.raises(Unreadable, match=reason):
        decode(body(push))


def test_subscriptions() -> None:
    """A frame a channel and market, by number; three channels of ours are one of theirs."""
    of = Subscription(channels=tuple(STREAM.paths), markets=(ETH, BTC))
    assert [json.loads(frame) for frame in subscribe(of)] == [
        {"type": "subscribe", "channel": f"{name}"}
        for name in (
            *("order_book/0", "order_book/1", "trade/0", "trade/1", "ticker/0", "ticker/1"),
            *("market_stats/0", "market_stats/1", "candle/0/1m", "candle/1/1m"),
        )
    ]
    assert unsubscribe(Subscription(channels=(Channel.ORDERBOOK,), markets=(BTC,))) == [
        b'{"type":"unsubscribe","channel":"order_book/1"}'
    ]


def test_what_the_exchange_asks_of_a_connection() -> None:
    """A word at least every two minutes, 200 messages in one, 500 subscriptions."""
    assert (json.loads(STREAM.ping), STREAM.greets) == ({"type": "ping"}, True)
    assert STREAM.ping_seconds < 120
    assert STREAM.messages_per_second * 60 < 200
    assert STREAM.streams_per_connection == 500
    assert set(STREAM.silence_seconds) == set(STREAM.paths)
    assert Channel.LIQUIDATIONS not in STREAM.paths
