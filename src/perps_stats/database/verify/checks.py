"""Every check: what it compares, by which statements, and who judges their rows."""

from collections.abc import Callable, Iterable
from typing import TypeAlias

import asyncpg
from msgspec import Struct

from perps_stats.core.catalogue import (
    DATA_SETS,
    LIQUIDATIONS,
    LIQUIDITY,
    ORDERBOOKS,
    SLIPPAGE,
    TRADES,
)
from perps_stats.database.link import Link
from perps_stats.database.statements import statement
from perps_stats.database.verify.deriving import hours, liquidity, slippages
from perps_stats.database.verify.verdicts import Verdict, by_count, by_fields

Judge: TypeAlias = Callable[[asyncpg.Record], Iterable[Verdict]]


class Check(Struct, frozen=True):
    """``statements`` take a market, from, before; none: they are rendered from the rollups."""

    name: str
    meaning: str
    judge: Judge
    statements: tuple[str, ...]


def _of_tables(name: str, *data_sets: str, **more: str) -> tuple[str, ...]:
    return tuple(
        statement(name).format(name=one.name, table=one.table, key=_key(one.key), **more)
        for one in map(DATA_SETS.__getitem__, data_sets)
    )


def _key(fields: tuple[str, ...]) -> str:
    return ", ".join(f'"{name}"' for name in ("ts", *fields[1:]))


CHECKS = {
    check.name: check
    for check in (
        Check(
            "liquidity",
            "bands within the stored levels of the book of the same moment",
            liquidity,
            (statement("verify_liquidity"),),
        ),
        Check(
            "slippage",
            "amounts that the stored levels of the book fill",
            slippages,
            (statement("verify_slippage"),),
        ),
        Check(
            "klines",
            "candles of a minute of which every trade was collected",
            by_fields,
            (statement("verify_klines"),),
        ),
        Check(
            "candles",
            "longer candles of which every minute is stored",
            by_fields,
            (statement("verify_candles"),),
        ),
        Check("hours", "stored hourly figures and their rows", hours, ()),
        Check(
            "funding",
            "intervals of settlements and the time since the one before",
            by_fields,
            (statement("verify_funding"),),
        ),
        Check(
            "duplicates",
            "each row once by its key, each trade once by its number",
            by_count,
            (*_of_tables("verify_duplicates", *DATA_SETS), statement("verify_trade_numbers")),
        ),
        Check(
            "gaps",
            "nothing was derived inside a gap of the book",
            by_count,
            _of_tables("verify_gaps", ORDERBOOKS.name, LIQUIDITY.name, SLIPPAGE.name),
        ),
        Check(
            "marks",
            "rows of streams lie within what was acknowledged",
            by_count,
            (
                *_of_tables("verify_marks", TRADES.name, stream="trades"),
                *_of_tables("verify_marks", LIQUIDATIONS.name, stream="liquidations"),
            ),
        ),
    )
}


async def statements_of(link: Link, check: Check) -> tuple[str, ...]:
    if check.statements:
        return check.statements
    return tuple(
        statement("verify_hours").format(
            rollup=row["name"],
            fact=row["fact"],
            figures=row["figures"],
            condition=row["condition"],
        )
        for row in await link.fetch(statement("rollup_figures"))
    )
