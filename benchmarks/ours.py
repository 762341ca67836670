"""perps-stats on the tape: decode, set aside what was not asked for, keep a verified book.

Speaks the protocol of ``rounds.py``. Modes: ``compiled``, ``plain``, and each with ``+bands``: all
seven liquidity bands of both sides after every depth update.
"""

import sys
import time
from collections.abc import Callable

from tape import read_tape

from perps_stats.aggregator.liquidity import TENTHS, calculate_liquidity_depth
from perps_stats.core.types import Market
from perps_stats.exchanges import EXCHANGES
from perps_stats.exchanges.contract import Subscription
from perps_stats.exchanges.events import BookDelta, Channel
from perps_stats.feed.book import LiveBook
from perps_stats.feed.flow import replay
from perps_stats.feed.session import Session

CHANNELS = (Channel.ORDERBOOK, Channel.BEST, Channel.TRADES)
EXCHANGE = EXCHANGES["binance"]
MARKET = Market(
    exchange="binance",
    symbol="BTC",
    native="BTCUSDT",
    contract="BTC-USDT-PERP",
    base="BTC",
    quote="USDT",
    settle="USDT",
    price_scale=2,
    quantity_scale=3,
)


def one_round(mode: str, snapshot: bytes, frames: list[bytes]) -> tuple[float, str]:
    """Seconds of CPU, and the best prices at the end."""
    assert EXCHANGE.stream
    session = Session(EXCHANGE.stream, Subscription(channels=CHANNELS, markets=(MARKET,)), 0.0)
    book = LiveBook(MARKET, compiled=mode.startswith("compiled"))
    assert EXCHANGE.book_snapshot
    start = replay(EXCHANGE.book_snapshot(MARKET, None), [snapshot])
    bands = bands_of(book, mode) if mode.endswith("+bands") else None
    pending = True
    receive = session.received
    began = time.process_time()
    for frame in frames:
        for event in receive(frame, 0.0):
            if type(event) is not BookDelta:
                continue
            if pending:
                if event.last < start.last:
                    continue
                book.start(start)
                pending = False
            book.apply(event)
            if bands is not None:
                bands()
    seconds = time.process_time() - began
    top = book.orderbook(1)
    return seconds, f"{top.bids[0].price} {top.asks[0].price}"


def bands_of(book: LiveBook, mode: str) -> Callable[[], object]:
    if mode.startswith("compiled"):
        return lambda: book.ladder(TENTHS)
    return lambda: calculate_liquidity_depth(book.known_orderbook(0.0101))


def main() -> None:
    snapshot, frames = read_tape()
    print("ready", len(frames), flush=True)
    for mode in sys.stdin:
        seconds, check = one_round(mode.strip(), snapshot, frames)
        print(seconds, check, flush=True)


if __name__ == "__main__":
    main()
