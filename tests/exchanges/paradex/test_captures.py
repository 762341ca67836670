"""Every recorded line of Paradex is read by the adapter, or is named here with why it is not.

Needs PERPS_STATS_CAPTURES. Few bodies and no changes of a book were ever recorded: what the
documents of others show counts for its form.
"""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from perps_stats.core.errors import Refused
from perps_stats.core.times import from_ms
from perps_stats.exchanges.contract import Flow, Request, Window
from perps_stats.exchanges.events import BookSnapshot, FundingTick
from perps_stats.exchanges.paradex import past, rest
from perps_stats.exchanges.paradex.stream import decode
from perps_stats.feed.book import LiveBook

from ..answers import as_klines, asked, body  # noqa: TID252 a folder an exchange
from ..recorded import CAPTURES, NEEDS, Json, Line, files, lines  # noqa: TID252
from .pushes import push
from .venue import BTC, funding_data, market

pytestmark = pytest.mark.skipif(not CAPTURES, reason=NEEDS)

EVER = Window(datetime(2024, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))
MINUTE_OF_2024 = Window(datetime(2024, 7, 3, tzinfo=UTC), datetime(2024, 7, 5, tzinfo=UTC))
SAMPLES, PUSHED = (f"paradex/{kind}/ccxt_comment_samples_paradex.jsonl" for kind in ("rest", "ws"))
STATIC = "paradex/rest/ccxt_static_"
FRAMES = "paradex/ws/order_book_snapshot15_ONDO_and_funding_data_BTC.jsonl"
NOT_OURS: dict[str, dict[int, str]] = {
    SAMPLES: {
        2: "an end point that answers none of our questions",
        5: "an option",
        15: "a user's own trade",
    }
}
COINS = Decimal("0.075"), Decimal("0.027")
"""Whole lots of 0.001, whose worth the volumes of the two recorded candles seem to be."""
QUESTIONS: dict[str, Callable[[], Flow[object]]] = {
    "time": rest.clock,
    "markets": rest.markets,
    "klines": lambda: as_klines(past.klines, BTC, "1m", MINUTE_OF_2024, None),
    "markets_summary": lambda: rest.stats(BTC),
    "order_book": lambda: rest.orderbook(BTC, 20),
    "trades": lambda: rest.trades(BTC, 1),
    "funding_rate_history": lambda: past.funding_history(BTC, EVER, None),
}
ASKED_BY: dict[str, str] = {
    "fetch_time": "time",
    "fetch_markets": "markets",
    "parse_market": "markets",
    "fetch_ohlcv": "klines",
    "parse_ohlcv": "klines",
    "fetch_tickers": "markets_summary",
    "fetch_ticker": "markets_summary",
    "parse_ticker": "markets_summary",
    "parse_funding_rate": "markets_summary",
    "fetch_open_interest": "markets_summary",
    "parse_open_interest": "markets_summary",
    "fetch_order_book": "order_book",
    "fetch_trades": "trades",
    "parse_trade": "trades",
    "fetch_funding_rate_history": "funding_rate_history",
}


def question_of(line: Line) -> tuple[str, Json] | None:
    """The question that a recorded body answers, and the body; some show one row of a list."""
    if line.path.startswith(STATIC):
        return line.path.removeprefix(STATIC).removesuffix(".json"), line.json
    if line.path != SAMPLES or line.json["ccxt_method"] == "handle_errors":
        return None
    method, payload = line.json["ccxt_method"], line.json["payload"]
    row = method.startswith("parse_")
    return ASKED_BY[method], {"results": [payload]} if row else payload


def answer(recorded: Json, request: Request) -> bytes:
    """The recorded body, of a span of time what lies in it."""
    if request.path == "/v1/funding/data":
        row = recorded["results"][0]
        later = row | {"created_at": row["created_at"] + 9 * 3_600_000}
        return funding_data(request, [row, later])
    return body(recorded)


def frame_of(line: Line) -> bytes:
    if line.path != PUSHED:
        return line.text.encode()
    bare = line.json["ccxt_method"] == "parse_funding_rate_ws"
    return body(push("funding_data", line.json["payload"]) if bare else line.json["payload"])


def read(line: Line) -> object:
    if question := question_of(line):
        name, recorded = question
        return asked(QUESTIONS[name](), partial(answer, recorded))[0]
    if line.path == SAMPLES:
        return rest.refusal(400, body(line.json["payload"]))
    return decode(frame_of(line))


@pytest.mark.parametrize("path", files("paradex"))
def test_every_recorded_line_is_read(path: str) -> None:
    """A body by the question that it answers, a frame by the decoder; the rest is named above."""
    for line in lines(path):
        if line.number not in NOT_OURS.get(path, {}):
            assert read(line), f"{path}:{line.number}"


def test_every_line_is_counted() -> None:
    """32 lines, of which 3 are not ours."""
    every = [(line.path, line.number) for path in files("paradex") for line in lines(path)]
    excused = {(path, number) for path, reasons in NOT_OURS.items() for number in reasons}
    assert (len(every), len(excused & set(every))) == (32, 3)
    assert len(excused) == 3


def test_an_option_is_no_market_of_ours() -> None:
    """The line that is set aside gives no market."""
    line = list(lines(SAMPLES))[4]
    found, _ = asked(rest.markets(), lambda _: body({"results": [line.json["payload"]]}))
    assert found == []


def test_a_recorded_refusal() -> None:
    """Its code and message are told."""
    refused = read(list(lines(SAMPLES))[18])
    assert isinstance(refused, Refused)
    assert refused.code == "NOT_ONBOARDED"


def expected(name: str) -> Json:
    """What an independent parser made of a recorded body."""
    return json.loads((Path(CAPTURES) / f"{STATIC}{name}.expected.json").read_text())


def recorded(name: str) -> Callable[[Request], bytes]:
    (line,) = lines(f"{STATIC}{name}.json")
    return partial(answer, line.json)


def test_another_parser_reads_the_same_candle() -> None:
    """Time and prices. It calls the sixth number a base volume; ours is none, deliberately."""
    found, _ = asked(as_klines(past.klines, BTC, "1m", MINUTE_OF_2024, None), recorded("klines"))
    read = [[each.open_time, each.open, each.high, each.low, each.close] for each in found]
    assert read == [[from_ms(row[0]), *numbers(row[1:5])] for row in expected("klines")]
    assert [(each.volume, each.turnover) for each in found] == [(None, None)]


def test_recorded_volumes_look_like_usd() -> None:
    """Why a volume is left out. As base coin each would be thousands of BTC in a minute of a single
    price; as whole USD they are what 75 and 27 lots of 0.001 were worth.
    """
    bodies = [*lines(f"{STATIC}klines.json"), list(lines(SAMPLES))[5]]
    candles = [row for line in bodies for row in (question_of(line) or ("", {}))[1]["results"]]
    told = [(Decimal(repr(candle[4])), candle[5]) for candle in candles]
    assert told == [(Decimal("60823.3"), 4561), (Decimal("58961.3"), 1591)]
    assert [int(coins * price) for coins, (price, _) in zip(COINS, told, strict=True)] == [
        volume for _, volume in told
    ]


def numbers(said: Sequence[float]) -> list[Decimal]:
    return [Decimal(repr(each)) for each in said]


def test_another_parser_reads_the_same_market() -> None:
    """Names, increments, the largest order and the least value; a contract is one coin."""
    (found,) = asked(rest.markets(), recorded("markets"))[0]
    said = expected("markets")
    assert [found.base, found.quote, found.settle] == [said["base"], said["quote"], said["settle"]]
    assert [
        found.contract_size,
        found.lot_size,
        found.tick_size,
        found.max_order_qty,
        found.min_order_value,
    ] == numbers(
        [
            said["contractSize"],
            said["precision"]["amount"],
            said["precision"]["price"],
            said["limits"]["amount"]["max"],
            said["limits"]["cost"]["min"],
        ]
    )


def test_another_parser_reads_the_same_summary() -> None:
    """Prices, turnover and time. Its percentage is our fraction; neither knows a base volume."""
    found, _ = asked(rest.ticker(BTC), recorded("markets_summary"))
    said = expected("markets_summary")
    assert found.timestamp == from_ms(said["timestamp"])
    assert (found.best_bid_price, found.best_ask_price) == tuple(
        numbers([said["bid"], said["ask"]])
    )
    assert (found.last_price, found.turnover_24h) == tuple(
        numbers([said["last"], said["quoteVolume"]])
    )
    assert found.price_change_pct == Decimal(repr(said["percentage"])) / 100
    assert (found.volume_24h, said["baseVolume"]) == (None, None)


def test_a_recorded_book_is_kept() -> None:
    """15 levels a side, best first: the bid below the ask, and more may lie deeper."""
    book_line, funding_line = lines(FRAMES)
    (event,) = decode(book_line.text.encode())
    assert isinstance(event, BookSnapshot)
    book = LiveBook(market("ONDO-USD-PERP", "ONDO"))
    assert book.start(event) == []
    kept = book.orderbook(50)
    sent = book_line.json["params"]["data"]["inserts"]
    prices = {
        side: sorted(Decimal(each["price"]) for each in sent if each["side"] == side)
        for side in ("BUY", "SELL")
    }
    assert [each.price for each in kept.bids] == prices["BUY"][::-1]
    assert [each.price for each in kept.asks] == prices["SELL"]
    assert kept.bids[0].price < kept.asks[0].price
    assert not book.known_orderbook(1.0).complete
    (rate,) = decode(funding_line.text.encode())
    assert isinstance(rate, FundingTick)
    assert rate.interval == "8"
