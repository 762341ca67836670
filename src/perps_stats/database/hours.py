"""Hourly figures, read back: of tickers, of liquidity, and candles of an hour."""

from collections.abc import Iterator
from datetime import timedelta

import asyncpg

from perps_stats.core.errors import BadInput
from perps_stats.core.figures import Hour, Summary
from perps_stats.core.stored import Cursor, Query
from perps_stats.core.types import Kline
from perps_stats.database.link import Link
from perps_stats.database.pages import market_names, span_of
from perps_stats.database.rows import time_text
from perps_stats.database.statements import statement

SUMMARY = {"average": "avg", "minimum": "min", "maximum": "max", "last": "last"}
NAMES = 2
WHOLE = "and r.candles = 60"
HOUR = timedelta(hours=1)


async def hours(link: Link, relation: str, query: Query) -> list[Hour]:
    """A page of ``tickers_1h`` or ``liquidity_1h``; ``Query.only`` does not apply."""
    return [_hour(row) for row in await _page(link, relation, query)]


async def hourly_klines(link: Link, query: Query) -> list[Kline]:
    """A page of candles of an hour: of those hours of which every minute is stored."""
    return [_kline(row) for row in await _page(link, "klines_1h", query, WHOLE)]


def cursor_after_hour(hour: Hour) -> Cursor:
    """Where the page that ends with it is to be continued."""
    return Cursor(hour.timestamp, (hour.exchange, hour.symbol))


def page_of_hours(relation: str, condition: str = "", *, newest_first: bool) -> str:
    direction = "desc" if newest_first else "asc"
    return statement("page").format(
        columns="r.*",
        table=relation,
        reaching="",
        row_keys="r.ts",
        beyond="<" if newest_first else ">",
        cursor="$8::text::timestamptz, $9::text, $10::text",
        only=condition,
        row_order=f"r.ts {direction}",
        direction=direction,
    )


async def _page(
    link: Link, relation: str, query: Query, condition: str = ""
) -> list[asyncpg.Record]:
    ended: tuple[str | None, ...] = (None, None, None)
    if query.after is not None:
        if len(query.after.rest) != NAMES or "\0" in "".join(query.after.rest):
            raise BadInput("cursor", query.after.rest, "it is not one of hourly figures")
        ended = (time_text(query.after.time), *query.after.rest)
    names = (query.exchange, query.symbol, *span_of(query), query.limit, *market_names(query))
    text = page_of_hours(relation, condition, newest_first=query.newest_first)
    return await link.fetch(text, *names, *ended)


def _hour(row: asyncpg.Record) -> Hour:
    return Hour(
        exchange=row["exchange"],
        symbol=row["symbol"],
        timestamp=row["ts"],
        samples=row["samples"],
        figures=dict(_summaries(row)),
    )


def _kline(row: asyncpg.Record) -> Kline:
    return Kline(
        exchange=row["exchange"],
        symbol=row["symbol"],
        interval="1h",
        open_time=row["ts"],
        close_time=row["ts"] + HOUR,
        open=row["open"],
        high=row["high"],
        low=row["low"],
        close=row["close"],
        volume=row["volume"],
        turnover=row["turnover"],
        trades=None if row["trades"] is None else int(row["trades"]),
        closed=True,
        aggregated_from="1m",
    )


def _summaries(row: asyncpg.Record) -> Iterator[tuple[str, Summary]]:
    told = dict(row)
    for name in (each.removesuffix("_avg") for each in told if each.endswith("_avg")):
        values = {field: told[f"{name}_{suffix}"] for field, suffix in SUMMARY.items()}
        floors = told.get(f"{name}_floors")
        yield name, Summary(**values, samples=told[f"{name}_samples"], floors=floors)
