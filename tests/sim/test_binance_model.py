"""The streams of the model agree with its REST answers and with the truth."""

from decimal import Decimal

import pytest

from .wire import Clock, Json, Replica, passing, receive, simulated

MINUTE_MS = 60_000


@pytest.mark.parametrize(
    ("symbol", "speed"), [("BTCUSDT", "@0ms"), ("BTCUSDT", "@100ms"), ("1000PEPEUSDT", "")]
)
async def test_snapshot_and_diffs_make_the_true_book(symbol: str, speed: str) -> None:
    """A book joined by the published rule equals the truth at the same update id."""
    async with (
        simulated(symbols=("BTC",), clock=Clock(rate=5.0)) as client,
        client.connect(f"/public/ws/{symbol.lower()}@depth{speed}") as stream,
    ):
        early = await receive(stream, 2)
        replica = Replica(await client.rows("depth", symbol=symbol, limit=1000))
        replica.apply_all([*early, *await receive(stream, 20)])
        truth = client.rested(symbol)
        await replica.follow(stream, truth.last_update_id)
        assert replica.agrees_with(truth)


async def test_a_snapshot_lies_within_the_next_diff() -> None:
    """Whoever asks between two diffs can join at once: U <= lastUpdateId <= u."""
    async with (
        simulated(symbols=("BTC",), clock=Clock(rate=5.0)) as client,
        client.connect("/public/ws/btcusdt@depth@500ms") as stream,
    ):
        await receive(stream, 1)
        snapshot = await client.rows("depth", symbol="BTCUSDT", limit=1000)
        (diff,) = await receive(stream, 1)
        while diff["u"] < snapshot["lastUpdateId"]:
            (diff,) = await receive(stream, 1)
        assert diff["U"] <= snapshot["lastUpdateId"] <= diff["u"]
        Replica(snapshot).apply(diff)


async def test_a_diff_tells_changes_alone() -> None:
    """Hardly a level is told that the book already had: an order may be replaced by its like."""
    told, known = 0, 0
    async with (
        simulated(symbols=("BTC",)) as client,
        client.connect("/public/ws/btcusdt@depth@0ms") as stream,
    ):
        await receive(stream, 1)
        replica = Replica(await client.rows("depth", symbol="BTCUSDT", limit=1000))
        await replica.follow(stream, replica.last + 1)
        while told < 100:
            (diff,) = await receive(stream, 1)
            levels = [(Decimal(price), Decimal(size)) for price, size in diff["b"]]
            told += len(levels)
            known += sum(replica.bids.get(p) == q for p, q in levels)
            replica.apply(diff)
    assert known < told / 10


async def test_partial_books_are_the_top_of_the_book() -> None:
    """depth5 carries the best five of each side, whole, in every frame."""
    async with (
        simulated(symbols=("BTC",)) as client,
        client.connect("/public/ws/btcusdt@depth5@0ms") as stream,
    ):
        frames = await receive(stream, 10)
        truth = client.rested()
        while frames[-1]["u"] < truth.last_update_id:
            frames += await receive(stream, 1)
    assert {(len(frame["b"]), len(frame["a"])) for frame in frames} == {(5, 5)}
    bids = [(Decimal(price), Decimal(size)) for price, size in frames[-1]["b"]]
    assert bids == list(truth.bids[:5])


async def test_trades_happen_at_the_best_price() -> None:
    """A taker who buys pays the best ask last told, one who sells gets the best bid."""
    path = "/public/ws/solusdt@bookTicker/solusdt@trade"
    top: Json = None
    checked = 0
    async with (
        simulated(symbols=("SOL",), clock=Clock(rate=30.0)) as client,
        client.connect(path) as stream,
    ):
        while checked <= 50:
            (frame,) = await receive(stream, 1)
            if frame["e"] == "bookTicker":
                assert Decimal(frame["b"]) < Decimal(frame["a"])
                top = frame
            elif top is not None and frame["X"] == "MARKET":
                assert frame["p"] == (top["b"] if frame["m"] else top["a"])
                checked += 1


async def test_the_top_of_the_book_agrees_with_the_diffs() -> None:
    """Wherever a bookTicker has the id of a diff, price and quantity are the rebuilt book's."""
    path = "/public/ws/solusdt@depth@0ms/solusdt@bookTicker"
    async with (
        simulated(symbols=("SOL",), clock=Clock(rate=5.0)) as client,
        client.connect(path) as stream,
    ):
        await receive(stream, 3)
        replica = Replica(await client.rows("depth", symbol="SOLUSDT", limit=1000))
        shared, tops = 0, {}
        while shared < 5:
            (frame,) = await receive(stream, 1)
            if frame["e"] == "bookTicker":
                tops[frame["u"]] = frame
                continue
            replica.apply(frame)
            if top := tops.get(replica.last):
                bid, ask = max(replica.bids), min(replica.asks)
                assert (Decimal(top["b"]), Decimal(top["B"])) == (bid, replica.bids[bid])
                assert (Decimal(top["a"]), Decimal(top["A"])) == (ask, replica.asks[ask])
                shared += 1


async def test_a_closed_candle_is_told_once_and_is_that_of_rest_and_of_its_trades() -> None:
    """Stream, klines and aggTrades give one minute the same figures."""
    path = "/market/stream?streams=ethusdt@kline_1m/ethusdt@aggTrade"
    closed: list[Json] = []
    trades: list[Json] = []
    async with (
        simulated(symbols=("ETH",), clock=Clock(rate=120.0)) as client,
        client.connect(path) as stream,
    ):
        while len(closed) < 3:
            (frame,) = await receive(stream, 1)
            data = frame["data"]
            if data["e"] == "aggTrade":
                trades.append(data)
            elif data["k"]["x"]:
                closed.append(data["k"])
        candle = closed[1]
        (row,) = await client.rows(
            "klines", symbol="ETHUSDT", interval="1m", startTime=candle["t"], limit=1
        )
    assert [k["t"] for k in closed] == [closed[0]["t"] + i * MINUTE_MS for i in range(3)]
    names = ["t", "o", "h", "l", "c", "v", "T", "q", "n", "V", "Q", "B"]
    assert [candle[name] for name in names] == row
    inside = [t for t in trades if candle["t"] <= t["T"] <= candle["T"]]
    assert sum(Decimal(t["q"]) for t in inside) == Decimal(candle["v"])
    assert sum(Decimal(t["q"]) * Decimal(t["p"]) for t in inside) == Decimal(candle["q"])
    assert (inside[0]["p"], inside[-1]["p"]) == (candle["o"], candle["c"])
    assert (inside[0]["f"], inside[-1]["l"]) == (candle["f"], candle["L"])
    assert sum(t["l"] - t["f"] + 1 for t in inside) == candle["n"]


async def test_ids_of_trades_run_without_a_hole() -> None:
    """Single trades are numbered one by one; those that were no market trade say so."""
    clock = Clock()
    async with (
        simulated(symbols=("BTC",), clock=clock) as client,
        client.connect("/public/ws/btcusdt@trade") as stream,
    ):
        frames = await passing(clock, receive(stream, 1500), step_ms=10_000)
    ids = [frame["t"] for frame in frames]
    assert ids == list(range(ids[0], ids[0] + len(ids)))
    kinds = [frame["X"] for frame in frames]
    assert 1 <= kinds.count("INSURANCE_FUND") <= 4
    assert set(kinds) == {"MARKET", "INSURANCE_FUND"}
