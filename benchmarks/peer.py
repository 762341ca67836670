"""cryptofeed on the tape, in its own environment: its parser, types and book, an empty callback.

Speaks the protocol of ``rounds.py``: a mode a line in, seconds of CPU and a check out.
"""

import asyncio
import logging
import sys
import time
from decimal import Decimal

from cryptofeed.defines import L2_BOOK, TICKER, TRADES
from cryptofeed.exchanges import BinanceFutures
from cryptofeed.symbols import Symbols
from tape import read_tape

PAIR = "BTC-USDT-PERP"
logging.disable(logging.CRITICAL)


class Recorded:
    """Answers the snapshot request from the tape."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def read(self, _address: str) -> str:
        return self._body.decode()


async def ignore(_what: object, _receipt: float) -> None:
    return


def a_feed(snapshot: bytes) -> BinanceFutures:
    Symbols.set(BinanceFutures.id, {PAIR: "BTCUSDT"}, {"instrument_type": {PAIR: "perpetual"}})
    feed = BinanceFutures(
        symbols=[PAIR],
        channels=[L2_BOOK, TRADES, TICKER],
        callbacks={L2_BOOK: ignore, TRADES: ignore, TICKER: ignore},
    )
    feed._reset()
    feed.http_conn = Recorded(snapshot)
    return feed


async def one_round(snapshot: bytes, frames: list[str]) -> tuple[float, str]:
    feed = a_feed(snapshot)
    handle = feed.message_handler
    began = time.process_time()
    for frame in frames:
        await handle(frame, None, 0.0)
    seconds = time.process_time() - began
    book = feed._l2_book[PAIR].book
    return seconds, f"{Decimal(book.bids.index(0)[0])} {Decimal(book.asks.index(0)[0])}"


def main() -> None:
    snapshot, frames = read_tape()
    texts = [frame.decode() for frame in frames]
    print("ready", len(texts), flush=True)
    for _mode in sys.stdin:
        seconds, check = asyncio.run(one_round(snapshot, texts))
        print(seconds, check, flush=True)


if __name__ == "__main__":
    main()
