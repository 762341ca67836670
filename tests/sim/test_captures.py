"""The recorded Binance tapes through the simulator. Needs PERPS_STATS_CAPTURES."""

import gzip
import json
import os
from decimal import Decimal
from pathlib import Path

import aiohttp
import pytest

from .wire import Client, Replica, next_message, simulated

CAPTURES = os.environ.get("PERPS_STATS_CAPTURES", "")
USD_M = "binance/ws/continuous_btcusdt_depth0ms_trade_bookTicker_20240808.jsonl.gz"
COIN_M = "binance/ws/continuous_COINM_btcusd_perp_20240808.jsonl.gz"

pytestmark = pytest.mark.skipif(
    not CAPTURES, reason="PERPS_STATS_CAPTURES does not name the folder of recorded traffic"
)


def recorded(name: str) -> tuple[list[str], str]:
    """Frames and the order book's body as they were received."""
    with gzip.open(Path(CAPTURES) / name, "rt") as lines:
        rows = [json.loads(line) for line in lines]
    frames = [row["raw"] for row in rows if row["src"] == "ws"]
    return frames, next(row["raw"] for row in rows if row["src"] == "rest")


async def played(client: Client, stream: str, count: int) -> list[str]:
    async with client.connect(f"/public/stream?streams={stream}") as socket:
        messages: list[aiohttp.WSMessage] = [await next_message(socket) for _ in range(count)]
    assert {message.type for message in messages} == {aiohttp.WSMsgType.TEXT}
    return [message.data for message in messages]


@pytest.mark.parametrize(
    ("name", "symbol", "best"),
    [
        (USD_M, "BTCUSDT", ("61659.70", "61659.80")),
        (COIN_M, "BTCUSD_PERP", ("61668.6", "61668.7")),
    ],
)
async def test_a_recorded_tape_arrives_whole_and_ends_in_its_known_book(
    name: str, symbol: str, best: tuple[str, str]
) -> None:
    """Every frame in order and to the byte; the recorded snapshot; the final best prices."""
    frames, body = recorded(name)
    async with simulated(tape=Path(CAPTURES) / name, speed="max") as client:
        assert await played(client, f"{symbol.lower()}@depth@100ms", len(frames)) == frames
        assert (await client.ask("depth", symbol=symbol, limit=1000)).body == body.encode()
        truth = client.truth(symbol)
        assert (truth.bids[0][0], truth.asks[0][0]) == tuple(map(Decimal, best))
        replica = Replica(json.loads(body))
        for frame in frames:
            if "@depth" in frame[:40]:
                replica.apply(json.loads(frame)["data"])
        assert replica.last == truth.last_update_id
        assert replica.bids == dict(truth.bids)
        assert replica.asks == dict(truth.asks)
