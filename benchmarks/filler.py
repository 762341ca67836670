"""perps-stats fills candles back, as its command does: a contestant of ``pages.py``.

``python benchmarks/filler.py EXCHANGE DATABASE DAYS``. A mode a line: how many candles a request
asks for. Answers with the seconds of CPU of this process, and how many candles are stored.
"""

import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from candles import NAMES

from perps_stats.cli.service import run_fast
from perps_stats.core.spans import Span
from perps_stats.core.types import Market
from perps_stats.database.repository import open_repository
from perps_stats.exchanges.binance import BINANCE
from perps_stats.exchanges.binance.past import page_query, read_candles
from perps_stats.exchanges.candles import candles
from perps_stats.exchanges.contract import (
    Candles,
    Exchange,
    Flow,
    Limit,
    PageSize,
    Request,
    Window,
    request,
)
from perps_stats.feed.client import ExchangeClient
from perps_stats.ingest.backfill.backfill import Backfill, Origin, Wish
from perps_stats.net.http import HttpLimits, HttpSender, http_session

START = datetime(2024, 1, 1, tzinfo=UTC)
NO_LIMIT = Limit(10**9, 60)


def in_pages_of(size: int) -> Exchange:
    """Binance, without its limit, asked for so many candles at once."""

    def klines(market: Market, interval: str, window: Window, limit: int | None) -> Flow[Candles]:
        def ask(first: int, last: int, rows: int) -> Request:
            of = page_query(market, first, last, rows) | {"interval": interval}
            return request("/fapi/v1/klines", of)

        return candles(ask, read_candles, window, limit, interval=interval, page_size=size)

    rest = replace(BINANCE.rest, limits={"": NO_LIMIT, "funding": NO_LIMIT})
    return replace(BINANCE, rest=rest, klines=klines, kline_page=lambda _: PageSize(size - 1))


async def filled(size: int, url: str, database: str, days: int) -> tuple[float, int]:
    exchange, limits = in_pages_of(size), HttpLimits()
    wish = Wish(
        symbols=NAMES, data=["klines"], intervals=["1m"], span=Span(START, START + timedelta(days))
    )
    async with http_session(limits) as session, open_repository(database, Path()) as repository:
        sender = HttpSender(exchange.rest, url, session, limits)
        client = ExchangeClient(exchange, sender.send, now=lambda: datetime.now(UTC))
        backfill = Backfill([Origin(client, sender)], repository, now=lambda: datetime.now(UTC))
        plan = await backfill.plan(wish)
        began = time.process_time()
        outcomes = await backfill.run(plan)
        seconds = time.process_time() - began
    return seconds, sum(outcome.written.new for outcome in outcomes)


def main() -> None:
    url, database, days = sys.argv[1:]
    print("ready", flush=True)
    for mode in sys.stdin:
        print(*run_fast(filled(int(mode), url, database, int(days))), flush=True)


if __name__ == "__main__":
    main()
