"""Rows of the data sets against the simulator's facts of their own time or number."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from msgspec.structs import replace
from tests.api.walk.demo import NAMES, SYMBOLS, Demo, Rows
from tests.api.walk.figures import Book, close, nearly
from tests.api.walk.past import Moment, ms_of

from perps_stats.sim.facts import Level
from perps_stats.sim.model.history import Print
from perps_stats.sim.model.trades import aggregate_of, is_forced, trades_of
from perps_stats.sim.paradex.rows import RPI_EVERY
from perps_stats.sim.truths import CARRIED, candles, rates, settlements

Row = dict[str, object]
Facts = tuple[Decimal, Decimal, str, int, bool | None]
"""Price, quantity, the taker's side, time, whether it was forced."""
BANDS = {"1bps": "1", "2_5bps": "2.5", "5bps": "5", "10bps": "10", "20bps": "20", "50bps": "50"}
BANDS |= {"100bps": "100"}
EDGE = Fraction(1, 1000)
"""How far a side reaches is rounded to less."""
LIGHTER_STEP = 4096
"""Its trades are numbered over all its markets, and so far apart within one."""
DAY_MS, RATES_MS = 86_400_000, 5000
BEFORE, AFTER = timedelta(seconds=6), timedelta(seconds=20)
"""What a ticker says beside its best prices was told then: each part at its own pace, the last
before the best prices changed again.
"""
SETTLING_MS = 3_600_000 + 60_000
"""What was settled since may be filled back later; the exchanges' clock is behind ours."""
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
CLOSING = {"aster", "binance"}
"""Who says that a candle is closed: of others the next one does."""
FORCING = {"aster", "binance"}
"""Whose stream of liquidations there is."""


def market_of(row: Row) -> tuple[str, str]:
    return str(row["exchange"]), str(row["symbol"])


def decimal(row: Row, field: str) -> Decimal:
    return Decimal(str(row[field]))


def fraction(row: Row, field: str) -> Fraction:
    return Fraction(str(row[field]))


def markets_of(rows: Rows) -> set[tuple[str, str]]:
    return {market_of(row) for row in rows}


# Trades


def facts_of(exchange: str, trade: Print, demo: Demo, symbol: str) -> Iterator[tuple[str, Facts]]:
    coin = demo.past[exchange, symbol].market.coin
    if exchange in {"aster", "paradex"}:
        one = aggregate_of(trade, coin)
        told = [(one.id, one.price, one.quantity)]
    else:
        singles = (each for each in trades_of(trade, coin) if each.market)
        told = [(each.id, each.price, each.quantity) for each in singles]
    side = "buy" if trade.taker_buys else "sell"
    forced = is_forced(trade.id) if exchange in {"lighter", "paradex"} else None
    for number, price, quantity in told:
        name = {
            "aster": f"a{number}",
            "lighter": str(number * LIGHTER_STEP + lighter_number(demo, symbol)),
            "paradex": paradex_name(trade, number),
        }.get(exchange, str(number))
        yield name, (Decimal(price), Decimal(quantity), side, trade.time, forced)


def paradex_name(trade: Print, number: int) -> str:
    """With what kind it is, if it is not the usual one."""
    kind = "LIQUIDATION:" if is_forced(trade.id) else "" if number % RPI_EVERY else "RPI:"
    return f"{kind}{trade.time}20{number:013}"


def lighter_number(demo: Demo, symbol: str) -> int:
    return int(str(demo.markets["lighter", symbol].wire_id))


def prints_between(demo: Demo, name: tuple[str, str], first: int, last: int) -> Iterator[Print]:
    market = demo.past[name].market
    for minute in range(first // 60_000, last // 60_000 + 1):
        yield from (each for each in market.prints_of(minute) if first <= each.time <= last)


async def trades(demo: Demo) -> None:
    """Each is the exchange's of that id, and none is missing: also that which was dropped, and
    what a connection that was cut did not tell, are there.
    """
    rows = await demo.rows("trades?limit=5000")
    assert markets_of(rows) == set(NAMES)
    for name in NAMES:
        mine = {str(row["id"]): row for row in rows if market_of(row) == name}
        first = min(ms_of(row["timestamp"]) for row in mine.values())
        true = {
            number: facts
            for each in prints_between(demo, name, first, demo.end)
            for number, facts in facts_of(name[0], each, demo, name[1])
        }
        found = {
            number: (
                decimal(row, "price"),
                decimal(row, "quantity"),
                row["side"],
                ms_of(row["timestamp"]),
                row["liquidation"],
            )
            for number, row in mine.items()
        }
        assert {number: true.get(number) for number in found} == found, name
        since = max(first, demo.past[name].since) + 1
        missing = {number for number, facts in true.items() if facts[3] > since} - set(found)
        assert not missing, (name, [true[number] for number in missing])


async def liquidations(demo: Demo) -> None:
    """Each forced trade of who tells them, since all are heard; none that was not."""
    rows = await demo.rows("liquidations?limit=5000")
    found = {(market_of(row), ms_of(row["timestamp"]), row["side"], *amounts(row)) for row in rows}
    true = {each for name in NAMES if name[0] in FORCING for each in forced_of(demo, name)}
    assert found <= true
    missing = {each for each in true - found if each[1] > demo.live}
    assert not missing
    assert found


def forced_of(
    demo: Demo, name: tuple[str, str]
) -> Iterator[tuple[tuple[str, str], int, str, Decimal, Decimal]]:
    past = demo.past[name]
    for each in prints_between(demo, name, past.since, demo.end):
        if is_forced(each.id):
            one = aggregate_of(each, past.market.coin)
            side = "buy" if each.taker_buys else "sell"
            yield name, each.time, side, Decimal(one.price), Decimal(one.quantity)


def amounts(row: Row) -> tuple[Decimal, Decimal]:
    return decimal(row, "price"), decimal(row, "quantity")


# Books


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


# Tickers


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
        values = {value_of(each) for each in known}
        assert decimal(row, "open_interest_notional") in values, name
    assert decimal(row, "last_price") in {Decimal(each.day.last) for each in known}, name


def change_of(exchange: str, moment: Moment) -> Decimal:
    """A fraction; KuCoin rounds it to four decimals."""
    change = Decimal(moment.day.change_pct) / 100
    return change.quantize(Decimal("0.0001")) if exchange == "kucoin" else change


def value_of(moment: Moment) -> Decimal:
    """As Lighter tells it: to six decimals."""
    return (moment.interest * Decimal(moment.mark.mark)).quantize(Decimal("0.000001"))


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
    assert {row["exchange"] for row in rows} >= FORCING
    for row in rows:
        check_top(demo, row)
        if row["mark_price"] is not None and row["volume_24h"] is not None:
            check_rest(row, told_then(demo, row))


# Funding, open interest, candles


def interval_hours(demo: Demo, name: tuple[str, str]) -> Decimal:
    return Decimal(demo.past[name].market.gauges.interval_ms) / 3_600_000


async def funding_rates(demo: Demo) -> None:
    """Every settlement of the last day, and estimates as they were at their time."""
    rows = await demo.rows("funding-rates?limit=5000")
    assert markets_of(rows) == set(NAMES)
    for name in NAMES:
        mine = [row for row in rows if market_of(row) == name]
        check_settled(demo, name, [row for row in mine if row["kind"] == "settled"])
        estimates = [row for row in mine if row["kind"] == "predicted"]
        for row in estimates:
            check_estimate(demo, name, row)
    assert {row["exchange"] for row in rows if row["kind"] == "predicted"} >= FORCING


def check_settled(demo: Demo, name: tuple[str, str], rows: Rows) -> None:
    source, carried = demo.past[name].source, CARRIED[name[0]]
    found = {(ms_of(row["timestamp"]), decimal(row, "funding_rate")) for row in rows}
    assert found, name
    start = min(time for time, _ in found)
    if name[0] == "paradex":
        told = rates(source, start, demo.end + 1, RATES_MS)
        assert found <= {(int(str(time)), Decimal(str(rate))) for time, rate, _ in told}, name
        return
    told = settlements(source, start, demo.end + 1, carried)
    true = {(int(str(time)), Decimal(str(rate))) for time, rate, _ in told}
    assert found <= true, name
    assert all(time > demo.end - SETTLING_MS for time, _ in true - found), name
    assert demo.end - start > DAY_MS / 2
    for row in rows:
        assert row["funding_interval"] in {None, f"{interval_hours(demo, name)}"}, name


def check_estimate(demo: Demo, name: tuple[str, str], row: Row) -> None:
    past = demo.past[name]
    if name[0] == "kucoin":
        minute = past.between(row["timestamp"], timedelta(), timedelta(minutes=1))
        moments = list(minute)
    else:
        moments = [past.at(row["timestamp"])]
    assert decimal(row, "funding_rate") in {Decimal(each.mark.rate) for each in moments}, name
    assert decimal(row, "funding_interval") == interval_hours(demo, name)
    if row["next_funding_time"] is not None:
        assert ms_of(row["next_funding_time"]) == moments[0].mark.next_time


async def open_interest(demo: Demo) -> None:
    """As it was at its time: in coins, or in quote at the mark price, whatever is told."""
    rows = await demo.rows("open-interest?limit=5000")
    telling = {name for name in NAMES if name[0] != "kucoin"}
    assert markets_of(rows) == telling
    for row in rows:
        moment = demo.past[market_of(row)].at(row["timestamp"])
        if row["exchange"] == "lighter":
            assert row["open_interest"] is None
            assert decimal(row, "open_value") == value_of(moment)
        else:
            assert decimal(row, "open_interest") == moment.interest, market_of(row)


async def klines(demo: Demo) -> None:
    """Every minute of the last day to the end, as the exchange's prints make it; those without a
    trade as the exchange tells them.
    """
    rows = await demo.rows("klines?limit=5000")
    for name in NAMES:
        found = sorted(candle_of(row) for row in rows if market_of(row) == name)
        assert demo.end - found[0][0] > DAY_MS - 600_000, name
        source, carried = demo.past[name].source, CARRIED[name[0]]
        if name[0] == "paradex":
            carried = replace(carried, volume=False)  # nobody says of what: it is kept as unknown
        told = candles(source, "1m", found[0][0], demo.end, carried)
        true = [(row[0], *map(exact, row[1:])) for row in told]
        if name[0] not in CLOSING and len(found) < len(true):
            true = true[:-1]
        assert found == true, name
    assert len(SYMBOLS) * 5 * 1400 < len(rows)


def exact(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def candle_of(row: Row) -> tuple[int, *tuple[Decimal | None, ...]]:
    assert (row["interval"], row["closed"], row["aggregated_from"]) == ("1m", True, None)
    fields = ("open", "high", "low", "close", "volume", "turnover", "trades")
    return ms_of(row["open_time"]), *(exact(row[field]) for field in fields)
