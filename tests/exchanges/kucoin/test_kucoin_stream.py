"""KuCoin's frames, of both its streams: each kind to the exact event; whatever else is told."""

import json

import pytest

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
    TradeTick,
)
from perps_stats.exchanges.kucoin import KUCOIN
from perps_stats.exchanges.kucoin.stream import STREAM, subscribe

from ..answers import body  # noqa: TID252 (tests are no package that could be named)
from . import pushes
from .pushes import MARK, SEQUENCE, TOP_OF_BOOK, UTA_FUNDING, UTA_MARK, uta_book
from .venue import ALL, BTC, HOUR_MS, T0, Json, market

US = (T0 + 7) * 1000
DECODE = STREAM.decoder(list(ALL.values()))


def decoded(push: Json) -> Event:
    (event,) = DECODE(body(push))
    return event


EVENTS: list[tuple[Json, Event]] = [
    (
        pushes.best(),
        BestTick("XBTUSDTM", US, SEQUENCE, "86454.5", "5.044", "86454.6", "0.073"),
    ),
    (
        pushes.best("XBTUSDM"),
        BestTick(
            "XBTUSDM",
            US,
            SEQUENCE,
            "86454.5",
            "0.0583428277301933",
            "86454.6",
            "0.000844373810069100",
        ),
    ),
    (
        pushes.best(bestBidPrice=None, bestBidSize=None, bestAskPrice="0", bestAskSize=0),
        BestTick("XBTUSDTM", US, SEQUENCE, None, None, None, None),
    ),
    (pushes.match(), TradeTick("XBTUSDTM", US, "1794100537695", "90503.9", "0.002", "buy")),
    (
        pushes.match("XBTUSDM", side="sell"),
        TradeTick("XBTUSDM", US, "1794100537695", "90503.9", "0.0000220984952029692", "sell"),
    ),
    (
        pushes.candle(),
        KlineTick(
            native="XBTUSDTM",
            interval="1m",
            open_ts=T0 * 1000,
            close_ts=(T0 + 60_000) * 1000,
            open="84568.3",
            high="84569",
            low="84544.2",
            close="84556.7",
            volume="12.785",
            turnover="1080991.7836",
            trades=None,
            closed=None,
        ),
    ),
    (
        pushes.candle("XBTUSDM"),
        KlineTick(
            native="XBTUSDM",
            interval="1m",
            open_ts=T0 * 1000,
            close_ts=(T0 + 60_000) * 1000,
            open="84568.3",
            high="84569",
            low="84544.2",
            close="84556.7",
            volume="0.151200318839311",
            turnover="12785",
            trades=None,
            closed=None,
        ),
    ),
    (
        pushes.day(),
        DayTick(
            native="XBTUSDTM",
            ts=US + 3,
            last_price="84556.7",
            high_price="87274.8",
            low_price="83864.7",
            volume="3938.189",
            turnover="337376435.2988",
            change="-477.3",
            change_pct="-0.0056",
        ),
    ),
    (MARK, MarkTick("XBTUSDTM", US, "86201.79", "86248.81")),
    (pushes.rate(), FundingTick("XBTUSDTM", US, "-0.000002")),
    (pushes.rate(28_800_000), Ignored("funding.rate:28800000", "XBTUSDTM")),
    (TOP_OF_BOOK, Ignored("level2Depth50", "XBTUSDTM")),
    (pushes.best("ETHUSDTM"), Ignored("no market of ours", "ETHUSDTM")),
    (
        UTA_MARK,
        MarkTick("XBTUSDTM", US, "86201.79", "86248.81", "11481.754", "989747747.13966"),
    ),
    (
        UTA_FUNDING,
        FundingTick("XBTUSDTM", US + 967, "-0.000076", (T0 + 4 * HOUR_MS) * 1000, "8"),
    ),
]


@pytest.mark.parametrize(("push", "event"), EVENTS)
def test_every_kind(push: Json, event: Event) -> None:
    """In base coin and microseconds; with blanks, and with the subject last."""
    late = {name: value for name, value in push.items() if name != "subject"}
    late |= {"subject": push["subject"]} if "subject" in push else {}
    assert decoded(push) == event
    assert DECODE(json.dumps(late, indent=2).encode()) == (event,)


def test_an_inverse_contract_swaps_volume_and_turnover() -> None:
    """Its volume is told in dollars, its turnover in coins: 43626228 are 1439.34 at 30310."""
    event = decoded(pushes.day("XBTUSDM", volume=43_626_228, turnover=1439.3403076772884))
    assert isinstance(event, DayTick)
    assert (event.volume, event.turnover) == ("1439.3403076772884", "43626228")


@pytest.mark.parametrize(
    ("said", "symbol", "bids", "asks"),
    [
        ("83614,buy,12", "XBTUSDTM", b'[["83614","0.012"]]', b"[]"),
        ("110224.7,sell,0", "XBTUSDTM", b"[]", b'[["110224.7","0.000"]]'),
        ("83614,buy,12", "XBTUSDM", b'[["83614","0.000143516635970053"]]', b"[]"),
        ("83614,buy,0", "XBTUSDM", b'[["83614","0"]]', b"[]"),
        ("1E-7,sell,5", "XBTUSDTM", b"[]", b'[["0.0000001","0.005"]]'),
        ("0,buy,0", "XBTUSDTM", b"[]", b"[]"),
    ],
)
def test_one_change_of_a_book(said: str, symbol: str, bids: bytes, asks: bytes) -> None:
    """One level a frame, absolute, 0 lots remove; a price of 0 only counts the sequence on."""
    event = decoded(pushes.change(said, symbol))
    assert isinstance(event, BookDelta)
    assert (bytes(event.bids), bytes(event.asks)) == (bids, asks)
    assert (event.native, event.ts) == (symbol, US)
    assert (event.first, event.last, event.previous) == (SEQUENCE, SEQUENCE, SEQUENCE - 1)


@pytest.mark.parametrize(
    "said", ["", "1,buy", "1,buy,x", "1,none,1", "-1,buy,1", "1,buy,1,1", "nan,buy,1"]
)
def test_what_is_no_change_is_unreadable(said: str) -> None:
    """It is a hole in the sequence, and told."""
    with pytest.raises(Unreadable):
        decoded(pushes.change(said))


def test_a_frame_of_changes_without_one_is_unreadable() -> None:
    """Only the topics of the best levels bear none."""
    push = pushes.pushed("/contractMarket/level2", "level2", {"sequence": 1, "timestamp": T0})
    with pytest.raises(Unreadable, match="nothing"):
        decoded(push)


def test_a_price_is_never_missing() -> None:
    """The field is named."""
    push = pushes.match()
    push["data"] = {"size": 1, "side": "buy", "ts": T0, "tradeId": "1"}
    with pytest.raises(Unreadable, match="price"):
        decoded(push)


def test_a_candle_of_another_interval_is_of_no_market_of_ours() -> None:
    """We ask for minutes only."""
    assert decoded(pushes.candle(name="5min")) == Ignored("no market of ours", "XBTUSDTM_5min")


def test_the_book_of_the_newer_stream() -> None:
    """A snapshot in the stream, then deltas that each begin after the last; lots here too."""
    start = decoded(uta_book("snapshot", 9, 9))
    assert isinstance(start, BookSnapshot)
    assert (start.native, start.ts, start.last, start.depth) == ("XBTUSDTM", US + 768, 9, None)
    assert start.chained
    levels = b'[["85973.3","16.236"],["85887.1","0.000"]]'
    assert (bytes(start.bids), bytes(start.asks)) == (levels, b"[]")
    delta = decoded(uta_book("delta", 10, 11))
    assert isinstance(delta, BookDelta)
    assert (delta.first, delta.last, delta.previous, delta.ts) == (10, 11, 9, US + 768)
    assert bytes(delta.bids) == levels
    best = decoded(uta_book("snapshot", 9, 9, depth="50"))
    assert isinstance(best, BookSnapshot)
    assert best.depth == 50


@pytest.mark.parametrize(
    ("frame", "event"),
    [
        ({"id": "ours", "type": "welcome"}, Greeting()),
        ({"id": "p27", "type": "ack"}, Ack("p27")),
        (
            {"id": "p28", "type": "error", "code": 404, "data": "topic does not exist"},
            Ack("p28", "topic does not exist (code 404)"),
        ),
        (
            {"type": "error", "code": 400, "data": "ping timeout"},
            Ack("", "ping timeout (code 400)"),
        ),
        ({"id": "p16", "type": "pong", "timestamp": 1_790_113_097_236_506}, Ignored("pong")),
        ({"type": "pong", "id": "p32", "ts": 1_790_113_111_261_396_000}, Ignored("pong")),
        ({"sessionId": "e8", "message": "welcome", "pingInterval": 18_000}, Greeting()),
        ({"id": "p1", "result": True}, Ack("p1")),
        ({"id": "1", "result": False, "reason": "missing `symbol`"}, Ack("1", "missing `symbol`")),
        (
            {"topic": "/contract/announcement", "subject": "funding.begin", "data": {}},
            Ignored("funding.begin"),
        ),
    ],
)
def test_control_frames(frame: Json, event: Event) -> None:
    """Of the classic stream and of the newer one."""
    assert decoded(frame) == event


@pytest.mark.parametrize("frame", [b"", b"{", b"{}", b"[]", b"7", b'{"subject":"what.is.it"}'])
def test_the_unknown_is_unreadable(frame: bytes) -> None:
    """It is told, not ignored."""
    with pytest.raises(Unreadable):
        DECODE(frame)


def test_what_is_asked_for() -> None:
    """A topic for all markets, a hundred at most; mark and funding are one topic."""
    several = (Channel.MARK, Channel.FUNDING, Channel.KLINES)
    asked_for = subscribe(Subscription(channels=several, markets=(BTC, market("ETHUSDTM"))))
    assert [json.loads(frame) for frame in asked_for] == [
        {
            "id": number,
            "type": "subscribe",
            "topic": topic,
            "privateChannel": False,
            "response": True,
        }
        for number, topic in (
            ("1", "/contract/instrument:XBTUSDTM,ETHUSDTM"),
            ("2", "/contractMarket/limitCandle:XBTUSDTM_1min,ETHUSDTM_1min"),
        )
    ]
    many = tuple(market(f"X{number}USDTM") for number in range(101))
    frames = subscribe(Subscription(channels=(Channel.ORDERBOOK,), markets=many))
    topics = [json.loads(frame)["topic"] for frame in frames]
    assert [topic.count(",") + 1 for topic in topics] == [100, 1]
    assert topics[1] == "/contractMarket/level2:X100USDTM"


@pytest.mark.parametrize(
    ("channel", "topic"),
    [
        (Channel.ORDERBOOK, "/contractMarket/level2"),
        (Channel.TRADES, "/contractMarket/execution"),
        (Channel.BEST, "/contractMarket/tickerV2"),
        (Channel.DAY, "/contractMarket/snapshot"),
        (Channel.MARK, "/contract/instrument"),
        (Channel.FUNDING, "/contract/instrument"),
    ],
)
def test_the_topic_of_a_channel(channel: Channel, topic: str) -> None:
    """All on one path, that of the handshake."""
    (frame,) = subscribe(Subscription(channels=(channel,), markets=(BTC,)))
    assert json.loads(frame)["topic"] == f"{topic}:XBTUSDTM"
    assert STREAM.paths[channel] == ""


def test_how_the_stream_is_kept() -> None:
    """A greeting first, a ping of ours every 18 s, 100 messages in 10 s, a day at most."""
    assert KUCOIN.stream is STREAM
    assert STREAM.greets
    assert json.loads(STREAM.ping) == {"id": "ping", "type": "ping"}
    assert (STREAM.ping_seconds, STREAM.messages_per_second) == (18, 10)
    assert STREAM.lifetime_seconds == 86_400
    assert set(STREAM.silence_seconds) == set(STREAM.paths)
