"""Every recorded line of KuCoin futures is read by the adapter, or is named here with why not.

Needs PERPS_STATS_CAPTURES.
"""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import TypeAlias

import pytest

from perps_stats.core.types import Market
from perps_stats.exchanges.contract import Flow, Window
from perps_stats.exchanges.events import Ack, Ignored
from perps_stats.exchanges.kucoin import past, rest
from perps_stats.exchanges.kucoin.stream import STREAM

from ..answers import as_klines, asked, body  # noqa: TID252 (tests are no package that could be named)
from ..recorded import CAPTURES, NEEDS, Json, Line, files, lines  # noqa: TID252
from .venue import ANSWERS, BTC, USD, inverse, market, with_

pytestmark = pytest.mark.skipif(not CAPTURES, reason=NEEDS)

EVER = Window(datetime(2017, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))
Question: TypeAlias = Callable[[], Flow[object]]
LINEAR = ("SOLUSDTM", "MYROUSDTM", "AUCTIONUSDTM", "ETHUSDTM", "ETHUSDCM", "XBTUSDCM")
MARKETS: list[Market] = [BTC, USD, *map(market, LINEAR), inverse("ETHUSDM", "ETH")]
DECODE = STREAM.decoder(MARKETS)

QUESTIONS: dict[str, Question] = {
    "/api/v1/contracts/active": rest.markets,
    "/api/v1/contracts/XBTUSDTM": lambda: rest.open_interest(BTC),
    "/api/v1/ticker": lambda: rest.ticker(BTC),
    "/api/v1/allTickers": lambda: rest.tickers({"XBTUSDTM": BTC, "XBTUSDM": USD}),
    "/api/v1/level2/snapshot": lambda: rest.orderbook(BTC, 1000),
    "/api/v1/level2/depth20": lambda: rest.orderbook(BTC, 20),
    "/api/v1/trade/history": lambda: rest.trades(BTC, 100),
    "/api/v1/kline/query": lambda: as_klines(past.klines, BTC, "1m", EVER, None),
    "/api/v1/funding-rate/XBTUSDTM/current": lambda: past.funding(BTC),
    "/api/v1/contract/funding-rates": lambda: past.funding_history(BTC, EVER, None),
    "/api/v1/bullet-public": lambda: rest.handshake("ours"),
    "/api/v1/timestamp": rest.clock,
}
SAME = {
    "/api/v1/contracts/ETHUSDT": "/api/v1/contracts/XBTUSDTM",
    "/api/v1/contracts/{symbol}": "/api/v1/contracts/XBTUSDTM",
    "/api/v1/funding-rate/ETHUSDT/current": "/api/v1/funding-rate/XBTUSDTM/current",
    "/api/v1/funding-rate/{symbol}/current": "/api/v1/funding-rate/XBTUSDTM/current",
    "/api/v1/level2/depth{size}": "/api/v1/level2/depth20",
}
"""The end points as the documents name them."""
LISTS = {
    "/api/v1/contracts/active",
    "/api/v1/allTickers",
    "/api/v1/trade/history",
    "/api/v1/contract/funding-rates",
}
"""Some examples show one row of the list."""
CCXT_QUESTIONS = {
    "/api/v1/timestamp": [1, 2],
    "/api/v1/contracts/XBTUSDTM": [6, 9, 12],
    "/api/v1/ticker": [8, 14],
    "/api/v1/kline/query": [18],
    "/api/v1/level2/snapshot": [20],
    "/api/v1/trade/history": [25, 26, 29],
    "/api/v1/funding-rate/XBTUSDTM/current": [31, 34],
    "/api/v1/contract/funding-rates": [36, 38],
}
ROQ_QUESTIONS = {
    "/api/v1/contracts/active": [1],
    "/api/v1/level2/snapshot": [6],
    "/api/v1/bullet-public": [9],
}
CCXT_REST = "kucoin/rest/ccxt_comment_samples_kucoin.jsonl"
ERRORS = "kucoin/rest/errors_and_rows_2026-09-22.jsonl"
JKORF_REST = "kucoin/rest/jkorf_Kucoin.Net_exchangedata.jsonl"
FUNDING_DOCS = "kucoin/rest/kucoin_spec_examples_openapi-futures-fundingfees.jsonl"
MARKET_DOCS = "kucoin/rest/kucoin_spec_examples_openapi-futures-market.jsonl"
CCXT_WS = "kucoin/ws/ccxt_comment_samples_kucoin.jsonl"
JKORF_WS = "kucoin/ws/jkorf_Kucoin.Net_subscriptions.jsonl"
WS_DOCS = "kucoin/ws/kucoin_spec_examples_openapi-futures-public.jsonl"
ROQ = "kucoin/ws/roq_roq-kucoin-futures.jsonl"
TARDIS = "kucoin/ws/tardis_mappers_kucoin-futures.jsonl"

SPOT, OWN = "spot", "a user's own"
OTHER_END_POINT = "an end point that answers none of our questions"
UTA_REST = "the REST end points of the newer interface"
ERROR = "a refusal: it is read as one, see below"
MADE = "made by the recorder from REST, not sent by the exchange"
NOT_OURS: dict[str, dict[str, list[int]]] = {
    CCXT_REST: {
        OTHER_END_POINT: [3, 4, 5],
        SPOT: [7, 10, 11, 15, 16, 17, 19, 21, 22, 23, 24],
        UTA_REST: [13, 30, 32, 33, 35, 37, 39, 40],
        OWN: [27, 28],
        ERROR: [41],
        "an example of no data at all": [42],
    },
    ERRORS: {ERROR: [1, 2, 3, 4, 6, 7], OTHER_END_POINT: [5]},
    JKORF_REST: {OTHER_END_POINT: [1, 6, 7, 8, 11, 12]},
    FUNDING_DOCS: {OWN: [3]},
    MARKET_DOCS: {OTHER_END_POINT: [9, 10, 11, 12, 13, 15], OWN: [17]},
    CCXT_WS: {SPOT: [2, 3, 6, 8, 9, 10, 11]},
    TARDIS: {MADE: [5, 8]},
}
SENT = "what a client sends"


def not_ours(line: Line) -> str | None:
    """Why the line is not read."""
    if line.path == JKORF_WS and line.json["dir"] == "send":
        return SENT
    reasons = NOT_OURS.get(line.path, {})
    return next((why for why, numbers in reasons.items() if line.number in numbers), None)


def by_number(questions: dict[str, list[int]], line: Line) -> str | None:
    return next((path for path, numbers in questions.items() if line.number in numbers), None)


def question_of(line: Line) -> tuple[str, Json] | None:
    """The end point that a recorded body answers, and its data; ``None`` for a frame."""
    if line.path in {JKORF_REST, FUNDING_DOCS, MARKET_DOCS}:
        path = line.json["path"]
        return SAME.get(path, path), line.json["response"]["data"]
    if line.path == CCXT_REST:
        path, payload = by_number(CCXT_QUESTIONS, line), line.json["payload"]
        return path or "unknown", payload["data"] if "code" in payload else payload
    if line.path == ROQ and (path := by_number(ROQ_QUESTIONS, line)):
        return path, line.json["data"]
    if line.path == CCXT_WS and line.number == 1:
        return "/api/v1/bullet-public", line.json["payload"]["data"]
    if line.path == ERRORS:
        row = "symbol" in line.json
        return (
            ("/api/v1/contract/funding-rates", line.json)
            if row
            else (
                "/api/v1/timestamp",
                line.json["data"],
            )
        )
    return None


def frame_of(line: Line) -> bytes:
    """As it came, without the envelope of whoever collected it."""
    wrapped = {CCXT_WS: "payload", JKORF_WS: "msg", WS_DOCS: "response"}
    inner = wrapped.get(line.path)
    return body(line.json[inner]) if inner else line.text.encode()


def ask(path: str, recorded: Json) -> object:
    """Put the question of the end point; the recorded data is the answer."""
    one_row = path in LISTS and isinstance(recorded, dict)
    return asked(QUESTIONS[path](), partial(with_, {path: [recorded] if one_row else recorded}))[0]


@pytest.mark.parametrize("path", files("kucoin"))
def test_every_recorded_line_is_read(path: str) -> None:
    """A body by the question that it answers, a frame by the decoder; the rest is named above."""
    for line in lines(path):
        if not_ours(line):
            continue
        if question := question_of(line):
            assert ask(*question), f"{path}:{line.number}"
        else:
            assert DECODE(frame_of(line)), f"{path}:{line.number}"


def test_every_line_that_is_not_ours_is_there() -> None:
    """The list above names recorded lines only: none is excused that does not exist."""
    known = {(line.path, line.number) for path in NOT_OURS for line in lines(path)}
    excused = [
        (path, number)
        for path, reasons in NOT_OURS.items()
        for numbers in reasons.values()
        for number in numbers
    ]
    assert len(excused) == len(set(excused))
    assert set(excused) <= known
    assert {path for path, _ in excused} <= set(files("kucoin"))


def test_recorded_refusals_are_refusals() -> None:
    """Whatever HTTP said: of seven bodies the code tells that nothing was answered."""
    codes = Counter[str]()
    for path in (ERRORS, CCXT_REST):
        for line in lines(path):
            if not_ours(line) == ERROR:
                payload = line.json.get("payload", line.json)
                refused = rest.refusal(200, body(payload))
                codes[refused.code if refused else "none"] += 1
    assert codes == {"200003": 1, "404000": 1, "415000": 2, "404": 2, "400100": 1}


def test_no_recorded_frame_is_of_an_unknown_market() -> None:
    """Of the recorded frames, so many are known and not wanted; none for want of a market."""
    found: Counter[str] = Counter()
    for path in files("kucoin"):
        for line in lines(path):
            if not not_ours(line) and not question_of(line):
                events = DECODE(frame_of(line))
                found.update(event.kind for event in events if isinstance(event, Ignored))
                found.update("ack" for event in events if isinstance(event, Ack))
                found["frames"] += 1
    assert found == {
        "frames": 74,
        "ack": 23,
        "funding.begin": 1,
        "funding.rate:28800000": 2,
        "level2Depth5": 2,
        "level2Depth50": 2,
        "pong": 2,
        "ticker": 3,
    }


def test_the_markets_of_august_2025() -> None:
    """Three of them: a lot is a thousandth of a BTC, a hundredth of an ETH, ten ZRX."""
    line = next(iter(lines(ROQ)))
    found, _ = asked(
        rest.markets(), partial(with_, {"/api/v1/contracts/active": line.json["data"]})
    )
    assert [(each.native, str(each.contract_size)) for each in found] == [
        ("XBTUSDTM", "0.001"),
        ("ETHUSDTM", "0.01"),
        ("ZRXUSDTM", "10.0"),
    ]


def test_every_end_point_that_is_asked_has_a_fixture() -> None:
    """The recorded bodies answer the same paths as ours."""
    assert set(QUESTIONS) <= set(ANSWERS)
