"""Trades, liquidations, funding, open interest and candles against the simulator's own."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from msgspec.structs import replace
from tests.api.walk.demo import NAMES, SYMBOLS, Demo
from tests.api.walk.past import ms_of
from tests.api.walk.rows import Row, Rows, decimal, market_of, markets_of

from perps_stats.sim.model.history import Print
from perps_stats.sim.model.trades import aggregate_of, is_forced, trades_of
from perps_stats.sim.paradex.rows import RPI_EVERY
from perps_stats.sim.truths import CARRIED, candles, rates, settlements

Facts = tuple[Decimal, Decimal, str, int, bool | None]
"""Price, quantity, the taker's side, time, whether it was forced."""
LIGHTER_STEP = 4096
"""Its trades are numbered over all its markets, and so far apart within one."""
DAY_MS, RATES_MS = 86_400_000, 5000
SETTLING_MS = 3_600_000 + 60_000
"""What was settled since may be filled back later; the exchanges' clock is behind ours."""
CLOSING = {"aster", "binance"}
"""Who says that a candle is closed: of others the next one does."""
FORCING = {"aster", "binance"}
"""Whose stream of liquidations there is."""


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
            assert decimal(row, "open_value") == moment.value
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
