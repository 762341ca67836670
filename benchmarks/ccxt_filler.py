"""ccxt fills candles back, in its own environment: a contestant of ``pages.py``.

The plainest program: ``fetch_ohlcv`` in a loop, eight markets at once, and an insert: ``execute``
for each candle or ``executemany`` for each page. ``floats`` is what costs it least: the server
makes times and numbers out of ccxt's floats. Arguments and answers as of ``filler.py``.
"""

import asyncio
import sys
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TypeAlias

import asyncpg
import ccxt.async_support as ccxt
import uvloop
from candles import LONGEST, MINUTE, NAMES

START = 1_704_067_200_000
LENGTH = timedelta(minutes=1)
COLUMNS = 'market_id, "interval", ts, close_time, open, high, low, close, volume, closed'
INTO = f"insert into klines ({COLUMNS})"
EXACT = f"{INTO} values ($1, '1m', $2, $3, $4, $5, $6, $7, $8, true) on conflict do nothing"
FLOATS = f"""
{INTO} values (
    $1, '1m', to_timestamp($2::float8 / 1000), to_timestamp($2::float8 / 1000) + interval '1 min',
    $3::float8, $4::float8, $5::float8, $6::float8, $7::float8, true
)
on conflict do nothing
"""
Candle: TypeAlias = "list[float]"


def exchange_at(url: str) -> ccxt.binanceusdm:
    exchange = ccxt.binanceusdm({"enableRateLimit": False, "options": {"fetchCurrencies": False}})
    for name, address in exchange.urls["api"].items():
        if isinstance(address, str) and "fapi.binance.com" in address:
            exchange.urls["api"][name] = url + address.partition("fapi.binance.com")[2]
    return exchange


async def filled(mode: str, url: str, database: str, days: int) -> tuple[float, int]:
    exchange = exchange_at(url)
    pool = await asyncpg.create_pool(database, min_size=len(NAMES), max_size=len(NAMES))
    try:
        await exchange.load_markets()
        began = time.process_time()
        some = [fill(mode, exchange, pool, number, days) for number in range(len(NAMES))]
        rows = sum(await asyncio.gather(*some))
        return time.process_time() - began, rows
    finally:
        await exchange.close()
        await pool.close()


async def fill(
    mode: str, exchange: ccxt.binanceusdm, pool: asyncpg.Pool, number: int, days: int
) -> int:
    since, end, stored = START, START + days * 1440 * MINUTE, 0
    while since < end:
        page = await exchange.fetch_ohlcv(f"{NAMES[number]}/USDT:USDT", "1m", since, LONGEST)
        candles = [candle for candle in page if candle[0] < end]
        async with pool.acquire() as connection:
            if mode == "floats":
                await connection.executemany(FLOATS, [(number + 1, *each) for each in candles])
            elif mode == "executemany":
                await connection.executemany(EXACT, [to_row(number + 1, each) for each in candles])
            else:
                for each in candles:
                    await connection.execute(EXACT, *to_row(number + 1, each))
        stored += len(candles)
        since = page[-1][0] + MINUTE
    return stored


def to_row(market_id: int, candle: Candle) -> tuple[object, ...]:
    opens = datetime.fromtimestamp(candle[0] / 1000, UTC)
    return (market_id, opens, opens + LENGTH, *(Decimal(str(value)) for value in candle[1:]))


def main() -> None:
    url, database, days = sys.argv[1:]
    print("ready", flush=True)
    for mode in sys.stdin:
        print(*uvloop.run(filled(mode.strip(), url, database, int(days))), flush=True)


if __name__ == "__main__":
    main()
