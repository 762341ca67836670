"""Books, their figures and tickers against the simulator's facts of their own time or number."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from tests.api.walk.demo import NAMES, Demo
from tests.api.walk.figures import Book, close, nearly
from tests.api.walk.past import Moment, ms_of
from tests.api.walk.rows import Row, decimal, fraction, market_of, markets_of

from perps_stats.sim.facts import Level

BANDS = {"1bps": "1", "2_5bps": "2.5", "5bps": "5", "10bps": "10", "20bps": "20", "50bps": "50"}
BANDS |= {"100bps": "100"}
EDGE = Fraction(1, 1000)
"""How far a side reaches is rounded to less."""
BEFORE, AFTER = timedelta(seconds=6), timedelta(seconds=20)
"""What a ticker says beside its best prices was told then: each part at its own pace, the last
before the best prices changed again.
"""
DAY = {
    "volume_24h": "volume",
    "turnover_24h": "turnover",
    "price_change_24h": "change",
    "high_price_24h": "high",
    "low_price_24h": "low",
}
UNTOLD = {
    "aster": {"open_interest", "open_interest_notional"},
    "binance": {"open_interest", "open_interest_notional"},
    "kucoin": {"open_interest", "open_interest_notional"},
    "lighter": {"open_interest", "price_change_24h"},
    "paradex": {
        *("open_interest_notional", "volume_24h", "price_change_24h"),
        *("high_price_24h", "low_price_24h"),
    },
}
"""Fields of a ticker that an exchange's stream does not bear."""


def check_levels(demo: Demo, row: Row, least: int) -> None:
    truth = demo.truth(*market_of(row), row["timestamp"])
    for side, levels in (("bids", truth.bids), ("asks", truth.asks)):
        told = row[side]
        assert isinstance(told, list)
        found = [(Decimal(each["price"]), Decimal(each["quantity"])) for each in told]
        assert len(found) >= least, (market_of(row), side, len(found))
        assert list(levels[: len(found)]) == found, (market_of(row), side, row["timestamp"])
    if row["exchange"] != "paradex":
        assert row["sequence"] == truth.last_update_id, market_of(row)


def levels_of(row: Row) -> int:
    return 10 if row["exchange"] == "paradex" else 50


async def orderbooks(demo: Demo) -> None:
    """The best levels are the exchange's at the last moment, under its own number."""
    rows = await demo.rows("orderbooks")
    assert markets_of(rows) == set(NAMES)
    for row in rows:
        check_levels(demo, row, levels_of(row))
        assert ms_of(row["timestamp"]) == demo.end
        name = market_of(row)
        number = demo.simulator.venues[name[0]].truth(demo.markets[name].native).last_update_id
        assert row["sequence"] == number, name


async def books_of_the_past(demo: Demo) -> None:
    """So is every one that is stored, at its own time."""
    rows = await demo.rows("orderbooks/history?limit=500")
    assert markets_of(rows) == set(NAMES)
    for row in rows:
        check_levels(demo, row, levels_of(row))


def book_of(demo: Demo, row: Row) -> Book:
    return demo.past[market_of(row)].book(row["timestamp"])


def check_depth(demo: Demo, row: Row) -> None:
    """A band is the true sum; as a floor the true sum up to what is known."""
    book, floors = book_of(demo, row), row["floors"]
    assert isinstance(floors, list)
    assert fraction(row, "mid_price") == book.mid
    for side in ("bid", "ask"):
        ladder, reach = book.resting(side), fraction(row, f"reach_{side}_bps")
        for band, bps in BANDS.items():
            field, told = f"{side}_{band}", fraction(row, f"{side}_{band}")
            if field in floors:
                assert reach < Fraction(bps)
                low, high = (ladder.within(book.mid, reach + by) for by in (-EDGE, EDGE))
                assert low <= told <= high, (market_of(row), field)
            else:
                assert reach >= Fraction(bps) or row["complete"]
                assert told == ladder.within(book.mid, Fraction(bps)), (market_of(row), field)


async def liquidity(demo: Demo) -> None:
    """Of the book of a second at most before the end."""
    rows = await demo.rows("liquidity")
    assert markets_of(rows) == set(NAMES)
    for row in rows:
        check_depth(demo, row)
        assert demo.end - ms_of(row["timestamp"]) < 1500


async def liquidity_of_the_past(demo: Demo) -> None:
    """Each sample is of the true book of its time."""
    rows = await demo.rows("liquidity/history?limit=5000")
    assert markets_of(rows) == set(NAMES)
    assert len(rows) > 5 * len(NAMES)
    for row in rows:
        check_depth(demo, row)


def check_slippage(demo: Demo, row: Row) -> None:
    book, side = book_of(demo, row), str(row["side"])
    amount, mid, ladder = fraction(row, "trade_amount"), book.mid, book.taken_by(side)
    assert (row["reference"], fraction(row, "reference_price")) == ("mid", mid)
    average = ladder.average_price(amount)
    if row["fillable"]:
        assert average is not None
        assert nearly(fraction(row, "avg_price"), average)
        bps = (average - mid if side == "buy" else mid - average) / mid * 10_000
        assert close(fraction(row, "slippage_bps"), bps), (row, bps)
        assert fraction(row, "slippage_pct") * 10_000 == fraction(row, "slippage_bps")
        assert row["max_amount"] is None
    else:
        assert (row["avg_price"], row["slippage_bps"]) == (None, None)
        assert fraction(row, "max_amount") < amount
        assert fraction(row, "max_amount") <= ladder.value


async def slippage(demo: Demo) -> None:
    """Seven amounts, both sides: the true book walked."""
    rows = await demo.rows("slippage?limit=5000")
    assert markets_of(rows) == set(NAMES)
    assert len(rows) == 14 * len(NAMES)
    for row in rows:
        check_slippage(demo, row)


async def slippage_of_the_past(demo: Demo) -> None:
    """The same of each sample's own book."""
    rows = await demo.rows("slippage/history?limit=5000")
    assert markets_of(rows) == set(NAMES)
    for row in rows:
        check_slippage(demo, row)
    assert {True, None} == {row["fillable"] for row in rows}


def told_then(demo: Demo, row: Row) -> Iterable[Moment]:
    return demo.past[market_of(row)].between(row["timestamp"], BEFORE, AFTER)


def check_top(demo: Demo, row: Row) -> None:
    top = demo.past[market_of(row)].at(row["timestamp"]).top
    for side, level in (("bid", top.bid), ("ask", top.ask)):
        assert exactly(level) == (
            decimal(row, f"best_{side}_price"),
            decimal(row, f"best_{side}_qty"),
        ), (market_of(row), side)


def exactly(level: Level) -> tuple[Decimal, Decimal]:
    return Decimal(level[0]), Decimal(level[1])


def check_rest(row: Row, moments: Iterable[Moment]) -> None:
    """Each part is what one of the moments says, and what is not told is null."""
    exchange, _ = name = market_of(row)
    known = list(moments)
    for field in UNTOLD[exchange]:
        assert row[field] is None, (name, field)
    marks = {(Decimal(each.mark.mark), Decimal(each.mark.index)) for each in known}
    assert (decimal(row, "mark_price"), decimal(row, "index_price")) in marks, name
    day = {field: fact for field, fact in DAY.items() if field not in UNTOLD[exchange]}
    days = {tuple(Decimal(getattr(each.day, fact)) for fact in day.values()) for each in known}
    assert tuple(decimal(row, field) for field in day) in days, name
    changes = {change_of(exchange, each) for each in known}
    assert decimal(row, "price_change_pct") in changes, name
    if "open_interest" not in UNTOLD[exchange]:
        assert decimal(row, "open_interest") in {each.interest for each in known}, name
    if "open_interest_notional" not in UNTOLD[exchange]:
        values = {each.value for each in known}
        assert decimal(row, "open_interest_notional") in values, name
    assert decimal(row, "last_price") in {Decimal(each.day.last) for each in known}, name


def change_of(exchange: str, moment: Moment) -> Decimal:
    """A fraction; KuCoin rounds it to four decimals."""
    change = Decimal(moment.day.change_pct) / 100
    return change.quantize(Decimal("0.0001")) if exchange == "kucoin" else change


async def tickers(demo: Demo) -> None:
    """The best prices at their own time; all else as it is at the end, when all of it is told."""
    rows = await demo.rows("tickers")
    assert markets_of(rows) == set(NAMES)
    for row in rows:
        check_top(demo, row)
        last = demo.past[market_of(row)].moments[demo.end]
        assert (row["best_bid_price"], row["best_ask_price"]) is not None
        assert exactly(last.top.bid)[0] == decimal(row, "best_bid_price")
        assert exactly(last.top.ask)[0] == decimal(row, "best_ask_price")
        check_rest(row, [last])


async def tickers_of_the_past(demo: Demo) -> None:
    """The best prices at their own time, the rest as it was told around then."""
    rows = await demo.rows("tickers/history?limit=5000")
    assert {row["exchange"] for row in rows} >= {"aster", "binance"}
    for row in rows:
        check_top(demo, row)
        if row["mark_price"] is not None and row["volume_24h"] is not None:
            check_rest(row, told_then(demo, row))
