"""Fills a database with made-up history, by the server itself: as many rows as a month leaves.

``python benchmarks/filling.py DIRECTORY --rows 5000000 --days 30 --data tickers,liquidity`` puts so
many rows into each of the data sets, in a database of the program's own. Every market has a row at
every step of time. Numbers are random, the same in all rows of a step: filled twice as fast so.
"""

import argparse
import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from perps_stats.core.catalogue import DataSet, data_set
from perps_stats.core.intervals import INTERVALS
from perps_stats.core.types import Market
from perps_stats.database.repository import PostgresRepository, open_repository
from perps_stats.database.rows import column_types
from perps_stats.database.statements import statement

ROWS_AT_ONCE = 200_000
VENUES = ("aster", "binance", "kucoin", "lighter", "paradex")
SPECIAL = {
    "market_id": "market_id",
    "ts": "ts",
    "recv_ts": "ts + interval '20 ms'",
    "close_time": "ts + interval '1 minute'",
    "interval": "'1m'",
    "kind": "'predicted'",
    "side": "'buy'",
    "reference": "'mid'",
    "id": "extract(epoch from ts)::bigint::text",
    "aggregated_from": "null",
    "funding_interval": "8",
}
BY_TYPE = {
    "numeric": "number",
    "boolean": "true",
    "bigint": "number::bigint",
    "timestamp with time zone": "ts",
}


def markets(count: int) -> list[Market]:
    """``C0`` to so many, each on one of the exchanges in turn."""
    return [
        Market(
            exchange=VENUES[number % len(VENUES)],
            symbol=f"C{number}",
            native=f"C{number}USDT",
            contract=f"C{number}-USDT-PERP",
            base=f"C{number}",
            quote="USDT",
            settle="USDT",
        )
        for number in range(count)
    ]


async def fill(
    repository: PostgresRepository,
    one: DataSet,
    ids: Sequence[int],
    *,
    rows: int,
    days: float,
    end: datetime,
) -> int:
    """So many rows over so many days up to ``end``; candles one a minute. Returns how many."""
    steps = max(1, rows // len(ids))
    step = INTERVALS["1m"] if one.name == "klines" else timedelta(days=days) / steps
    first = end - steps * step
    each_day = [f"{first + n * timedelta(days=1):%Y-%m-%d}" for n in range((end - first).days + 2)]
    await repository.link.fetch(statement("create_partitions"), one.table, each_day)
    text = insertion(one)
    at_once = max(1, ROWS_AT_ONCE // len(ids))
    for number in range(0, steps, at_once):
        last = min(number + at_once, steps) - 1
        await repository.link.fetch(text, ids, number, last, first, step)
    return steps * len(ids)


def insertion(one: DataSet) -> str:
    """$1 markets, $2 and $3 the first and last step, $4 the time of step 0, $5 how long one is."""
    values = [SPECIAL.get(name) or BY_TYPE[sql] for name, sql in column_types(one).items()]
    columns = ", ".join(f'"{name}"' for name in one.columns)
    return (
        f"insert into {one.table} ({columns}) select {', '.join(values)}"  # noqa: S608
        " from generate_series($2::bigint, $3) n"
        " cross join lateral (select $4::timestamptz + n * $5::interval,"
        " round((random() * 1000000)::numeric, 2) offset 0) at (ts, number)"
        " cross join unnest($1::integer[]) as of (market_id) order by n"
    )


async def filled(directory: Path, count: int, names: Sequence[str], rows: int, days: float) -> None:
    """The database in ``directory`` has so many rows more of each data set."""
    end = datetime.now(UTC).replace(second=0, microsecond=0)
    async with open_repository(None, directory) as repository:
        ids = list((await repository.store_markets(markets(count), simulated=True)).values())
        for name in names:
            began = time.perf_counter()
            made = await fill(repository, data_set(name), ids, rows=rows, days=days, end=end)
            seconds = time.perf_counter() - began
            print(f"{name}: {made:,} rows in {seconds:.1f} s, {made / seconds:,.0f} rows/s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--markets", type=int, default=500)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--days", type=float, default=30)
    parser.add_argument("--data", default="tickers,liquidity,klines")
    asked = parser.parse_args()
    names = asked.data.split(",")
    asyncio.run(filled(asked.directory, asked.markets, names, asked.rows, asked.days))


if __name__ == "__main__":
    main()
