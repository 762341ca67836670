"""The clock of the stream: what the exchange said reaches who asked, over every cut, once."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TypeAlias

import pytest
from tests.api.guard.known import admission
from tests.api.live.spoken import Heard, Stream, serving

from perps_stats.api.live import Hub, Limits
from perps_stats.app.live import LiveFeeds
from perps_stats.app.ticking import keep_ticking
from perps_stats.core.times import to_us
from perps_stats.database.repository import PostgresRepository
from perps_stats.sim import Simulator

from .listening import listening, so

Traded: TypeAlias = tuple[int, Decimal, Decimal]
"""Milliseconds, price, quantity."""
BTC = {"data_set": "trades", "exchange": "binance", "symbol": "BTC"}
CUTS = 10
MANY = 20_000
"""More trades than there are in the time of a test."""
MESSAGES = 4
"""Between two cuts."""
now = partial(datetime.now, UTC)


async def hear_until_cut(client: Heard, seq: int | None) -> tuple[list[dict[str, object]], int]:
    """Some messages, from a number on; then the line is cut in the middle of whatever comes."""
    channel = BTC if seq is None else {**BTC, "from": seq}
    await client.ask("subscribe", channels=[channel])
    assert (await client.told()).type == "subscribed"
    rows: list[dict[str, object]] = []
    for place in range(MESSAGES):
        message = await client.told()
        assert message.type == ("snapshot" if seq is None and place == 0 else "update")
        rows += message.data
        last = message.seq
    client.socket.transport.abort()
    return rows, last


async def hear(stream: Stream) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    seq: int | None = None
    for _ in range(CUTS):
        async with stream.client() as client:
            more, seq = await hear_until_cut(client, seq)
            rows += more
    return rows


def true_trades(simulator: Simulator) -> list[Traded]:
    source = simulator.venues["binance"].source("BTCUSDT")
    told = [one for one in source.trades(MANY) if one.market]
    return [(one.time, Decimal(one.price), Decimal(one.quantity)) for one in told]


def traded(row: dict[str, object]) -> Traded:
    time = to_us(datetime.fromisoformat(str(row["timestamp"]))) // 1000
    return time, Decimal(str(row["price"])), Decimal(str(row["quantity"]))


async def test_over_cuts_no_trade_is_lost_or_repeated(
    repository: PostgresRepository, tmp_path: Path
) -> None:
    """Who is cut off ten times hears what the simulated exchange traded, each trade once."""
    async with listening(repository, tmp_path) as (feeds, simulator):
        await so(lambda: bool(feeds.newest("trades", "binance", "BTC")))
        hub = Hub(feeds, await admission(), Limits(), now=now, seconds=monotonic)
        async with serving(hub) as stream:
            ticking = asyncio.create_task(keep_ticking(feeds, hub, 0.05))
            rows = await hear(stream)
            ticking.cancel()
        truth = true_trades(simulator)
    assert len({row["id"] for row in rows}) == len(rows) > CUTS * MESSAGES / 2
    heard = sorted(traded(row) for row in rows)
    first, last = heard[0][0], heard[-1][0]
    within = [one for one in heard if first < one[0] < last]
    assert within == sorted(one for one in truth if first < one[0] < last)


class Failing(LiveFeeds):
    """It fails when it is asked for the first time."""

    asked = 0

    def advance(self) -> None:
        self.asked += 1
        if self.asked == 1:
            raise RuntimeError("once")


async def test_one_bad_tick_is_told_and_the_next_comes(capsys: pytest.CaptureFixture[str]) -> None:
    """Collecting, in the same process, is not to suffer from it."""
    live = Failing()
    hub = Hub(live, await admission(), Limits(), now=now, seconds=monotonic)
    ticking = asyncio.create_task(keep_ticking(live, hub, 0.001))
    await so(lambda: live.asked > 2)
    ticking.cancel()
    assert "a tick of the stream failed" in capsys.readouterr().out
