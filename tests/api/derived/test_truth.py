"""Every comparison equals what the simulator's own state says, by the definition in fractions."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import permutations

from perps_stats.sim import Truth

from .conftest import FEES, VENUES, World

Row = Mapping[str, object]
TINY = Fraction(1, 10**7)
"""Of a basis point: figures are rounded to the eighth decimal."""


def number(row: Row, field: str) -> Fraction:
    return Fraction(str(row[field]))


def every(world: World) -> list[tuple[str, str]]:
    return [(base, name) for base in world.symbols for name in VENUES]


def names(rows: Sequence[Row]) -> list[tuple[object, object]]:
    return [(row["base"], row["exchange"]) for row in rows]


def close(found: Fraction, true: Fraction) -> bool:
    return abs(found - true) < TINY


def mid_of(truth: Truth) -> Fraction:
    return (Fraction(truth.bids[0][0]) + Fraction(truth.asks[0][0])) / 2


def cost_bps(world: World, row: Row, amount: Fraction) -> Fraction | None:
    """Of the amount: what is paid beyond the worth at mid, or received short of it, and the fee."""
    exchange = str(row["exchange"])
    truth = world.truth(exchange, str(row["symbol"]))
    left, coins = amount, Fraction(0)
    for price, quantity in truth.asks if row["side"] == "buy" else truth.bids:
        taken = min(left, Fraction(price) * Fraction(quantity))
        coins, left = coins + taken / Fraction(price), left - taken
    if left:
        return None
    short = amount - coins * mid_of(truth)
    short = short if row["side"] == "buy" else -short
    return (short / amount + Fraction(FEES[exchange])) * 10_000


async def test_the_matrix_has_every_cell(world: World) -> None:
    """Each exchange's rate per its own interval, over an hour, 8 hours and a year."""
    rows = await world.rows("funding/matrix")
    assert names(rows) == every(world)
    for row in rows:
        mark = world.source(str(row["exchange"]), str(row["symbol"])).mark()
        per_hour = Fraction(mark.rate) / number(row, "funding_interval")
        assert number(row, "funding_rate") == Fraction(mark.rate)
        for field, hours in {"funding_per_hour": 1, "funding_8h": 8, "funding_apr": 8760}.items():
            assert abs(number(row, field) - per_hour * hours) < Fraction(1, 10**15)
        assert (row["kind"], row["missing"], row["simulated"]) == ("predicted", [], True)
    assert {row["funding_interval"] for row in rows} > {"8"}


async def test_basis_is_mark_and_mid_against_the_index(world: World) -> None:
    """Where the exchange tells them; what it does not tell is named."""
    rows = await world.rows("basis")
    assert names(rows) == every(world)
    marked = 0
    for row in rows:
        source = world.source(str(row["exchange"]), str(row["symbol"]))
        mark, top = source.mark(), source.top()
        assert top is not None
        index, mid = Fraction(mark.index), (Fraction(top.bid[0]) + Fraction(top.ask[0])) / 2
        for field, price in {"mark_basis_bps": Fraction(mark.mark), "mid_basis_bps": mid}.items():
            told = row["index_price"] is not None and row[field.replace("basis_bps", "price")]
            assert (row[field] is not None) == bool(told)
            if told:
                marked += 1
                assert close(number(row, field), (price - index) / index * 10_000)
    assert marked > len(rows)


async def test_spreads_are_of_the_best_prices(world: World) -> None:
    """Of each market, and of each quote currency over all its venues."""
    rows = await world.rows("spread")
    assert names(rows) == every(world)
    best: dict[tuple[object, object], list[tuple[Fraction, Fraction]]] = {}
    for row in rows:
        market = world.markets[str(row["exchange"]), str(row["symbol"])]
        top = world.source(market.exchange, market.symbol).top()
        assert top is not None
        bid, ask = Fraction(top.bid[0]), Fraction(top.ask[0])
        assert close(number(row, "spread_bps"), (ask - bid) / (ask + bid) * 20_000)
        coins = Fraction(market.multiplier)
        best.setdefault((row["base"], row["quote"]), []).append((bid / coins, ask / coins))
    for cross in await world.rows("spread/cross"):
        prices = best.pop((cross["base"], cross["quote"]))
        bid, ask = max(price for price, _ in prices), min(price for _, price in prices)
        assert (number(cross, "best_bid"), number(cross, "best_ask")) == (bid, ask)
        assert close(number(cross, "spread_bps"), (ask - bid) / (ask + bid) * 20_000)
        times = [
            datetime.fromisoformat(str(row["timestamp"]))
            for row in rows
            if (row["exchange"], row["symbol"]) in both_of(cross)
        ]
        apart = (max(times) - min(times)) // timedelta(microseconds=1)
        assert number(cross, "apart") == Fraction(apart, 10**6)
        assert cross["venues"] == len(prices)
    assert not best


def both_of(cross: Row) -> set[tuple[object, object]]:
    return {(cross[f"{side}_exchange"], cross[f"{side}_symbol"]) for side in ("bid", "ask")}


async def test_shares_are_of_one_total(world: World) -> None:
    """Of coins whatever the lots, of turnover in dollars. Who does not tell is named, and has none:
    a total without it says that it is not complete.
    """
    rows = await world.rows("shares?measure=volume_24h,turnover_24h,open_interest")
    assert len(rows) == 3 * len(every(world))
    totals: dict[tuple[object, object], Fraction] = {}
    for row in rows:
        exchange, symbol = str(row["exchange"]), str(row["symbol"])
        source, market = world.source(exchange, symbol), world.markets[exchange, symbol]
        coins = Fraction(market.multiplier)
        true = {
            "volume_24h": Fraction(source.day().volume) * coins,
            "turnover_24h": Fraction(source.day().turnover),
            "open_interest": Fraction(source.open_interest()[0]) * coins,
        }[str(row["measure"])]
        if row["amount"] is None:
            assert f"{exchange}:{symbol}" in list_of(row, "absent")
            assert row["missing"]
            continue
        assert number(row, "amount") == true
        group = (row["base"], row["measure"])
        totals[group] = totals.get(group, Fraction(0)) + true
        assert row["complete"] is not bool(row["absent"])
    for row in rows:
        if row["share_pct"] is not None:
            part = number(row, "amount") / totals[row["base"], row["measure"]]
            assert abs(number(row, "share_pct") - part) < Fraction(1, 10**15)
    whole = {row["measure"] for row in rows if row["complete"]}
    assert whole >= world.told_by_all


async def test_a_share_of_depth_says_where_it_is_a_floor(world: World) -> None:
    """Within 10 bps of mid both sides are summed, and counted in coins at mid."""
    rows = await world.rows("shares?measure=depth_10bps&symbol=BTC")
    floors = {f"{row['exchange']}:BTC" for row in rows if row["at_least"]}
    for row in rows:
        truth = world.truth(str(row["exchange"]), "BTC", row["timestamp"])
        mid = mid_of(truth)
        value = sum(
            Fraction(price) * Fraction(quantity)
            for price, quantity in (*truth.bids, *truth.asks)
            if abs(Fraction(price) - mid) <= mid / 1000
        )
        coins = value / mid
        if row["at_least"]:
            assert number(row, "amount") < coins
        else:
            assert abs(number(row, "amount") / coins - 1) < Fraction(1, 10**15)
        assert {str(name) for name in list_of(row, "floors")} == floors
        assert row["complete"] is not bool(floors)


def list_of(row: Row, field: str) -> list[object]:
    value = row[field]
    assert isinstance(value, list)
    return value


async def test_costs_are_those_of_the_true_books(world: World) -> None:
    """Half the spread, impact and fee add up to what is short; the cheapest is the first."""
    rows = await world.rows("cost?size=100k")
    assert len(rows) == 2 * len(every(world))
    known = 0
    for row in rows:
        true = cost_bps(world, row, Fraction(100_000))
        if row["total_bps"] is None:
            assert row["fillable"] is not True
            assert row["missing"]
            continue
        known += 1
        assert true is not None
        assert close(number(row, "total_bps"), true)
        parts = ("half_spread_bps", "impact_bps", "fee_bps")
        assert number(row, "total_bps") == sum(number(row, part) for part in parts)
        assert number(row, "shortfall") == number(row, "total_bps") * 10
        cheaper = [
            other
            for other in rows
            if (other["base"], other["side"]) == (row["base"], row["side"])
            and other["total_bps"] is not None
            and number(other, "total_bps") < number(row, "total_bps")
        ]
        assert row["rank"] == len(cheaper) + 1
    assert known > len(every(world))


async def test_no_coin_moved_makes_the_split_cheaper(world: World) -> None:
    """What it takes everywhere sums to the size and costs what it says; moving a little from any
    venue to any other costs more, so that no split is cheaper: marginal costs only grow.
    """
    rows = await world.rows("cost?size=2.5m&side=buy&symbol=BTC")
    parts = {row["exchange"]: number(row, "split_amount") for row in rows if row["split_amount"]}
    by_name = {row["exchange"]: row for row in rows}
    assert sum(parts.values()) == 2_500_000
    assert len([part for part in parts.values() if part]) > 1

    def cost(name: object, amount: Fraction) -> Fraction | None:
        found = cost_bps(world, by_name[name], amount) if amount else Fraction(0)
        return None if found is None else found * amount / 10_000

    costs = {name: cost(name, part) for name, part in parts.items()}
    whole = sum((each for each in costs.values() if each is not None), Fraction(0))
    assert close(number(rows[0], "split_bps"), whole / 250)
    for dear, cheap in permutations(parts, 2):
        if not parts[dear]:
            continue
        moved = min(parts[dear], Fraction(10))
        less, more = cost(dear, parts[dear] - moved), cost(cheap, parts[cheap] + moved)
        assert less is not None
        if more is not None:
            before = (costs[dear] or 0) + (costs[cheap] or 0)
            assert less + more >= before


async def test_pairs_are_net_of_the_four_trades(world: World) -> None:
    """Every two venues, long where funding is lower; both books walked in and out, with fees. Where
    too little of a book is known the cost is not known.
    """
    size, rows = Fraction(10_000), await world.rows("funding/arbitrage?symbol=BTC&hold=72h")
    assert len(rows) == len(VENUES) * (len(VENUES) - 1) // 2
    cells = {row["exchange"]: row for row in await world.rows("funding/matrix?symbol=BTC")}
    nets: list[Fraction] = []
    for row in rows:
        legs = [row["long_exchange"], row["short_exchange"]]
        per_hour = [number(cells[name], "funding_per_hour") for name in legs]
        assert number(row, "earned_per_hour") == per_hour[1] - per_hour[0] >= 0
        if row["cost_bps"] is None:
            assert row["missing"]
            assert world.short_books & set(legs)
            continue
        walks = [
            cost_bps(world, {"exchange": name, "symbol": "BTC", "side": side}, size)
            for name in legs
            for side in ("buy", "sell")
        ]
        cost = sum((walk for walk in walks if walk is not None), Fraction(0))
        assert close(number(row, "cost_bps"), cost)
        net = number(row, "earned_per_hour") * 72 * 10_000 - number(row, "cost_bps")
        assert close(number(row, "net_bps"), net)
        nets.append(net)
        if row["break_even_hours"] is not None:
            hours = number(row, "cost_bps") / 10_000 / number(row, "earned_per_hour")
            assert abs(number(row, "break_even_hours") / hours - 1) < Fraction(1, 10**15)
    assert nets
    assert nets == sorted(nets, reverse=True)
    assert [row["rank"] for row in rows] == [*range(1, len(rows) + 1)]


async def test_a_market_by_another_name_is_the_same_coin(world: World) -> None:
    """1000PEPE of one exchange and kPEPE of another are both PEPE; prices are of one coin."""
    (cross,) = [
        row for row in await world.rows("spread/cross?symbol=PEPE") if row["quote"] == "USDT"
    ]
    market = world.markets[str(cross["bid_exchange"]), "PEPE"]
    assert market.multiplier == Decimal(1000)
    assert number(cross, "best_bid") < Fraction(1, 10_000)
