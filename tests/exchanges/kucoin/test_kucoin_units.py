"""Each unit of KuCoin that is easily taken for another, in each place where it is told."""

from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest

from perps_stats.core.errors import Unreadable
from perps_stats.core.types import Market
from perps_stats.exchanges.contract import Window
from perps_stats.exchanges.events import (
    BestTick,
    BookDelta,
    BookSnapshot,
    DayTick,
    Event,
    KlineTick,
    MarkTick,
    TradeTick,
)
from perps_stats.exchanges.kucoin import past, rest
from perps_stats.exchanges.kucoin.stream import STREAM
from perps_stats.exchanges.kucoin.units import base_of, us_of
from perps_stats.feed.sides import parse_levels

from ..answers import as_klines, asked, body  # noqa: TID252 (tests are no package that could be named)
from . import pushes, venue
from .venue import BTC, CLOCK, NOON, NS, T0, USD, Json, answer, at, with_

DECODE = STREAM.decoder([BTC, USD])
A_MINUTE = Window(NOON, at(60_000))


def event_of(push: Json) -> Event:
    (event,) = DECODE(body(push))
    return event


def lots_told(contract: Market) -> dict[str, Decimal | str | None]:
    """A quantity from each place that tells lots."""
    native = contract.native
    ticker, _ = asked(rest.tickers({native: contract}), answer)
    held, _ = asked(rest.open_interest(contract), answer)
    book, _ = asked(rest.orderbook(contract, 20), answer)
    start, _ = asked(rest.book_snapshot(contract, None), answer)
    trades, _ = asked(rest.trades(contract, 1), answer)
    candles, _ = asked(as_klines(past.klines, contract, "1m", A_MINUTE, None), answer)
    best, match = event_of(pushes.best(native)), event_of(pushes.match(native))
    candle, change = event_of(pushes.candle(native)), event_of(pushes.change("2,buy,8", native))
    uta = event_of(pushes.uta_book("snapshot", 9, 9, native))
    assert isinstance(best, BestTick)
    assert isinstance(match, TradeTick)
    assert isinstance(candle, KlineTick)
    assert isinstance(change, BookDelta)
    assert isinstance(uta, BookSnapshot)
    return {
        "ticker, bid": ticker[0].best_bid_qty,
        "ticker, ask": ticker[0].best_ask_qty,
        "ticker, open interest": ticker[0].open_interest,
        "open interest": held.open_interest,
        "order book": book.asks[0].quantity,
        "snapshot of a live book": str(parse_levels(start.asks)[0][1]),
        "trades": trades[0].quantity,
        "candles": candles[0].volume,
        "stream: bid": best.bid_qty,
        "stream: ask": best.ask_qty,
        "stream: trade": match.quantity,
        "stream: candle": candle.volume,
        "stream: change of a book": str(parse_levels(change.bids)[0][1]),
        "newer stream: book": str(parse_levels(uta.bids)[0][1]),
    }


def test_lots_of_a_linear_contract() -> None:
    """A lot of XBTUSDTM is a thousandth of a coin, wherever it is told."""
    expected = {
        "ticker, bid": "2.767",
        "ticker, ask": "5.368",
        "ticker, open interest": "5940.782",
        "open interest": "5940.782",
        "order book": "0.001",
        "snapshot of a live book": "0.001",
        "trades": "0.017",
        "candles": "1.234",
        "stream: bid": "5.044",
        "stream: ask": "0.073",
        "stream: trade": "0.002",
        "stream: candle": "12.785",
        "stream: change of a book": "0.008",
        "newer stream: book": "16.236",
    }
    assert {place: str(told) for place, told in lots_told(BTC).items()} == expected


def test_lots_of_an_inverse_contract() -> None:
    """A lot of XBTUSDM is a dollar: over the price, to 15 digits, wherever it is told."""
    expected = {
        "ticker, bid": "0.0251090296317403",
        "ticker, ask": "0.0487116547715734",
        "ticker, open interest": "100",
        "open interest": "100",
        "order book": "0.00000907445133598610",
        "snapshot of a live book": "0.00000907445133598610",
        "trades": "0.000154265672711764",
        "candles": "0.0111978729486068",
        "stream: bid": "0.0583428277301933",
        "stream: ask": "0.000844373810069100",
        "stream: trade": "0.0000220984952029692",
        "stream: candle": "0.151200318839311",
        "stream: change of a book": "4.0",
        "newer stream: book": "0.188849328803245",
    }
    found = {place: str(told) for place, told in lots_told(USD).items()}
    assert {place for place in expected if Decimal(found[place]) != Decimal(expected[place])} == (
        set()
    ), found


def test_open_interest_of_the_newer_stream() -> None:
    """Lots there too: 11481754 of them."""
    event = event_of(pushes.UTA_MARK)
    assert isinstance(event, MarkTick)
    assert event.open_interest == "11481.754"


def times_told() -> dict[str, datetime | int]:
    """A time from each place that tells one, the way of the wire in the name."""
    ticker, _ = asked(rest.ticker(BTC), answer)
    book, _ = asked(rest.orderbook(BTC, 20), answer)
    start, _ = asked(rest.book_snapshot(BTC, None), answer)
    trades, _ = asked(rest.trades(BTC, 1), answer)
    candles, _ = asked(as_klines(past.klines, BTC, "1m", A_MINUTE, None), answer)
    running, _ = asked(past.funding(BTC), answer)
    settled, _ = asked(past.funding_history(BTC, A_MINUTE, None), answer)
    stats, _ = asked(rest.stats(BTC), answer)
    clock, _ = asked(rest.clock(), answer)
    assert ticker.timestamp is not None
    assert book.timestamp is not None
    assert running.funding_time is not None
    assert settled[0].funding_time is not None
    assert stats.next_funding_time is not None
    best, match = event_of(pushes.best()), event_of(pushes.match())
    day, mark, rate = event_of(pushes.day()), event_of(pushes.MARK), event_of(pushes.rate())
    change, candle = event_of(pushes.change("2,buy,8")), event_of(pushes.candle())
    assert isinstance(candle, KlineTick)
    found: dict[str, datetime | int] = {
        "ns: ticker": ticker.timestamp,
        "ns: book": book.timestamp,
        "ns: snapshot": start.ts,
        "ns: trades": trades[0].timestamp,
        "ms: candles": candles[0].open_time,
        "ms: running funding": running.funding_time,
        "ms: settled funding": settled[0].funding_time,
        "ms: next funding": stats.next_funding_time,
        "ms: clock": clock,
        "s: candle": candle.open_ts,
    }
    names = ("ns: best", "ns: match", "ns: day", "ms: mark", "ms: rate", "ms: change")
    for name, event in zip(names, (best, match, day, mark, rate, change), strict=True):
        assert not isinstance(event, KlineTick)
        found[name] = getattr(event, "ts", 0)
    return found


def test_three_units_of_time() -> None:
    """All is told within five hours of noon, in whatever unit."""
    for place, told in times_told().items():
        time = (
            told if isinstance(told, datetime) else NOON + timedelta(microseconds=told - T0 * 1000)
        )
        assert NOON <= time <= NOON + timedelta(hours=5), place


@pytest.mark.parametrize(
    ("time", "us"),
    [
        (1_769_860_800_007_000_999, 1_769_860_800_007_000),
        (1_769_860_800_007_000, 1_769_860_800_007_000),
        (1_769_860_800_007, 1_769_860_800_007_000),
    ],
)
def test_a_time_is_told_by_its_size(time: int, us: int) -> None:
    """Some documents show milliseconds where the exchange sends nanoseconds."""
    assert us_of(time) == us


def test_nanoseconds_keep_their_microseconds() -> None:
    """What is finer than a microsecond is cut off."""
    trade = venue.FILLS[0] | {"ts": T0 * NS + 1_234_567}
    found, _ = asked(rest.trades(BTC, 1), partial(with_, {venue.TRADES: [trade]}))
    assert found[0].timestamp == NOON + timedelta(microseconds=1234)


def test_the_countdown_is_no_time() -> None:
    """``nextFundingRateTime`` is what is left; without the time itself nothing is known."""
    assert venue.XBT["nextFundingRateTime"] == 3_599_691
    stats, _ = asked(rest.stats(BTC), answer)
    assert stats.next_funding_time == at(3_600_000)
    old = {name: value for name, value in venue.XBT.items() if name != "nextFundingRateDateTime"}
    found, _ = asked(rest.stats(BTC), partial(with_, {venue.CONTRACT: old}))
    assert found.next_funding_time is None


def test_candles_have_two_orders_of_columns() -> None:
    """REST has the close fourth, lots before turnover; the stream the close second, lots last."""
    candles, _ = asked(as_klines(past.klines, BTC, "1m", A_MINUTE, None), answer)
    told = candles[0]
    assert [str(each) for each in (told.open, told.high, told.low, told.close)] == [
        "110100.1",
        "110300",
        "110000.5",
        "110199.5",
    ]
    assert (told.volume, told.turnover) == (Decimal("1.234"), Decimal("135985.3"))
    event = event_of(pushes.candle())
    assert isinstance(event, KlineTick)
    assert (event.open, event.close, event.high, event.low) == (
        "84568.3",
        "84556.7",
        "84569",
        "84544.2",
    )
    assert (event.volume, event.turnover) == ("12.785", "1080991.7836")


def test_a_refusal_can_come_with_http_200() -> None:
    """Read as data it would be an answer without any."""
    refused = rest.refusal(200, body({"msg": "Invalid symbol.", "code": "200003"}))
    assert refused is not None
    assert refused.code == "200003"


def test_a_percentage_is_a_fraction() -> None:
    """-477.3 of 85034.0 is -0.0056, not -0.56 percent."""
    event = event_of(pushes.day())
    assert isinstance(event, DayTick)
    assert event.change_pct == "-0.0056"
    assert round(Decimal("-477.3") / Decimal("85034.0"), 4) == Decimal("-0.0056")


def test_a_thousand_coins_a_unit_and_a_hundred_units_a_lot() -> None:
    """1000BONK: seven lots of a hundred units are 700 units of a thousand coins each."""
    found, _ = asked(rest.markets(), answer)
    bonk = next(each for each in found if each.native == "1000BONKUSDTM")
    assert (bonk.base, bonk.multiplier, bonk.contract_size) == ("BONK", Decimal(1000), Decimal(100))
    quantity = base_of(bonk, 7, Decimal("0.0254"))
    assert quantity == 700
    assert quantity * bonk.multiplier == 700_000


def test_what_a_lot_is_must_be_known() -> None:
    """A market that says neither, and a price that cannot be, are told."""
    nothing = Market(
        native="X",
        contract="X-USDT-PERP",
        base="X",
        quote="USDT",
        settle="USDT",
        contract_size=None,
    )
    with pytest.raises(Unreadable, match="nobody knows"):
        base_of(nothing, 1, Decimal(1))
    for price in ("0", "1E-999999", "1E+999999"):
        with pytest.raises(Unreadable, match="lots of XBTUSDM"):
            base_of(USD, 1, Decimal(price))


def test_the_clock_is_in_milliseconds() -> None:
    """Nanoseconds there would be a time that cannot be."""
    assert asked(rest.clock(), answer)[0] == at(5)
    with pytest.raises(Unreadable):
        asked(rest.clock(), partial(with_, {CLOCK: T0 * NS}))
