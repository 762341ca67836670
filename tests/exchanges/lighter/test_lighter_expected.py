"""What others made of the same recorded messages, against what the adapter makes of them.

Needs PERPS_STATS_CAPTURES.
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from perps_stats.core.errors import Unreadable
from perps_stats.core.times import from_us
from perps_stats.core.types import OrderbookLevel
from perps_stats.exchanges.events import (
    BestTick,
    BookDelta,
    BookSnapshot,
    DayTick,
    Event,
    FundingTick,
    MarkTick,
    TradeTick,
)
from perps_stats.exchanges.lighter import rest
from perps_stats.exchanges.lighter.stream import decoder
from perps_stats.feed.book import LiveBook, OutOfStep
from perps_stats.feed.sides import parse_levels

from ..answers import asked  # noqa: TID252 (tests are no package that could be named)
from ..recorded import CAPTURES, NEEDS, Json, lines  # noqa: TID252
from .venue import BTC, ETH, ORDERS, market, with_

pytestmark = pytest.mark.skipif(not CAPTURES, reason=NEEDS)
decode = decoder([ETH, BTC])
TARDIS = "lighter/ws/tardis_mappers_lighter"
HAND_MADE = f"{TARDIS}_handmade"
SYMBOLS = {"0": "ETH", "1": "BTC"}
"""Tardis names a market by its number."""
REPLAY = "the last 50 trades, which Tardis leaves out and we tell: they may fill a gap"
FIRST = "the present state at the start of a channel, which Tardis leaves out and we tell"
LEFT_OUT = {1: REPLAY, 5: FIRST, 7: FIRST}
NO_TICKER = 4
"""A made-up frame without any ticker: two empty sides to Tardis, unreadable to us."""
AFTER = timedelta(seconds=1)
"""Tardis takes the time at which a frame was sent; we, when the engine changed the book."""


def parsed(path: str) -> Json:
    return json.loads((Path(CAPTURES) / path).read_text(), parse_float=Decimal)


def told_by_tardis(path: str) -> Iterator[tuple[int, list[Json], str]]:
    expected = {each["line"]: each["expected"] for each in parsed(f"{path}.expected.json")}
    for line in lines(f"{path}.jsonl"):
        yield line.number, expected[line.number], line.text


def number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def numbers(*texts: str | None) -> list[Decimal | None]:
    return [number(text) for text in texts]


def levels(told: list[Json]) -> list[tuple[float, float]]:
    return [(float(each["price"]), float(each["amount"])) for each in told]


def agree(told: Json, events: list[Event]) -> None:
    """One message of Tardis, and the events of the same market."""
    time = datetime.fromisoformat(told["timestamp"])
    event = events[0]
    match told["type"]:
        case "trade" | "liquidation":
            assert isinstance(event, TradeTick)
            assert event.id == told["id"]
            assert numbers(event.price, event.quantity) == [told["price"], told["amount"]]
            assert (event.side, from_us(event.ts)) == (told["side"], time)
            assert event.liquidation == (told["type"] == "liquidation")
        case "book_change":
            assert isinstance(event, BookSnapshot if told["isSnapshot"] else BookDelta)
            assert list(parse_levels(event.bids)) == levels(told["bids"])
            assert list(parse_levels(event.asks)) == levels(told["asks"])
            assert timedelta() <= time - from_us(event.ts) < AFTER
        case "book_ticker":
            assert isinstance(event, BestTick)
            bid, ask = (event.bid_price, event.bid_qty), (event.ask_price, event.ask_qty)
            assert numbers(*bid) == [told["bidPrice"], told["bidAmount"]]
            assert numbers(*ask) == [told["askPrice"], told["askAmount"]]
            assert timedelta() <= time - from_us(event.ts) < AFTER
        case _:
            agree_on_statistics(told, time, events)


def agree_on_statistics(told: Json, time: datetime, events: list[Event]) -> None:
    """Tardis tells the rate in percent as it comes, and open interest without a unit."""
    day, mark, funding = events
    assert isinstance(day, DayTick)
    assert isinstance(mark, MarkTick)
    assert isinstance(funding, FundingTick)
    assert from_us(day.ts) == from_us(mark.ts) == from_us(funding.ts) == time
    assert number(day.last_price) == told["lastPrice"]
    assert numbers(mark.mark_price, mark.index_price) == [told["markPrice"], told["indexPrice"]]
    assert number(mark.open_value) == told["openInterest"]
    assert Decimal(funding.funding_rate) * 100 == told["fundingRate"]


def test_tardis_reads_the_same_in_recorded_frames() -> None:
    """Price, quantity, side and time; what it leaves out is listed above."""
    left_out = set()
    for line, expected, text in told_by_tardis(TARDIS):
        events = decode(text.encode())
        if not expected:
            left_out.add(line)
            assert events
        for told in expected:
            agree(told, [each for each in events if each.native == SYMBOLS[told["symbol"]]])
    assert left_out == set(LEFT_OUT)


def test_tardis_reads_the_same_in_made_up_frames() -> None:
    """A liquidation and empty sides; two frames say nothing, or lack what they should bear."""
    for line, expected, text in told_by_tardis(HAND_MADE):
        if line == NO_TICKER:
            with pytest.raises(Unreadable, match="ticker"):
                decode(text.encode())
            continue
        events = decode(text.encode())
        for told in expected:
            agree(told, list(events))


def test_ccxt_reads_the_same_orders() -> None:
    """The quantity of a level is what remains of its orders."""
    path = "lighter/rest/ccxt_static_orderBookOrders"
    expected = parsed(f"{path}.expected.json")
    body = parsed(f"{path}.json")
    book, _ = asked(rest.orderbook(ETH, 5), partial(with_, {ORDERS: body}))
    for side, theirs in ((book.bids, expected["bids"]), (book.asks, expected["asks"])):
        assert side == [OrderbookLevel(Decimal(price), Decimal(size)) for price, size in theirs]


def test_ccxt_reads_the_same_details() -> None:
    """Names, steps, limits and statistics."""
    path = "lighter/rest/ccxt_static_orderBookDetails"
    expected, text = parsed(f"{path}.expected.json"), (Path(CAPTURES) / f"{path}.json").read_bytes()
    ((listed,), _), (ticker, _) = (
        asked(rest.markets(), lambda _: text),
        asked(rest.ticker(ETH), lambda _: text),
    )
    names = (listed.wire_id, listed.base, listed.settle)
    assert names == (expected["symbol_id"], expected["base"], expected["settle"])
    assert (listed.lot_size, listed.tick_size) == tuple(expected["precision"].values())
    limits = expected["limits"]
    assert listed.min_order_qty == limits["amount"]["min"]
    assert listed.min_order_value == limits["cost"]["min"]
    theirs = expected["ticker"]
    ours = (ticker.high_price_24h, ticker.low_price_24h, ticker.last_price)
    assert ours == (theirs["high"], theirs["low"], theirs["last"])
    amounts = (ticker.volume_24h, ticker.turnover_24h, ticker.open_interest)
    wanted = (theirs["baseVolume"], theirs["quoteVolume"], Decimal(theirs["openInterest"]))
    assert amounts == wanted


def replayed(path: str, native: str, market_id: int, book: LiveBook) -> list[OutOfStep]:
    """Feed a recorded chain to a book. Returns what it did not take."""
    broken: list[OutOfStep] = []
    read = decoder([market(native, market_id)])
    for line in lines(path):
        (event,) = read(line.text.encode())
        if isinstance(event, BookSnapshot):
            assert book.start(event) == []
            continue
        assert isinstance(event, BookDelta)
        try:
            assert book.apply(event)
        except OutOfStep as gap:
            broken.append(gap)
    return broken


@pytest.mark.parametrize("compiled", [False, True])
def test_a_recorded_chain_builds_a_book(compiled: bool) -> None:  # noqa: FBT001
    """Each nonce begins where the last ended; a plain reading of the levels gives the same book."""
    path = "lighter/ws/chain_order_book_36_CRV_20260729.jsonl"
    book = LiveBook(market("CRV", 36), compiled=compiled)
    assert replayed(path, "CRV", 36, book) == []
    plain: dict[str, dict[Decimal, Decimal]] = {"bids": {}, "asks": {}}
    for line in lines(path):
        for side, resting in plain.items():
            for each in line.json["order_book"][side]:
                resting[Decimal(each["price"])] = Decimal(each["size"])
    found = book.known_orderbook(10)
    for side, ours in (("bids", found.bids), ("asks", found.asks)):
        expected = {price: size for price, size in plain[side].items() if size}
        assert {level.price: level.quantity for level in ours} == expected
    assert found.complete
    assert (book.verified, book.last) == (True, 18_032_384_785)
    assert found.bids[0].price < found.asks[0].price


def test_a_recorded_gap_is_seen_once() -> None:
    """A batch was lost: the frame after it is refused and the book no longer vouched for."""
    book = LiveBook(ETH)
    broken = replayed("lighter/ws/chain_order_book_0_ETH_20260728_gap.jsonl", "ETH", 0, book)
    assert [gap.missed for gap in broken] == [(17_926_043_048, 17_926_044_752)]
    assert not book.verified
