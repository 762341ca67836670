"""Runs checks: market by market, row by row, whatever their number."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from typing import TypeAlias

import asyncpg
from msgspec import Struct

from perps_stats.core.stored import Query
from perps_stats.database.link import Link
from perps_stats.database.pages import market_names
from perps_stats.database.statements import statement
from perps_stats.database.verify.checks import CHECKS, Check, statements_of
from perps_stats.database.verify.verdicts import Outcome

AHEAD = 500
"""Rows that are fetched at once."""


class Step(Struct, frozen=True):
    """A check of a market, the ``number``-th of ``count``."""

    check: str
    market: str
    number: int
    count: int


Tell: TypeAlias = Callable[[Step, int], None]
"""Is told how many rows of the step were compared so far."""


async def verify(
    link: Link, query: Query, names: Sequence[str], *, now: datetime, tell: Tell
) -> list[Outcome]:
    """Of the query, markets and span count. One for each check and exchange that has rows."""
    named = (query.exchange, query.symbol, *market_names(query))
    markets = await link.fetch(statement("chosen_markets"), *named)
    checks = [CHECKS[name] for name in names or CHECKS]
    outcomes: dict[tuple[str, str], Outcome] = {}
    span, count = (query.start, query.end or now), len(checks) * len(markets)
    for at, check in enumerate(checks):
        for place, market in enumerate(markets):
            name = f"{market['exchange']}:{market['symbol']}"
            step = Step(check.name, name, at * len(markets) + place + 1, count)
            key = (check.name, market["exchange"])
            outcome = outcomes.setdefault(key, Outcome(check=check.name, exchange=key[1]))
            seen = 0
            async for row in _rows(link, check, market["market_id"], span):
                for verdict in check.judge(row):
                    outcome.count(verdict, market["symbol"])
                    seen += verdict.rows
                tell(step, seen)
    return [one for one in outcomes.values() if one.compared or one.not_comparable]


async def _rows(
    link: Link, check: Check, market_id: int, span: tuple[datetime | None, datetime]
) -> AsyncIterator[asyncpg.Record]:
    for text in await statements_of(link, check):
        async with link.borrow() as connection, connection.transaction(readonly=True):
            async for row in connection.cursor(text, market_id, *span, prefetch=AHEAD):
                yield row
