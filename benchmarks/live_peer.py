"""cryptofeed on the source's socket, in its own environment: its connection, parser, books.

Speaks the protocol of ``rounds.py``; a mode is the port.
"""

import asyncio
import logging
import sys
import time
from collections import Counter
from decimal import Decimal

import uvloop
from cryptofeed.connection import WSAsyncConn
from cryptofeed.connection_handler import ConnectionHandler
from cryptofeed.defines import L2_BOOK, TICKER, TRADES
from cryptofeed.exchanges import BinanceFutures
from cryptofeed.symbols import Symbols
from peer import Recorded, ignore
from source import EACH, SYMBOLS, native
from tape import read_tape

NATIVES = [native(number) for number in range(SYMBOLS)]
PAIRS = {f"{name.removesuffix('USDT')}-USDT-PERP": name for name in NATIVES}
logging.disable(logging.CRITICAL)


def a_feed(snapshot: bytes) -> BinanceFutures:
    Symbols.set(BinanceFutures.id, PAIRS, {"instrument_type": dict.fromkeys(PAIRS, "perpetual")})
    feed = BinanceFutures(
        symbols=list(PAIRS),
        channels=[L2_BOOK, TRADES, TICKER],
        callbacks={L2_BOOK: ignore, TRADES: ignore, TICKER: ignore},
    )
    feed._reset()
    feed.http_conn = Recorded(snapshot)
    return feed


def connection_to(port: str, feed: BinanceFutures) -> WSAsyncConn:
    """As its own ``Feed.connect`` makes it; it takes no plain address but a changed one."""
    options = feed.websocket_endpoints[0].options
    connection = WSAsyncConn("wss://source", feed.id, **options)
    connection.address = f"ws://127.0.0.1:{port}/fast"
    return connection


async def nothing(_connection: object) -> None:
    return


async def one_round(port: str, snapshot: bytes) -> tuple[float, str]:
    feed = a_feed(snapshot)
    all_came, frames, handle = asyncio.Event(), 0, feed.message_handler

    async def count(message: str, connection: WSAsyncConn, received: float) -> None:
        nonlocal frames
        await handle(message, connection, received)
        frames += 1
        if frames == SYMBOLS * EACH:
            all_came.set()

    began = time.process_time()
    connection = connection_to(port, feed)
    handler = ConnectionHandler(connection, nothing, count, nothing, retries=0)
    handler.start(asyncio.get_running_loop())
    await all_came.wait()
    seconds = time.process_time() - began
    handler.running = False
    await connection.close()
    tops = Counter(top_of(feed, pair) for pair in PAIRS)
    return seconds, tops.most_common(1)[0][0]


def top_of(feed: BinanceFutures, pair: str) -> str:
    book = feed._l2_book[pair].book
    return f"{Decimal(book.bids.index(0)[0])} {Decimal(book.asks.index(0)[0])}"


def main() -> None:
    snapshot, _ = read_tape()
    print("ready", SYMBOLS * EACH, flush=True)
    for port in sys.stdin:
        seconds, check = uvloop.run(one_round(port.strip(), snapshot))
        print(seconds, check, flush=True)


if __name__ == "__main__":
    main()
