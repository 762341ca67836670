"""Our stream to a hundred clients: see ``told.py``. Its one mode is ``burst``.

``fanout.py crowd``: to five hundred, of whom five never read.
"""

import asyncio
import logging
import sys
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from resource import RUSAGE_SELF, getrusage

import msgspec
import structlog
import uvloop
from litestar import Litestar
from msgspec import Struct
from told import AT_ONCE, CLIENTS, DELIVERED, FRAME, cost, heard, hearers

from perps_stats.api import listen, serve_on
from perps_stats.api.guard import Admission, Keyring, Rules
from perps_stats.api.live import PATH, Hub, Limits, protocol_of
from perps_stats.core.keys import Key
from perps_stats.core.live import BOOK_LEVELS, Stop, Told
from perps_stats.core.types import Liquidation, Side, Trade

MARKETS = [("binance", f"C{number:02}") for number in range(AT_ONCE)]
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CROWD, DEAF = 500, 5
CROWD_SECONDS = 20
TICK_SECONDS = 0.1
ALL = {"exchange": "*", "symbol": "*"}


class Spoken:
    """Whatever is said happens now."""

    def __init__(self) -> None:
        self.followers: defaultdict[tuple[str, str, str], list[Told]] = defaultdict(list)

    def markets(self) -> Sequence[tuple[str, str]]:
        return MARKETS

    def simulated(self) -> Mapping[str, bool]:
        return {"binance": True}

    def newest(
        self, data_set: str, exchange: str, symbol: str, depth: int = BOOK_LEVELS
    ) -> Sequence[Struct]:
        del data_set, exchange, symbol, depth
        return ()

    def version(self, data_set: str, exchange: str, symbol: str) -> int:
        del data_set, exchange, symbol
        return 0

    def follow(self, data_set: str, exchange: str, symbol: str, told: Told) -> Stop:
        followers = self.followers[data_set, exchange, symbol]
        followers.append(told)
        return partial(followers.remove, told)

    def say(self, data_set: str, row: Struct, market: tuple[str, str]) -> None:
        for told in self.followers[(data_set, *market)]:
            told((row,))


async def no_keys() -> Sequence[Key]:
    return ()


@asynccontextmanager
async def streaming(source: Spoken) -> AsyncGenerator[tuple[Hub, int]]:
    """The hub and its port."""
    keyring = Keyring((), now=lambda: datetime.now(UTC), seconds=time.monotonic)
    await keyring.read(no_keys)
    admission = Admission(keyring, Rules(), time.monotonic)
    now = partial(datetime.now, UTC)
    hub = Hub(source, admission, Limits(), now=now, seconds=time.monotonic)
    listener, until = listen("127.0.0.1", 0), asyncio.Event()
    port = listener.getsockname()[1]
    serving = asyncio.create_task(serve_on(Litestar([]), listener, until, stream=protocol_of(hub)))
    try:
        yield hub, port
    finally:
        until.set()
        await serving


def asking(data_set: str) -> bytes:
    return msgspec.json.encode({"op": "subscribe", "channels": [{"data_set": data_set, **ALL}]})


def forced(symbol: str) -> Liquidation:
    """The shortest row there is."""
    return Liquidation(
        exchange="binance",
        symbol=symbol,
        price=Decimal("61659.70"),
        quantity=Decimal("0.001"),
        side=Side.BUY,
        timestamp=NOW,
    )


async def bursts() -> tuple[float, str]:
    source = Spoken()
    async with streaming(source) as (hub, port):
        process = await hearers(port, PATH, asking("liquidations"))
        while sum(len(client.topics) for client in hub.clients) < CLIENTS * AT_ONCE:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        before = hub.counts["bytes"]

        async def burst(_number: int) -> None:
            for market in MARKETS:
                source.say("liquidations", forced(market[1]), market)
            hub.tick()

        seconds = await cost(burst)
        await heard(process)
        assert (hub.counts["messages"], hub.counts["conflated"]) == (DELIVERED, 0)
        assert hub.counts["bytes"] - before == DELIVERED * FRAME
    return seconds, f"{DELIVERED}"


async def crowd() -> str:
    """Delays of those who read (half, 99 %, worst, seconds), growth of this process (MB), what
    became of the deaf.
    """
    source = Spoken()
    async with streaming(source) as (hub, port):
        process = await hearers(port, PATH, asking("trades"), CROWD, DEAF)
        while sum(len(client.topics) for client in hub.clients) < CROWD * AT_ONCE:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        before = getrusage(RUSAGE_SELF).ru_maxrss
        for _ in range(round(CROWD_SECONDS / TICK_SECONDS)):
            began = time.monotonic()
            for market in MARKETS[:20]:
                source.say("trades", traded(market[1]), market)
            hub.tick()
            await asyncio.sleep(max(TICK_SECONDS - (time.monotonic() - began), 0))
        _, *delays = await heard(process)
        left = dict(hub.closed)
    growth = (getrusage(RUSAGE_SELF).ru_maxrss - before) / 1024
    return f"{' '.join(map(str, delays))} {growth:.1f} {left.get(1013, 0)}"


def traded(symbol: str) -> Trade:
    """Its id is the time at which it is told."""
    return Trade(
        exchange="binance",
        symbol=symbol,
        id=str(time.monotonic_ns()),
        price=Decimal("61659.70"),
        quantity=Decimal("0.001"),
        side=Side.BUY,
        timestamp=NOW,
    )


def main() -> None:
    quiet = structlog.make_filtering_bound_logger(logging.ERROR)
    structlog.configure(wrapper_class=quiet)
    if sys.argv[1:] == ["crowd"]:
        print(uvloop.run(crowd()))
        return
    print("ready", DELIVERED, flush=True)
    for _ in sys.stdin:
        seconds, check = uvloop.run(bursts())
        print(seconds, check, flush=True)


if __name__ == "__main__":
    main()
