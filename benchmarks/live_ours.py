"""perps-stats on the source's socket: connect, decode, keep 200 verified books, make rows.

Speaks the protocol of ``rounds.py``; a mode is the port. Rows are counted and let go: the peer
has an empty callback.
"""

import asyncio
import sys
import time
from collections import Counter
from datetime import UTC, datetime

import uvloop
from source import EACH, SYMBOLS, native
from tape import read_tape

from perps_stats.core.stored import Row
from perps_stats.core.types import Gap, Market
from perps_stats.exchanges import EXCHANGES
from perps_stats.exchanges.contract import Answer, Ask
from perps_stats.exchanges.events import BookSnapshot, Channel
from perps_stats.feed.budget import Budget
from perps_stats.feed.client import ExchangeClient
from perps_stats.feed.flow import replay
from perps_stats.ingest.collector import Collector, Listening
from perps_stats.ingest.grids import Grids
from perps_stats.ingest.market import Sink
from perps_stats.ingest.outside import Outside
from perps_stats.net.websocket import WebSocketLimits

CHANNELS = (Channel.ORDERBOOK, Channel.BEST, Channel.TRADES)
EXCHANGE = EXCHANGES["binance"]
NEVER = 1e9
"""Seconds of exchange time between two samples: the peer takes none."""
NO_SAMPLES = Grids(
    figures=NEVER, stored=NEVER, books=NEVER, tickers=NEVER, funding=NEVER, compare=0.0
)


class Counted:
    """Takes rows and gaps, and lets them go."""

    def __init__(self) -> None:
        self.rows: Counter[str] = Counter()

    def keep(self, data_set: str, _row: Row) -> None:
        self.rows[data_set] += 1

    def keep_gap(self, gap: Gap) -> None:
        raise AssertionError(f"a gap on a whole tape: {gap}")


async def no_question(ask: Ask) -> Answer:
    raise AssertionError(f"asked {ask}")


def market(number: int) -> Market:
    return Market(
        exchange="binance",
        symbol=f"C{number:03}",
        native=native(number),
        contract=f"C{number:03}-USDT-PERP",
        base=f"C{number:03}",
        quote="USDT",
        settle="USDT",
        price_scale=2,
        quantity_scale=3,
    )


CLIENT = ExchangeClient(
    EXCHANGE,
    no_question,
    now=lambda: datetime.now(UTC),
    report=print,
    lock=asyncio.Lock(),
)


def collector_of(
    address: str,
    path: str,
    snapshot: bytes,
    sink: Sink,
    *,
    grids: Grids = NO_SAMPLES,
    outside: Outside | None = None,
) -> Collector:
    assert EXCHANGE.stream
    assert EXCHANGE.book_snapshot
    book_snapshot = EXCHANGE.book_snapshot

    async def fetch(of: Market, depth: int | None) -> BookSnapshot:
        return replay(book_snapshot(of, depth), [snapshot])

    return Collector(
        listening=Listening(
            EXCHANGE.stream, address, dict.fromkeys(CHANNELS, path), list(CHANNELS)
        ),
        markets=[(market(number), number + 1) for number in range(SYMBOLS)],
        send=no_question,
        fetch=fetch,
        client=CLIENT,
        budget=Budget(EXCHANGE.rest.limits),
        sink=sink,
        grids=grids,
        limits=WebSocketLimits(),
        outside=outside or Outside(),
    )


async def one_round(port: str, snapshot: bytes) -> tuple[float, str]:
    """Seconds of CPU, and the best prices that most books end with."""
    collector = collector_of(f"ws://127.0.0.1:{port}", "/fast", snapshot, Counted())
    stop = asyncio.Event()
    began = time.process_time()
    task = asyncio.create_task(collector.run(stop))
    while not has_all(collector):  # noqa: ASYNC110 the program tells nobody when it has
        await asyncio.sleep(0.005)
    seconds = time.process_time() - began
    tops = Counter(str(top_of(collector, number)) for number in range(SYMBOLS))
    stop.set()
    await task
    return seconds, tops.most_common(1)[0][0]


def has_all(collector: Collector) -> bool:
    whole = collector.counts()["frames"] >= SYMBOLS * EACH
    return whole and all(feed.book.verified for feed in collector.feeds.values())


def top_of(collector: Collector, number: int) -> str:
    top = collector.feeds[native(number)].book.orderbook(1)
    return f"{top.bids[0].price} {top.asks[0].price}"


def main() -> None:
    snapshot, _ = read_tape()
    print("ready", SYMBOLS * EACH, flush=True)
    for port in sys.stdin:
        seconds, check = uvloop.run(one_round(port.strip(), snapshot))
        print(seconds, check, flush=True)


if __name__ == "__main__":
    main()
