"""The history of open interest, as Binance gives it."""

from decimal import Decimal

from .wire import NOON, Client, Clock, Reply, simulated

HOUR_MS = 3_600_000


async def interest_history(client: Client, **query: object) -> Reply:
    path = "/futures/data/openInterestHist"
    return await client.request("GET", path, **{"symbol": "BTCUSDT", "period": "1h"} | query)


async def test_the_history_of_open_interest_is_of_thirty_days() -> None:
    """The newest 30 unless more are asked for; an earlier start is refused.

    https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api/Open-Interest-Statistics
    """
    month = 30 * 24 * HOUR_MS
    async with simulated(clock=Clock()) as client:
        usual = (await interest_history(client)).json()
        whole = (await interest_history(client, period="6h", limit=500)).json()
        part = await interest_history(client, startTime=NOON - month, limit=3)
        span = {"startTime": NOON - 5 * HOUR_MS, "endTime": NOON - 2 * HOUR_MS - 1}
        between = (await interest_history(client, **span)).json()
        now = await client.rows("openInterest", symbol="BTCUSDT")
        refused = [
            await interest_history(client, **query)
            for query in (
                {"startTime": NOON - month - 1},
                {"limit": 501},
                {"period": "1m"},
                {"period": ""},
                {"symbol": "NOSUCH"},
            )
        ]
    assert [row["timestamp"] for row in usual] == [NOON - n * HOUR_MS for n in range(29, -1, -1)]
    assert [row["timestamp"] for row in whole] == [
        NOON - n * 6 * HOUR_MS for n in range(120, -1, -1)
    ]
    assert [row["timestamp"] for row in part.json()] == [NOON - n * HOUR_MS for n in (2, 1, 0)]
    assert [row["timestamp"] for row in between] == [NOON - n * HOUR_MS for n in (5, 4, 3)]
    assert Decimal(usual[-1]["sumOpenInterest"]) == Decimal(now["openInterest"])
    assert [(reply.status, reply.json()["code"]) for reply in refused] == [
        *((400, code) for code in (-1130, -1130, -1130, -1102, -1121))
    ]


async def test_statistics_are_counted_apart() -> None:
    """1000 in five minutes; they weigh nothing in the minute."""
    async with simulated(clock=Clock()) as client:
        replies = [await interest_history(client, limit=1) for _ in range(1001)]
        assert {reply.status for reply in replies[:1000]} == {200}
        assert {reply.headers["X-MBX-USED-WEIGHT-1M"] for reply in replies} == {"0"}
        assert (replies[1000].status, replies[1000].headers["Retry-After"]) == (429, "300")
        assert (await client.ask("ping")).status == 200


async def test_what_trades_no_more_has_no_history() -> None:
    """Nor has Aster of anybody: its documents know no such question."""
    async with simulated(clock=Clock()) as client:
        assert (await interest_history(client, symbol="BTCSTUSDT")).json() == []
    async with simulated(clock=Clock(), exchange="aster") as client:
        assert (await interest_history(client)).status == 404
