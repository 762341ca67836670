"""Every recorded line of Binance is read by the adapter, or is named here with why it is not.

Needs PERPS_STATS_CAPTURES.
"""

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import TypeAlias

import pytest

from perps_stats.core.symbols import Registry, with_symbols
from perps_stats.exchanges.binance import past, rest
from perps_stats.exchanges.binance.stream import decode
from perps_stats.exchanges.contract import Flow, Window
from perps_stats.exchanges.events import Ack, Ignored, NoTrade

from .answers import as_klines, asked, body
from .recorded import CAPTURES, NEEDS, TAPES, Json, Line, files, lines
from .venue import BTC, listed, with_

pytestmark = pytest.mark.skipif(not CAPTURES, reason=NEEDS)

EVER = Window(datetime(2017, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))
Question: TypeAlias = Callable[[], Flow[object]]
ROWS = {"aggTrades", "fundingInfo", "fundingRate", "klines", "trades"}
"""End points that answer with a list: some examples show one row of it."""
QUESTIONS: dict[str, Question] = {
    "aggTrades": lambda: past.aggregated_trades(BTC, EVER, 1000),
    "depth": lambda: rest.orderbook(BTC, 1000),
    "exchangeInfo": rest.markets,
    "fundingInfo": rest.markets,
    "fundingRate": lambda: past.funding_history(BTC, EVER, None),
    "klines": lambda: as_klines(past.klines, BTC, "1m", EVER, None),
    "openInterest": lambda: rest.open_interest(BTC),
    "premiumIndex": lambda: rest.funding(BTC),
    "ticker/24hr": lambda: rest.ticker(BTC),
    "ticker/bookTicker": lambda: rest.ticker(BTC),
    "time": rest.clock,
    "trades": lambda: rest.trades(BTC, 1000),
}
NAUTILUS = "binance/rest/nautilus_py_http_futures_market_"
JKORF_REST = "binance/rest/jkorf_Binance.Net_exchangedata.jsonl"
JKORF_WS = "binance/ws/jkorf_Binance.Net_subscriptions.jsonl"
CCXT_REST = "binance/rest/ccxt_comment_samples_binance.jsonl"
CCXT_WS = "binance/ws/ccxt_comment_samples_binance.jsonl"
CRYPTOFEED = "binance/rest/cryptofeed_binance_futures_0.jsonl"
ROQ = "binance/ws/roq_roq-binance-futures.jsonl"
TARDIS = "binance/ws/tardis_mappers_binance-futures.jsonl"

NAUTILUS_QUESTIONS = {
    "agg_trades": "aggTrades",
    "book_ticker": "ticker/bookTicker",
    "depth": "depth",
    "exchange_info": "exchangeInfo",
    "funding_rate": "fundingRate",
    "klines": "klines",
    "open_interest": "openInterest",
    "premium_index": "premiumIndex",
    "ticker_24hr": "ticker/24hr",
    "trades": "trades",
}
CCXT_QUESTIONS = {
    "depth": [1],
    "premiumIndex": [3, 36, 39],
    "ticker/24hr": [4, 5],
    "ticker/bookTicker": [9],
    "klines": [14, 15, 17],
    "aggTrades": [19, 20, 32, 33],
    "trades": [21, 34],
    "fundingRate": [37, 38],
    "fundingInfo": [40, 46],
    "openInterest": [43],
}
FULL_ROQ, FILTERS_ROQ = 9, 11
"""The lines of roq's file that are the exchange's information, and the filters of one symbol."""
INFORMATION = "/fapi/v1/exchangeInfo"
OTHER_END_POINT = "an end point that answers none of our questions"
OPTION, SPOT, STOCK = "an option", "spot", "a tokenised stock"
COIN_M, OWN = "coin-margined", "a user's own trades"
NOT_OURS: dict[str, dict[str, list[int]]] = {
    CCXT_REST: {
        OPTION: [2, 7, 16, 18, 26, 27, 35, 45],
        COIN_M: [6, 10, 12, 42, 44],
        SPOT: [8, 13],
        STOCK: [11],
        OWN: [22, 23, 24, 25, 28, 29, 30, 31],
        OTHER_END_POINT: [41],
    },
    CCXT_WS: {
        "an answer of the order interface, which is another connection": [1, 5, 6, 7, 10, 11],
        "spot: no time of transaction, no previous update": [2],
        "spot: a best price without a kind": [8, 13],
        "a pattern of a frame, not a frame": [12],
    },
    JKORF_REST: {
        OTHER_END_POINT: [2, 3, 5, 6, 10, 11, 12, 13, 16, 18, 20, 21, 24, 26, 27],
        "needs a key; of the form of trades": [28],
    },
    ROQ: {OTHER_END_POINT: [2], COIN_M: [7, 10], OWN: [15, 16]},
    TARDIS: {
        "made by the recorder from REST, not sent by the exchange": [7, 9],
    },
    **{
        f"{NAUTILUS}{name}.json": {OTHER_END_POINT: [1]}
        for name in (
            "asset_index",
            "blvt_nav_kline",
            "continuous_klines",
            "historical_trades",
            "index_info",
            "index_price_klines",
            "mark_price_klines",
            "open_interest_historical",
            "taker_long_short_ratio",
            "ticker_price",
        )
    },
}
SENT = "what a client sends"


def not_ours(line: Line) -> str | None:
    """Why the line is not read."""
    if line.path == JKORF_WS and line.json["dir"] == "send":
        return SENT
    reasons = NOT_OURS.get(line.path, {})
    return next((why for why, numbers in reasons.items() if line.number in numbers), None)


def question_of(line: Line) -> tuple[str, Json] | None:
    """The end point that a recorded body answers, and the body; ``None`` for a frame."""
    if line.path == JKORF_REST:
        return line.json["path"].removeprefix("/fapi/v1/"), line.json["response"]
    if line.path == CCXT_REST:
        names = [name for name, numbers in CCXT_QUESTIONS.items() if line.number in numbers]
        return names[0], line.json["payload"]
    if line.path.startswith(NAUTILUS):
        name = line.path.removeprefix(NAUTILUS).removesuffix(".json")
        return NAUTILUS_QUESTIONS[name], line.json
    information = information_of(line)
    return ("exchangeInfo", information) if information else None


def information_of(line: Line) -> Json:
    """What a line says of the markets; of one symbol, only its filters may be there."""
    if line.path == CRYPTOFEED:
        return json.loads(line.json["raw"])
    if line.path == ROQ and line.number == FULL_ROQ:
        return line.json
    if line.path == ROQ and line.number == FILTERS_ROQ:
        return {"symbols": [listed("BTCUSDT", "BTC", filters=line.json)]}
    return None


def frame_of(line: Line) -> bytes:
    if line.path == CCXT_WS:
        return body(line.json["payload"])
    return body(line.json["msg"]) if line.path == JKORF_WS else line.text.encode()


def ask(name: str, recorded: Json) -> object:
    """Put the question of the end point; the recorded body is the answer."""
    is_list = isinstance(recorded, list) and isinstance(recorded[0], list | dict)
    answer = {f"/fapi/v1/{name}": [recorded] if name in ROWS and not is_list else recorded}
    return asked(QUESTIONS[name](), partial(with_, answer))[0]


@pytest.mark.parametrize("path", [path for path in files() if path not in TAPES])
def test_every_recorded_line_is_read(path: str) -> None:
    """A body by the question that it answers, a frame by the decoder; the rest is named above."""
    for line in lines(path):
        if not_ours(line):
            continue
        if question := question_of(line):
            assert ask(*question), f"{path}:{line.number}"
        else:
            assert decode(frame_of(line)), f"{path}:{line.number}"


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
    assert {path for path, _ in excused} <= set(files())


def test_user_frames_and_coin_margined_frames_are_set_aside() -> None:
    """Of the recorded single frames, so many are known and not wanted."""
    found: Counter[str] = Counter()
    for path in files():
        for line in lines(path) if path not in TAPES else ():
            if not not_ours(line) and not question_of(line):
                events = decode(frame_of(line))
                found.update(event.kind for event in events if isinstance(event, Ignored))
                found.update(event.kind for event in events if isinstance(event, NoTrade))
                found.update("ack" for event in events if isinstance(event, Ack))
    assert found == {
        "ORDER_TRADE_UPDATE": 10,
        "TRADE_LITE": 1,
        "24hrMiniTicker": 1,
        "assetIndexUpdate": 1,
        "coin-m": 2,
        "INSURANCE_FUND": 1,
        "ack": 19,
    }


def test_the_markets_of_july_2021() -> None:
    """119 perpetuals traded; SHIB by the thousand, 1INCH by the one; two are quoted in BUSD. Each
    is found by its native name and by ours.
    """
    (line,) = lines(CRYPTOFEED)
    markets, _ = asked(rest.markets(), partial(with_, {INFORMATION: information_of(line)}))
    assert len(markets) == 119
    multiplied = [(each.native, each.base) for each in markets if each.multiplier != 1]
    assert multiplied == [("1000SHIBUSDT", "SHIB")]
    assert [each.base for each in markets if each.native == "1INCHUSDT"] == ["1INCH"]
    assert [each.native for each in markets if each.quote != "USDT"] == ["BTCBUSD", "ETHBUSD"]
    named = Registry(with_symbols(markets, "binance", ("USDT",)))
    for each in named.markets:
        assert named.find(each.native) is named.find(each.symbol) is each
        assert named.find(each.contract) is each
