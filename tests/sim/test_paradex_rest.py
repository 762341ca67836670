"""A simulated Paradex's REST over real sockets: every question, its fields, its refusals."""

from contextlib import AbstractAsyncContextManager
from decimal import Decimal
from itertools import pairwise

import pytest

from .wire import NOON, Client, Clock, Json, simulated

BTC, ETH = "BTC-USD-PERP", "ETH-USD-PERP"
PERPETUALS = {BTC, ETH, "SOL-USD-PERP", "kPEPE-USD-PERP", "BODEN-USD-PERP"}
HOUR_MS = 3_600_000
SINCE_2026 = 1_767_225_600_000
REFUSALS: list[tuple[str, dict[str, object], int, str]] = [
    ("markets", {"market": "NO-USD-PERP"}, 404, "MARKET_NOT_FOUND"),
    ("markets/summary", {}, 400, "VALIDATION_ERROR"),
    ("markets/summary", {"market": "NO-USD-PERP"}, 400, "MARKET_NOT_FOUND"),
    ("orderbook/NO-USD-PERP", {}, 400, "MARKET_NOT_FOUND"),
    ("orderbook/BTC-USD-PERP", {"depth": "x"}, 400, "VALIDATION_ERROR"),
    ("bbo/NO-USD-PERP", {}, 400, "MARKET_NOT_FOUND"),
    ("trades", {}, 400, "VALIDATION_ERROR"),
    ("trades", {"symbol": BTC}, 400, "VALIDATION_ERROR"),
    ("trades", {"market": BTC, "page_size": 1001}, 400, "VALIDATION_ERROR"),
    ("trades", {"market": BTC, "cursor": "?"}, 400, "VALIDATION_ERROR"),
    ("funding/data", {}, 400, "VALIDATION_ERROR"),
    ("funding/data", {"market": BTC, "page_size": 5001}, 400, "VALIDATION_ERROR"),
    ("markets/klines", {"symbol": BTC, "resolution": "1"}, 400, "VALIDATION_ERROR"),
    (
        "markets/klines",
        {"market": BTC, "resolution": "1", "start_at": 1, "end_at": 2},
        400,
        "VALIDATION_ERROR",
    ),
    (
        "markets/klines",
        {"symbol": BTC, "resolution": "240", "start_at": 1, "end_at": 2},
        400,
        "VALIDATION_ERROR",
    ),
    ("nothing", {}, 404, "NOT_FOUND"),
]


def venue(**settings: Json) -> AbstractAsyncContextManager[Client]:
    """Its clock stands still at noon."""
    return simulated(exchange="paradex", clock=Clock(), **settings)


async def answer(client: Client, path: str, **query: object) -> Json:
    reply = await client.request("GET", f"/v1/{path}", **query)
    assert reply.status == 200, reply
    return reply.json()


async def results(client: Client, path: str, **query: object) -> Json:
    return (await answer(client, path, **query))["results"]


async def test_the_list_has_what_the_real_one_has() -> None:
    """Perpetuals of coins, one by the thousand and one without a book; options; a spot market."""
    async with venue() as client:
        rows = {row["symbol"]: row for row in await results(client, "markets")}
    assert {symbol for symbol, row in rows.items() if row["asset_kind"] == "PERP"} == PERPETUALS
    assert {row["asset_kind"] for row in rows.values()} == {"PERP", "PERP_OPTION", "OPTION", "SPOT"}
    assert {symbol: rows[symbol]["funding_period_hours"] for symbol in (BTC, ETH)} == {
        BTC: 8,
        ETH: 4,
    }
    assert rows["BTC-USD-95000-C"]["funding_period_hours"] == "24"
    assert rows["kPEPE-USD-PERP"]["base_currency"] == "kPEPE"
    assert rows["BODEN-USD-PERP"]["trading_mode"] == "RFQ_ONLY"
    said = rows[BTC]
    assert (said["price_tick_size"], said["order_size_increment"]) == ("0.1", "0.00001")
    assert (said["quote_currency"], said["settlement_currency"]) == ("USD", "USDC")


async def test_summaries_of_one_and_of_all() -> None:
    """Numbers are text; a market without a book says nothing with an empty one."""
    async with venue() as client:
        rows = {
            row["symbol"]: row for row in await results(client, "markets/summary", market="ALL")
        }
        one = await results(client, "markets/summary", market=ETH)
        top = client.simulator.venues["paradex"].truth(ETH)
    assert [row["symbol"] for row in one] == [ETH]
    assert rows.keys() > PERPETUALS
    assert (Decimal(one[0]["bid"]), Decimal(one[0]["ask"])) == (top.bids[0][0], top.asks[0][0])
    assert one[0]["created_at"] == NOON
    assert abs(Decimal(one[0]["price_change_rate_24h"])) < 1
    assert (rows["BODEN-USD-PERP"]["bid"], rows["BODEN-USD-PERP"]["price_change_rate_24h"]) == (
        "",
        "",
    )


async def test_a_summary_has_turnover_and_no_volume() -> None:
    """A day's volume in USD is the price's multiple of the coins that were traded."""
    async with venue() as client:
        (row,) = await results(client, "markets/summary", market=BTC)
        day = client.venue.source(BTC).day()
    assert Decimal(row["volume_24h"]) == Decimal(day.turnover)
    assert Decimal(row["volume_24h"]) > 1000 * Decimal(day.volume)


async def test_an_order_book_is_the_truth_and_has_its_number() -> None:
    """Best first, 20 levels unless asked otherwise, never more than 100."""
    async with venue() as client:
        book = await answer(client, f"orderbook/{BTC}", depth=100)
        truth = client.truth(BTC)
        usual = await answer(client, f"orderbook/{BTC}")
        deep = await answer(client, f"orderbook/{BTC}", depth=5000)
        rpi = await answer(client, f"orderbook/{BTC}/interactive", depth=1)
    for side, levels in (("bids", truth.bids), ("asks", truth.asks)):
        said = [(Decimal(price), Decimal(size)) for price, size in book[side]]
        assert said == list(levels[:100])
    assert book["seq_no"] == truth.last_update_id
    assert (len(usual["bids"]), len(deep["bids"]), len(rpi["bids"])) == (20, 100, 1)
    assert client.venue.counters.snapshots_served == 4


async def test_the_best_prices_are_those_of_the_book() -> None:
    """With the number of the same state."""
    async with venue() as client:
        book = await answer(client, f"orderbook/{BTC}", depth=1)
        best = await answer(client, f"bbo/{BTC}")
    assert best["seq_no"] >= book["seq_no"]
    if best["seq_no"] == book["seq_no"]:
        assert [best["bid"], best["bid_size"]] == book["bids"][0]


async def test_trades_page_by_cursor() -> None:
    """Newest first, without a hole or a double between pages, and none at the end."""
    async with venue() as client:
        first = await answer(client, "trades", market=BTC, page_size=3)
        second = await answer(client, "trades", market=BTC, page_size=3, cursor=first["next"])
        whole = await results(client, "trades", market=BTC, page_size=6)
        start = whole[4]["created_at"]
        part = await answer(client, "trades", market=BTC, page_size=100, start_at=start)
    assert first["results"] + second["results"] == whole
    assert [row["created_at"] for row in whole] == sorted(
        (row["created_at"] for row in whole), reverse=True
    )
    assert part["next"] is None
    assert {row["created_at"] >= start for row in part["results"]} == {True}


async def test_trades_are_of_several_types() -> None:
    """Fills, those with the interface's own liquidity, and those by force."""
    async with venue() as client:
        rows = await results(client, "trades", market=BTC, page_size=1000)
    assert {row["trade_type"] for row in rows} == {"FILL", "RPI", "LIQUIDATION"}
    assert len({row["id"] for row in rows}) == 1000
    assert {row["side"] for row in rows} == {"BUY", "SELL"}


async def test_candles_are_numbers() -> None:
    """Oldest first; prices and volume stand without quotes, exact to the last digit.

    The hour that just began had no trade yet, and so has no candle.
    """
    start = NOON - 3 * HOUR_MS
    query = {"symbol": BTC, "resolution": "60", "start_at": start, "end_at": NOON}
    async with venue() as client:
        reply = await client.request("GET", "/v1/markets/klines", **query)
        bars = client.venue.source(BTC).bars
    rows = reply.json()["results"]
    assert [row[0] for row in rows] == [start + hour * HOUR_MS for hour in range(3)]
    assert {type(value) for row in rows for value in row} <= {int, float}
    assert bars is not None
    assert all(row[3] <= min(row[1], row[4]) <= max(row[1], row[4]) <= row[2] for row in rows)


async def test_funding_has_a_row_every_five_seconds() -> None:
    """Newest first, page after page; the rate is per the market's own period of 4 hours."""
    async with venue() as client:
        first = await answer(client, "funding/data", market=ETH, page_size=2)
        second = await answer(client, "funding/data", market=ETH, page_size=2, cursor=first["next"])
        last = await results(
            client, "funding/data", market=ETH, page_size=1, end_at=NOON - HOUR_MS - 1
        )
        none = await answer(
            client, "funding/data", market=ETH, start_at=NOON - 4000, end_at=NOON - 1
        )
    rows = first["results"] + second["results"]
    assert [row["created_at"] for row in rows] == [NOON - 5000 * n for n in range(4)]
    assert last[0]["created_at"] == NOON - HOUR_MS - 5000
    assert (none["results"], none["next"]) == ([], None)
    assert {row["funding_period_hours"] for row in rows} == {4}
    in_8_hours = Decimal(rows[0]["funding_rate_8h"])
    assert in_8_hours == 2 * Decimal(rows[0]["funding_rate"])


async def test_old_funding_rows_tell_no_period() -> None:
    """Before 2026: a period of 0, and an empty rate of 8 hours."""
    async with venue() as client:
        old, new = [
            (await results(client, "funding/data", market=BTC, page_size=1, end_at=end))[0]
            for end in (SINCE_2026 - 1, SINCE_2026)
        ]
    assert (old["funding_period_hours"], old["funding_rate_8h"]) == (0, "")
    assert "impact_premium_rate" not in old
    assert new["funding_period_hours"] == 8


async def test_the_past_stays_as_it_was() -> None:
    """The same rows after a restart."""
    asked = {"market": BTC, "page_size": 5, "end_at": NOON - HOUR_MS}
    found = []
    for _ in range(2):
        async with venue() as client:
            found.append(
                (
                    await results(client, "trades", **asked),
                    await results(client, "funding/data", **asked),
                )
            )
    assert found[0] == found[1]


@pytest.mark.parametrize(("path", "query", "status", "code"), REFUSALS)
async def test_refusals(path: str, query: dict[str, object], status: int, code: str) -> None:
    """A code, a message, nothing more; the status of the documents."""
    async with venue() as client:
        reply = await client.request("GET", f"/v1/{path}", **query)
    assert reply.status == status
    assert reply.json()["error"] == code
    assert reply.json().keys() == {"error", "message", "data"}


async def test_the_clock_and_the_state() -> None:
    """Milliseconds as text; ``ok``."""
    async with venue() as client:
        assert await answer(client, "system/time") == {"server_time": str(NOON)}
        assert await answer(client, "system/state") == {"status": "ok"}


async def test_1500_requests_a_minute() -> None:
    """Each counts one; the next is refused until the minute is over."""
    async with venue() as client:
        for _ in range(1500):
            reply = await client.request("GET", "/v1/system/state")
        assert reply.status == 200
        reply = await client.request("GET", "/v1/system/time")
    assert (reply.status, reply.headers["Retry-After"]) == (429, "60")
    assert client.venue.counters.weight_used == 1501


@pytest.mark.parametrize(("fault", "status"), [("http500:1", 500), ("429:1", 429), ("html:1", 200)])
async def test_faults_are_answered(fault: str, status: int) -> None:
    """What goes wrong on request goes wrong once."""
    async with venue(faults=(fault,)) as client:
        assert (await client.request("GET", "/v1/system/time")).status == status
        assert (await client.request("GET", "/v1/system/time")).status == 200


async def test_pages_end_where_the_market_began() -> None:
    """Before the first trade there is none: the cursor of the last page is null."""
    async with venue() as client:
        rows = (await answer(client, "trades", market=BTC, page_size=2))["results"]
        ids = [int(row["id"][-13:]) for row in rows]
    assert all(before - after == 1 for before, after in pairwise(ids))
