"""A simulated Lighter's REST over real sockets: every question, its units, limits and refusals."""

from collections import defaultdict
from decimal import Decimal

import pytest

from perps_stats.sim.facts import Span

from .lighter_wire import HERE, ask, market, told
from .wire import NOON

LATEST = Span(None, None, 1)
PERPETUALS = {"ETH": 0, "BTC": 1, "1000PEPE": 4, "HYUNDAI": 141}
REFUSALS: list[tuple[str, dict[str, object], int, int]] = [
    ("orderBookOrders", {"market_id": 0}, 400, 20_001),
    ("orderBookOrders", {"limit": 1}, 400, 20_001),
    ("orderBookOrders", {"market_id": 0, "limit": 251}, 400, 20_001),
    ("orderBookOrders", {"market_id": "ETH", "limit": 1}, 400, 20_001),
    ("orderBookOrders", {"market_id": 99, "limit": 1}, 200, 21_100),
    ("orderBookDetails", {"market_id": 99}, 200, 21_100),
    ("orderBookDetails", {"filter": "future"}, 400, 20_001),
    ("recentTrades", {"market_id": 0, "limit": 101}, 400, 20_001),
    ("candles", {"market_id": 0, "resolution": "3m"}, 400, 20_001),
    ("candles", {"market_id": 0, "resolution": "1m", "start_timestamp": 1}, 400, 20_001),
    ("fundings", {"market_id": 0, "resolution": "8h"}, 400, 20_001),
]


async def test_the_list_of_markets_has_the_oddities_of_the_real_one() -> None:
    """Bare names, a multiplied one, one inactive, spot from 2048 on; the filter picks a kind."""
    async with market() as client:
        rows = (await told(client, "orderBooks"))["order_books"]
        one = (await told(client, "orderBooks", market_id=1))["order_books"]
        spot = (await told(client, "orderBooks", filter="spot"))["order_books"]
        both = await told(client, "orderBookDetails", market_id=255)
        perps = await told(client, "orderBookDetails", filter="perp")
    assert {row["symbol"]: row["market_id"] for row in rows} == PERPETUALS | {"SKY/USDC": 2053}
    assert [row["symbol"] for row in rows if row["status"] == "inactive"] == ["HYUNDAI"]
    assert [(row["symbol"], row["supported_price_decimals"]) for row in one] == [("BTC", 1)]
    assert [(row["symbol"], row["market_type"]) for row in spot] == [("SKY/USDC", "spot")]
    assert [row["symbol"] for row in both["spot_order_book_details"]] == ["SKY/USDC"]
    assert {row["symbol"] for row in perps["order_book_details"]} == set(PERPETUALS)
    assert perps["spot_order_book_details"] == []


async def test_details_are_numbers() -> None:
    """The change is percent, open interest base, margins parts of 10,000."""
    async with market() as client:
        (row,) = (await told(client, "orderBookDetails", market_id=0))["order_book_details"]
        source = client.venue.source("ETH")
        day, (interest, _) = source.day(), source.open_interest()
    assert row["last_trade_price"] == float(day.last)
    assert row["daily_base_token_volume"] == float(day.volume)
    assert row["daily_quote_token_volume"] == float(day.turnover)
    assert row["open_interest"] == float(interest)
    percent = 100 * float(day.change) / float(day.open)
    assert row["daily_price_change"] == pytest.approx(percent, abs=0.001)
    assert (row["min_initial_margin_fraction"], row["closeout_margin_fraction"]) == (200, 80)
    assert {"mark_price", "best_bid_price"}.isdisjoint(row)


@pytest.mark.parametrize("limit", [1, 7, 250])
async def test_an_order_book_is_single_orders(limit: int) -> None:
    """Their remainders add up to the truth's levels; the total says how many were left out."""
    async with market() as client:
        book = await told(client, "orderBookOrders", market_id=0, limit=limit)
        truth = client.truth("ETH")
        assert client.venue.counters.snapshots_served == 1
    for side, levels in (("asks", truth.asks), ("bids", truth.bids)):
        orders = book[side]
        assert len(orders) == limit < book[f"total_{side}"]
        sums: dict[Decimal, Decimal] = defaultdict(Decimal)
        for order in orders:
            remaining = Decimal(order["remaining_base_amount"])
            assert 0 < remaining <= Decimal(order["initial_base_amount"])
            sums[Decimal(order["price"])] += remaining
        found = list(sums.items())
        assert found[:-1] == list(levels[: len(found) - 1])
        assert found[-1][1] <= dict(levels)[found[-1][0]]
    placed = [order["initial_base_amount"] for order in book["asks"]]
    rest = [order["remaining_base_amount"] for order in book["asks"]]
    assert limit == 1 or placed != rest
    assert limit == 1 or len({order["price"] for order in book["asks"]}) < limit


async def test_trades_come_in_no_order() -> None:
    """Milliseconds and microseconds of one instant; forced ones are marked; each has its number."""
    async with market() as client:
        rows = (await told(client, "recentTrades", market_id=0, limit=100))["trades"]
        facts = client.venue.source("ETH").trades(100)
        none = await told(client, "recentTrades", market_id=141, limit=1)
    numbers = [row["trade_id"] for row in rows]
    assert numbers != sorted(numbers)
    rows.sort(key=lambda row: row["trade_id"])
    for row, fact in zip(rows, facts, strict=True):
        assert (row["price"], row["size"], row["timestamp"]) == (
            fact.price,
            fact.quantity,
            fact.time,
        )
        assert row["is_maker_ask"] is not fact.maker_buys
        assert row["transaction_time"] // 1000 == row["timestamp"]
        assert row["trade_id_str"] == str(row["trade_id"])
        assert row["type"] == ("liquidation" if fact.forced else "trade")
    assert none["trades"] is None


async def test_candles_are_counted_back_from_the_end() -> None:
    """At most 500, ascending, numbers beside text; a market without trades has null."""
    query: dict[str, object] = {"market_id": 0, "resolution": "1m", "end_timestamp": HERE}
    async with market() as client:
        answer = await told(client, "candles", start_timestamp=0, count_back=3, **query)
        many = await told(client, "candles", start_timestamp=0, count_back=900, **query)
        late = await told(client, "candles", start_timestamp=NOON, count_back=500, **query)
        quiet = await told(
            client, "candles", **(query | {"market_id": 141, "start_timestamp": 0, "count_back": 1})
        )
        (bar,) = client.venue.source("ETH").bars("1m", LATEST)
    assert answer["r"] == "1m"
    assert [row["t"] for row in answer["c"]] == [NOON - 120_000, NOON - 60_000, NOON]
    assert len(many["c"]) == 500
    (row,) = late["c"]
    assert (row["o"], row["c"], row["v"], row["V"]) == tuple(
        map(float, (bar.open, bar.close, bar.volume, bar.turnover))
    )
    assert (row["O"], row["C"]) == (bar.open, bar.close)
    assert quiet["c"] is None


async def test_one_rate_in_three_units() -> None:
    """A fraction of the model; percent with the sign apart; a fraction of eight hours."""
    async with market() as client:
        source = client.venue.source("ETH")
        facts = source.settlements(LATEST)
        now = Decimal(source.mark().rate)
        query = {"market_id": 0, "start_timestamp": 0, "end_timestamp": HERE // 1000}
        hours = await told(client, "fundings", resolution="1h", count_back=3, **query)
        days = await told(client, "fundings", resolution="1d", count_back=2, **query)
        rates = (await told(client, "funding-rates"))["funding_rates"]
    rows = hours["fundings"]
    assert [row["timestamp"] for row in rows] == [NOON // 1000 - 3600 * ago for ago in (2, 1, 0)]
    sign = {"long": 1, "short": -1}[rows[-1]["direction"]]
    assert sign * Decimal(rows[-1]["rate"]) / 100 == Decimal(facts[-1].rate)
    assert len(days["fundings"]) == 2
    own = [row for row in rates if row["market_id"] == 0 and row["exchange"] == "lighter"]
    assert [row["rate"] / 8 for row in own] == [pytest.approx(float(now))]
    assert {row["exchange"] for row in rates} == {"lighter", "binance", "bybit", "hyperliquid"}


async def test_both_signs_of_funding_occur() -> None:
    """Shorts pay at times: a sign that were forgotten would be seen."""
    query = {"market_id": 0, "start_timestamp": 0, "end_timestamp": HERE // 1000}
    async with market() as client:
        rows = (await told(client, "fundings", resolution="1h", count_back=500, **query))[
            "fundings"
        ]
    assert {row["direction"] for row in rows} == {"long", "short"}
    assert all(Decimal(row["rate"]) >= 0 for row in rows)


async def test_the_clock_is_in_seconds() -> None:
    """At the root, outside the versioned paths."""
    async with market() as client:
        reply = await client.request("GET", "/")
    assert reply.json() == {"status": 1, "network_id": 304, "timestamp": HERE // 1000}


async def test_refusals_have_a_code_and_a_message() -> None:
    """HTTP 400 for what is malformed; an unknown market hides in HTTP 200."""
    async with market() as client:
        for name, query, status, code in REFUSALS:
            reply = await ask(client, name, **query)
            assert (reply.status, reply.json()["code"]) == (status, code), (name, query)
            assert reply.json()["message"]
        assert (await ask(client, "nowhere")).status == 404


async def test_sixty_requests_a_minute() -> None:
    """None weighs more than another, no header counts them; then 23000 until the minute ends."""
    async with market() as client:
        for _ in range(30):
            await told(client, "orderBookDetails")
            reply = await ask(client, "recentTrades", market_id=0, limit=1)
            assert reply.status == 200
        assert not [name for name in reply.headers if "limit" in name.lower()]
        refused = await ask(client, "orderBooks")
        assert (refused.status, refused.json()["code"]) == (429, 23_000)
        assert refused.headers["Retry-After"] == "26"  # of a minute that is 34.567 s old
        assert client.venue.counters.weight_used == 61
