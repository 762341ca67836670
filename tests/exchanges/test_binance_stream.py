"""Binance's frames: each kind, in each form, to the exact event; whatever else comes is told."""

import json

import msgspec
import pytest

from perps_stats.core.errors import Unreadable
from perps_stats.exchanges.binance import BINANCE
from perps_stats.exchanges.binance.stream import STREAM, decode, subscribe
from perps_stats.exchanges.contract import Subscription
from perps_stats.exchanges.events import (
    Ack,
    BestTick,
    BookDelta,
    Channel,
    DayTick,
    Event,
    Farewell,
    FundingTick,
    Ignored,
    KlineTick,
    LiquidationTick,
    MarkTick,
    NoTrade,
    TradeTick,
)
from perps_stats.feed.sides import parse_levels

from .answers import body
from .pushes import (
    AGGREGATE,
    ALL,
    BEST,
    DAY,
    DEPTH,
    FORCED,
    KLINE,
    MARK,
    TRADE,
    US,
    E,
    Json,
    pretty,
    wrapped,
)
from .venue import BTC, market

EVENTS: list[tuple[Json, Event]] = [
    (
        BEST,
        BestTick("BTCUSDT", US, 400_900_217, "61659.70", "2.507", "61659.80", "1.020"),
    ),
    (
        TRADE,
        TradeTick("BTCUSDT", US, "5266583935", "61659.80", "0.006", "buy", 5_266_583_935),
    ),
    (AGGREGATE, TradeTick("BTCUSDT", US, "a5266583935", "61659.80", "0.020", "sell")),
    (
        DAY,
        DayTick(
            native="BTCUSDT",
            ts=E * 1000,
            last_price="10223.74",
            high_price="10329.38",
            low_price="10080.70",
            volume="20248.900",
            turnover="207024349.13",
            change="-88.17",
            change_pct="-0.00855",
        ),
    ),
    (
        KLINE,
        KlineTick(
            native="BTCUSDT",
            interval="1m",
            open_ts=US,
            close_ts=US + 60_000_000,
            open="61650.10",
            high="61700.00",
            low="61600.00",
            close="61659.80",
            volume="12.345",
            turnover="761199.12",
            trades=308,
            closed=True,
        ),
    ),
    (FORCED, LiquidationTick("BTCUSDT", US, "9912.5", "0.014", "sell")),
]


@pytest.mark.parametrize(("push", "event"), EVENTS)
def test_every_kind_in_every_form(push: Json, event: Event) -> None:
    """Plain, wrapped by its stream, with blanks, with the kind last, quoted in an array."""
    late = {name: value for name, value in push.items() if name != "e"} | {"e": push["e"]}
    assert decode(msgspec.json.encode(push)) == (event,)
    assert decode(msgspec.json.encode(wrapped(push))) == (event,)
    for form in (push, wrapped(push), late, wrapped(late)):
        assert decode(pretty(form)) == (event,)
    assert decode(body([push, push])) == decode(body(wrapped([push, push]))) == (event, event)


@pytest.mark.parametrize("form", [body(DEPTH), body(wrapped(DEPTH)), pretty(wrapped(DEPTH))])
def test_levels_stay_as_they_came(form: bytes) -> None:
    """A difference of the book: its chain of updates, and raw levels that the book parses."""
    (event,) = decode(form)
    assert isinstance(event, BookDelta)
    assert (event.native, event.ts) == ("BTCUSDT", US)
    assert (event.first, event.last, event.previous) == (157, 160, 149)
    assert parse_levels(event.bids) == [(61659.7, 0.0)]
    assert parse_levels(event.asks) == []


@pytest.mark.parametrize(
    "levels",
    ['[["1"]]', '[["x","1"]]', '[["1",true]]', '{"1":"1"}', "["],
)
def test_levels_that_cannot_be_are_not_parsed(levels: str) -> None:
    """What is no level at all; what no exchange can have is refused by the book itself."""
    with pytest.raises(ValueError):  # noqa: PT011 - the book makes a sentence of it
        parse_levels(msgspec.Raw(levels.encode()))


@pytest.mark.parametrize("push", ALL)
def test_coin_margined_frames_are_set_aside(push: Json) -> None:
    """Their quantities are contracts: told by ``st`` since 2026, by a lone ``ps`` before."""
    ignored = (Ignored("coin-m"),)
    for mark in ({"st": 2, "ps": "BTCUSD"}, {"st": 2}, {"ps": "BTCUSD"}):
        assert decode(body(push | mark)) == decode(pretty(wrapped(push | mark))) == ignored
    unified = push | {"st": 1, "ps": "BTCUSDT"}
    assert type(decode(body(unified))[0]) is type(decode(body(push))[0])


@pytest.mark.parametrize("reason", ["INSURANCE_FUND", "ADL", "NA"])
def test_what_was_no_trade_on_the_market_is_set_aside(reason: str) -> None:
    """Nor is its price looked at: it may be zero. It took a number of the trades' count."""
    (event,) = decode(body(TRADE | {"X": reason, "p": "0", "q": "0"}))
    assert event == NoTrade("BTCUSDT", US, 5_266_583_935, reason)


def test_a_trade_of_before_the_kinds_is_a_market_trade() -> None:
    """Frames of 2019 do not say ``X``."""
    old = {name: value for name, value in TRADE.items() if name != "X"}
    assert decode(body(old)) == (EVENTS[1][1],)


def test_an_aggregate_of_before_the_numbers_is_named_by_its_first_trade() -> None:
    """Frames of 2019 may have no number of their own."""
    old = {name: value for name, value in AGGREGATE.items() if name != "a"}
    (event,) = decode(body(old))
    assert isinstance(event, TradeTick)
    assert (event.id, event.number) == ("f100", None)


@pytest.mark.parametrize(
    ("percent", "fraction"),
    [("250.00", "2.5000"), ("0", "0.00"), ("-0.001", "-0.00001"), ("0.00000001", "0.0000000001")],
)
def test_a_percentage_becomes_a_fraction_exactly(percent: str, fraction: str) -> None:
    """Two places further, never in exponents."""
    (event,) = decode(body(DAY | {"P": percent}))
    assert isinstance(event, DayTick)
    assert event.change_pct == fraction


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (DAY | {"c": "0", "h": "0", "l": "0"}, "24hrTicker: never traded"),
        (FORCED | {"o": {**dict(FORCED["o"]), "X": "NEW", "z": "0"}}, "forceOrder:NEW"),  # type: ignore[call-overload] # a mapping
    ],
)
def test_zero_is_never_a_price(changed: Json, reason: str) -> None:
    """Where the exchange has none yet, the frame is set aside under a name."""
    assert decode(body(changed)) == (Ignored(reason),)


def test_an_empty_side_has_no_best_price() -> None:
    """A price of zero: unknown, while the other side stands."""
    (event,) = decode(body(BEST | {"b": "0.00", "B": "0"}))
    assert isinstance(event, BestTick)
    assert (event.bid_price, event.bid_qty) == (None, None)
    assert (event.ask_price, event.ask_qty) == (BEST["a"], BEST["A"])


MARK_TICK = MarkTick("BTCUSDT", E * 1000, "61660.01000000", "61690.50000000")
FUNDING_TICK = FundingTick("BTCUSDT", E * 1000, "0.00010000", US)


@pytest.mark.parametrize("form", [body(MARK), body(wrapped(MARK)), pretty(MARK)])
def test_a_mark_price_brings_the_running_rate(form: bytes) -> None:
    """One frame, two events."""
    assert decode(form) == (MARK_TICK, FUNDING_TICK)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"r": "", "T": 0}, (MARK_TICK,)),
        ({"T": 0}, (MARK_TICK,)),
        ({"i": ""}, (MarkTick("BTCUSDT", E * 1000, "61660.01000000"), FUNDING_TICK)),
    ],
)
def test_a_mark_price_without_funding(changed: Json, expected: tuple[Event, ...]) -> None:
    """A dated contract has no rate: not a rate of zero."""
    assert decode(body(MARK | changed)) == expected


@pytest.mark.parametrize(
    "kind", ["24hrMiniTicker", "ORDER_TRADE_UPDATE", "TRADE_LITE", "assetIndexUpdate"]
)
def test_kinds_that_nobody_asked_for_are_counted(kind: str) -> None:
    """They have a name, plain and wrapped."""
    assert decode(body({"e": kind, "E": E})) == (Ignored(kind),)
    assert decode(body(wrapped({"e": kind, "E": E}))) == (Ignored(kind),)


@pytest.mark.parametrize(
    "form", [{"event": {"e": "serverShutdown", "E": E}}, {"e": "serverShutdown", "E": E}]
)
def test_an_announced_shutdown_is_a_farewell(form: Json) -> None:
    """As the exchange documents it for its other stream, and bare as all pushes are here."""
    assert decode(body(form)) == (Farewell(),)


@pytest.mark.parametrize(
    ("frame", "ack"),
    [
        ({"result": None, "id": 1}, Ack("1")),
        ({"result": None, "id": "abc"}, Ack("abc")),
        ({"result": ["btcusdt@trade"], "id": 3}, Ack("3")),
        (
            {"error": {"code": 2, "msg": "Invalid request"}, "id": 4},
            Ack("4", "Invalid request (code 2)"),
        ),
        ({"code": 2, "msg": "Invalid request", "id": 5}, Ack("5", "Invalid request (code 2)")),
        ({"error": {"code": 3, "msg": "Invalid JSON"}}, Ack("", "Invalid JSON (code 3)")),
    ],
)
def test_answers_to_requests(frame: Json, ack: Ack) -> None:
    """Confirmed or refused, under the number of the request."""
    assert decode(body(frame)) == (ack,)


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (BEST | {"b": "-1"}, "bid_price cannot be '-1'"),
        (BEST | {"A": "nan"}, "ask_qty cannot be 'nan'"),
        (BEST | {"a": "inf"}, "ask_price cannot be 'inf'"),
        (TRADE | {"p": "-61659.80"}, "price cannot be '-61659.80'"),
        (TRADE | {"p": "0"}, "price cannot be '0'"),
        (TRADE | {"q": "-0.1"}, "quantity cannot be '-0.1'"),
        (TRADE | {"p": "much"}, "could not convert string to float: 'much'"),
        (TRADE | {"T": 0}, "- at `$.T`"),
        (TRADE | {"T": 10**15}, "- at `$.T`"),
        (AGGREGATE | {"p": "-1"}, "price cannot be '-1'"),
        (DAY | {"v": "-1"}, "volume cannot be '-1'"),
        (DAY | {"P": "inf"}, "percent cannot be 'inf'"),
        (MARK | {"p": "-5"}, "mark_price cannot be '-5'"),
        (MARK | {"i": "-5"}, "index_price cannot be '-5'"),
        (MARK | {"r": "much"}, "- at `$.r`"),
        ({"e": "depthUpdate", "s": "BTCUSDT"}, "missing required field"),
        ({"e": "somethingNew"}, "somethingNew"),
        ({"u": 1, "s": "BTCUSDT", "b": "1", "B": "1"}, "neither a push nor the answer"),
        ([[]], "Expected `object`, got `array`"),
        ({}, "neither a push nor the answer"),
        (7, "Expected `object`, got `int`"),
        (wrapped({"data": BEST}), "neither a push nor the answer"),
    ],
)
def test_what_cannot_be_is_unreadable(frame: object, message: str) -> None:
    """The field is named, plain and wrapped, and the excerpt shows the frame."""
    for form in (frame, wrapped(frame)):
        with pytest.raises(Unreadable) as caught:
            decode(body(form))
        assert message in str(caught.value)
        assert caught.value.excerpt == body(form).decode()[:120]


def test_subscriptions_are_small_numbered_frames() -> None:
    """Lower case, in the order of channels and markets, at most 200 streams a frame."""
    natives = tuple(f"COIN{number}USDT" for number in range(150))
    markets = tuple(market(native, native) for native in natives)
    channels = (Channel.ORDERBOOK, Channel.TRADES)
    frames = [json.loads(f) for f in subscribe(Subscription(channels=channels, markets=markets))]
    assert [(frame["method"], frame["id"], len(frame["params"])) for frame in frames] == [
        ("SUBSCRIBE", 1, 200),
        ("SUBSCRIBE", 2, 100),
    ]
    names = [name for frame in frames for name in frame["params"]]
    assert names == [f"{native.lower()}@depth@100ms" for native in natives] + [
        f"{native.lower()}@trade" for native in natives
    ]


def test_the_stream_of_each_channel_and_its_path() -> None:
    """Since 2026 books and trades are served apart from the rest."""
    names = {
        channel: json.loads(subscribe(Subscription(channels=(channel,), markets=(BTC,)))[0])[
            "params"
        ][0]
        for channel in STREAM.paths
    }
    assert {channel: (names[channel], path) for channel, path in STREAM.paths.items()} == {
        Channel.ORDERBOOK: ("btcusdt@depth@100ms", "/public/ws"),
        Channel.TRADES: ("btcusdt@trade", "/public/ws"),
        Channel.BEST: ("btcusdt@bookTicker", "/public/ws"),
        Channel.DAY: ("btcusdt@ticker", "/market/ws"),
        Channel.MARK: ("btcusdt@markPrice@1s", "/market/ws"),
        Channel.FUNDING: ("btcusdt@markPrice@1s", "/market/ws"),
        Channel.KLINES: ("btcusdt@kline_1m", "/market/ws"),
        Channel.LIQUIDATIONS: ("btcusdt@forceOrder", "/market/ws"),
    }
    assert set(STREAM.silence_seconds) == set(STREAM.paths)
    assert BINANCE.stream is STREAM
