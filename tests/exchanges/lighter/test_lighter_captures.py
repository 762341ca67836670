"""Every recorded line of Lighter is read by the adapter, or is named here with why it is not.

Needs PERPS_STATS_CAPTURES.
"""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import TypeAlias

import pytest

from perps_stats.core.errors import Unreadable
from perps_stats.core.types import Market, MarketStatus
from perps_stats.exchanges.contract import Flow, Window
from perps_stats.exchanges.events import Event, Ignored
from perps_stats.exchanges.lighter import past, rest
from perps_stats.exchanges.lighter.stream import decoder

from ..answers import as_klines, asked, body  # noqa: TID252 (tests are no package that could be named)
from ..recorded import CAPTURES, NEEDS, Json, Line, files, lines  # noqa: TID252
from .venue import DETAILS, ETH, market, with_

pytestmark = pytest.mark.skipif(not CAPTURES, reason=NEEDS)

EVER = Window(datetime(2022, 1, 1, tzinfo=UTC), datetime(2027, 6, 1, tzinfo=UTC))
RECORDED = {0: "ETH", 1: "BTC", 36: "CRV", 39: "ADA", 96: "EURUSD", 110: "NVDA", 116: "GOOGL"}
decode = decoder([market(native, number) for number, native in RECORDED.items()])
Question: TypeAlias = Callable[[], Flow[object]]
QUESTIONS: dict[str, Question] = {
    "orderBookDetails": lambda: rest.ticker(ETH),
    "orderBookOrders": lambda: rest.orderbook(ETH, 1),
    "recentTrades": lambda: rest.trades(ETH, 100),
    "candles": lambda: as_klines(past.klines, ETH, "1m", EVER, None),
    "fundings": lambda: past.funding_history(ETH, EVER, None),
    "funding-rates": lambda: rest.funding(ETH),
}
NAUTILUS_REST = "lighter/rest/nautilus_http_"
NAUTILUS_WS = "lighter/ws/nautilus_ws_"
CCXT_REST = "lighter/rest/ccxt_comment_samples_lighter.jsonl"
CCXT_WS = "lighter/ws/ccxt_comment_samples_lighter.jsonl"
JKORF_REST = "lighter/rest/jkorf_Lighter.Net_exchangedata.jsonl"
JKORF_WS = "lighter/ws/jkorf_Lighter.Net_subscriptions.jsonl"
FIVE_MARKETS = "lighter/rest/orderBooks_5rows_20260731.json"
NAUTILUS_QUESTIONS = {
    "candles": "candles",
    "candles_null": "candles",
    "fundings": "fundings",
    "order_book_details": "orderBookDetails",
    "order_books": "orderBooks",
    "recent_trades": "recentTrades",
    "recent_trades_missing": "recentTrades",
    "recent_trades_null": "recentTrades",
    "recent_trades_unordered": "recentTrades",
}
CCXT_QUESTIONS = {
    "fetch_time": "",
    "fetch_status": "",
    "fetch_markets": "orderBookDetails",
    "fetch_order_book": "orderBookOrders",
    "fetch_ticker": "orderBookDetails",
    "fetch_ohlcv": "candles",
    "parse_ohlcv": "candles",
    "fetch_trades": "recentTrades",
    "parse_trade": "recentTrades",
    "fetch_funding_rates": "funding-rates",
    "parse_funding_rate": "funding-rates",
}
ROWS = {
    "parse_ohlcv": "c",
    "parse_trade": "trades",
    "parse_funding_rate": "funding_rates",
    "parse_ticker": "order_book_details",
}
"""Examples that show one row of an answer, and the list it is from."""
OTHER_END_POINT = "an end point that answers none of our questions"
OLDER = "of 2025: without the time of the frame, or without the nonce it begins at"
NOT_OURS: dict[str, dict[str, list[int]]] = {
    CCXT_REST: {OTHER_END_POINT: [4], "a frame's statistics among REST's": [7]},
    CCXT_WS: {OLDER: [1, 2, 3]},
    JKORF_REST: {
        OTHER_END_POINT: [1, 2, 3, 4, 8, 13],
        "rates of another exchange alone": [6],
    },
    JKORF_WS: {"what a client sends": [1]},
    f"{NAUTILUS_REST}order_book_depth.json": {OTHER_END_POINT: [1]},
    f"{NAUTILUS_REST}order_book_depth_null.json": {OTHER_END_POINT: [1]},
}


def not_ours(line: Line) -> str | None:
    """Why the line is not read."""
    reasons = NOT_OURS.get(line.path, {})
    return next((why for why, numbers in reasons.items() if line.number in numbers), None)


def question_of(line: Line) -> tuple[str, Json] | None:
    """The end point that a recorded body answers, and the body; ``None`` for a frame."""
    name = line.path.rpartition("/")[2].removesuffix(".json")
    if "/ws/" in line.path:
        return None
    if line.path == JKORF_REST:
        return line.json["path"].removeprefix("/api/v1/"), line.json["response"]
    if line.path == CCXT_REST:
        method, payload = line.json["ccxt_method"], line.json["payload"]
        if method == "handle_errors":
            return "handle_errors", payload
        of = CCXT_QUESTIONS.get(method, "orderBookDetails")
        return of, {ROWS[method]: [payload]} if method in ROWS else payload
    if line.path.startswith(NAUTILUS_REST):
        return NAUTILUS_QUESTIONS[line.path.removeprefix(NAUTILUS_REST)[:-5]], line.json
    return name.removeprefix("ccxt_static_").partition("_")[0], line.json


def frame_of(line: Line) -> bytes:
    return body(line.json["payload"]) if line.path == CCXT_WS else line.text.encode()


def ask(name: str, recorded: Json) -> object:
    """Put the question of the end point; the recorded body is the answer."""
    if name == "":
        return asked(rest.clock(), lambda _: body(recorded))[0]
    if name == "handle_errors":
        assert rest.refusal(200, body(recorded)) is None
        return recorded
    if name == "orderBooks":
        return markets_in(recorded)
    return asked(QUESTIONS[name](), partial(with_, {f"/api/v1/{name}": recorded}))[0]


def markets_in(recorded: Json) -> list[Market]:
    """A row of ``orderBooks`` is the first half of a row of ``orderBookDetails``."""
    changed = {DETAILS: {"order_book_details": recorded["order_books"]}}
    return asked(rest.markets(), partial(with_, changed))[0]


@pytest.mark.parametrize("path", files("lighter"))
def test_every_recorded_line_is_read(path: str) -> None:
    """A body by the question that it answers, a frame by the decoder; the rest is named above."""
    for line in lines(path):
        if not_ours(line):
            continue
        if question := question_of(line):
            ask(*question)
        else:
            assert decode(frame_of(line)), f"{path}:{line.number}"


def test_every_line_that_is_not_ours_is_there() -> None:
    """The list above names recorded lines only, and of those frames that are too old to be read."""
    known = {(line.path, line.number) for path in NOT_OURS for line in lines(path)}
    excused = {
        (path, number)
        for path, reasons in NOT_OURS.items()
        for numbers in reasons.values()
        for number in numbers
    }
    assert excused <= known
    assert {path for path, _ in excused} <= set(files("lighter"))
    for line in lines(CCXT_WS):
        if not_ours(line) == OLDER:
            with pytest.raises(Unreadable, match=r"timestamp|begin_nonce"):
                decode(frame_of(line))


def events_of_frames() -> list[Event]:
    return [
        event
        for path in files("lighter")
        for line in lines(path)
        if "/ws/" in path and not not_ours(line)
        for event in decode(frame_of(line))
    ]


def test_what_the_recorded_frames_tell() -> None:
    """So many events of each kind; set aside are spot, the height of the chain, and in two
    replays a liquidation that is older than the trades.
    """
    events = events_of_frames()
    found = Counter(type(event).__name__ for event in events if not isinstance(event, Ignored))
    ignored = Counter(event.kind for event in events if isinstance(event, Ignored))
    assert ignored == {"height": 2, "spot_market_stats": 3, "pong": 1}
    assert found == {
        "BookSnapshot": 6,
        "BookDelta": 13,
        "TradeTick": 8,
        "BestTick": 7,
        "DayTick": 9,
        "MarkTick": 9,
        "FundingTick": 9,
        "KlineTick": 2,
        "Ack": 6,
        "Greeting": 2,
        "Unsubscribed": 1,
    }


def test_the_markets_of_july_2026() -> None:
    """Four perpetuals and a spot market; one of them does not trade."""
    (line,) = lines(FIVE_MARKETS)
    found = markets_in(line.json)
    assert [(each.native, each.wire_id, each.status) for each in found] == [
        ("ETH", "0", MarketStatus.TRADING),
        ("CRV", "36", MarketStatus.TRADING),
        ("HYPE", "24", MarketStatus.TRADING),
        ("HYUNDAI", "141", MarketStatus.HALTED),
    ]
    steps = [(each.tick_size, each.lot_size, each.min_order_qty) for each in found]
    assert steps == [
        tuple(map(Decimal, step))
        for step in (
            ("0.01", "0.0001", "0.0050"),
            ("0.00001", "0.1", "35.0"),
            ("0.0001", "0.01", "0.15"),
            ("1", "0.000001", "0.000010"),
        )
    ]


def test_a_recording_of_unordered_trades() -> None:
    """Recorded in no order, told oldest first."""
    (line,) = lines("lighter/rest/nautilus_http_recent_trades_unordered.json")
    recorded = [each["trade_id_str"] for each in line.json["trades"]]
    found = ask("recentTrades", line.json)
    assert isinstance(found, list)
    assert recorded != sorted(recorded)
    assert [each.id for each in found] == sorted(recorded)
