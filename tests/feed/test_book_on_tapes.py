"""The live book on recorded sessions, against an independent witness: the exchange's best prices.

At every update id that a depth update and a bookTicker frame share, both must tell the same top of
the book, in price and in quantity.
"""

import gzip
import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from perps_stats.core.types import Market
from perps_stats.exchanges import EXCHANGES
from perps_stats.exchanges.binance.frames import Combined, MarkPrice
from perps_stats.exchanges.events import BestTick, BookDelta, BookSnapshot
from perps_stats.feed.book import LiveBook
from perps_stats.feed.flow import replay
from perps_stats.feed.sides import COMPILED

CAPTURES = os.environ.get("PERPS_STATS_CAPTURES")
pytestmark = pytest.mark.skipif(CAPTURES is None, reason="PERPS_STATS_CAPTURES names no captures")
Top = tuple[Decimal, Decimal, Decimal, Decimal]


class Tape(NamedTuple):
    """A recording, and what its own frames say of it (counted apart from this program)."""

    name: str
    native: str
    price_scale: int
    quantity_scale: int
    shared: int
    final: tuple[str, str]


TAPES = [
    Tape(
        "continuous_btcusdt_depth0ms_trade_bookTicker_20240808.jsonl.gz",
        *("BTCUSDT", 2, 3, 629, ("61659.70", "61659.80")),
    ),
    Tape(
        "continuous_COINM_btcusd_perp_20240808.jsonl.gz",
        *("BTCUSD_PERP", 1, 0, 1124, ("61668.6", "61668.7")),
    ),
]
TWINS = [
    pytest.param(False, id="plain"),
    pytest.param(
        True,
        id="compiled",
        marks=pytest.mark.skipif(not COMPILED, reason="built without a compiler"),
    ),
]


class Line(msgspec.Struct):
    raw: str
    src: str


def lines(tape: Tape) -> Iterator[Line]:
    with gzip.open(Path(CAPTURES or "", "binance", "ws", tape.name)) as file:
        for line in file:
            yield msgspec.json.decode(line, type=Line)


def market_of(tape: Tape) -> Market:
    return Market(
        native=tape.native,
        contract="BTC-USD-PERP",
        base="BTC",
        quote="USD",
        settle="BTC",
        price_scale=tape.price_scale,
        quantity_scale=tape.quantity_scale,
    )


def snapshot_of(body: bytes, market: Market) -> BookSnapshot:
    ask = EXCHANGES["binance"].book_snapshot
    assert ask is not None
    return replay(ask(market, None), [body])


def events(tape: Tape) -> Iterator[BookDelta | BestTick | bytes]:
    """The session in order; the bytes are the REST snapshot's."""
    for line in lines(tape):
        if line.src == "rest":
            yield line.raw.encode()
            continue
        push = msgspec.json.decode(line.raw, type=Combined).data
        event = None if isinstance(push, MarkPrice) else push.event()
        if isinstance(event, BookDelta | BestTick):
            yield event


def top_of(book: LiveBook) -> Top:
    top = book.orderbook(1)
    return (*msgspec.structs.astuple(top.bids[0]), *msgspec.structs.astuple(top.asks[0]))


def told(tick: BestTick) -> Top:
    bid, bid_qty = Decimal(tick.bid_price or "nan"), Decimal(tick.bid_qty or "nan")
    return bid, bid_qty, Decimal(tick.ask_price or "nan"), Decimal(tick.ask_qty or "nan")


@pytest.mark.parametrize("compiled", TWINS)
@pytest.mark.parametrize("tape", TAPES, ids=lambda tape: tape.native)
def test_the_book_agrees_with_the_best_prices(tape: Tape, compiled: bool) -> None:  # noqa: FBT001
    """At every shared update id; no update is missing; the last best prices are the recording's."""
    witness = {event.sequence: told(event) for event in events(tape) if isinstance(event, BestTick)}
    market = market_of(tape)
    book, agreed = LiveBook(market, compiled=compiled), 0
    for event in events(tape):
        steps: list[BookDelta] = []
        if isinstance(event, bytes):
            steps = book.start(snapshot_of(event, market)) or []
            assert book.verified
        elif isinstance(event, BookDelta):
            steps = [event] if book.verified else []
            if not book.verified:
                book.wait(event)
        for step in steps:
            if book.apply(step) and step.last in witness:
                assert top_of(book) == witness[step.last]
                agreed += 1
    assert agreed == tape.shared
    assert tuple(map(str, top_of(book)[::2])) == tape.final
