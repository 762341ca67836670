"""Every statement is prepared against a real server: our compile-time check."""

import string

import pytest

from perps_stats.core.catalogue import (
    DATA_SETS,
    FUNDING_RATES,
    GAPS,
    KLINES,
    OPEN_INTEREST,
    SLIPPAGE,
    TRADES,
)
from perps_stats.database.contradictions import contradiction_names
from perps_stats.database.coverage import count_statement, series_statement
from perps_stats.database.files.export import export_statement
from perps_stats.database.hours import page_of_hours
from perps_stats.database.ledger import WHICH
from perps_stats.database.lines import lines_statement
from perps_stats.database.link import Link
from perps_stats.database.newer import newer_statement
from perps_stats.database.pages import latest_statement, page_statement
from perps_stats.database.repair import recovered_statement
from perps_stats.database.staging import staging_names
from perps_stats.database.statements import statement, statement_names
from perps_stats.database.verify.checks import CHECKS, statements_of

WHOLE = [
    name
    for name in statement_names()
    if all(f is None for _, f, _, _ in string.Formatter().parse(statement(name)))
]
STAGED = ("keep_staged", "keep_contradictions")
BY_TABLE = ("holdings", "count_old", "delete_old", "stage")
RECOVERED = (TRADES, KLINES, FUNDING_RATES, OPEN_INTEREST)
RENDERED = {
    **{
        f"page {one.name} {newest_first}": page_statement(
            one, one.key[1:], newest_first=newest_first
        )
        for one in DATA_SETS.values()
        for newest_first in (False, True)
    },
    **{
        f"lines {one.name} {newest_first} {as_numbers}": lines_statement(
            one, one.key[1:], newest_first=newest_first, as_numbers=as_numbers
        )
        for one in DATA_SETS.values()
        for newest_first in (False, True)
        for as_numbers in (False, True)
    },
    "lines gaps which": lines_statement(GAPS, (), WHICH, 4, newest_first=True, as_numbers=False),
    "page gaps which": page_statement(GAPS, (), WHICH, 4, newest_first=True),
    **{f"latest {one.name}": latest_statement(one) for one in DATA_SETS.values()},
    **{f"newer {one.name}": newer_statement(one) for one in DATA_SETS.values()},
    **{
        f"latest_of_each {one.name}": latest_statement(one, each=True)
        for one in (KLINES, FUNDING_RATES)
    },
    **{
        f"{name} {one.name}": statement(name).format(**staging_names(one))
        for one in DATA_SETS.values()
        for name in BY_TABLE
    },
    **{
        f"page {relation} {newest_first}": page_of_hours(relation, newest_first=newest_first)
        for relation in ("tickers_1h", "liquidity_1h", "klines_1h")
        for newest_first in (False, True)
    },
    **{f"series {one.name}": series_statement(one) for one in DATA_SETS.values()},
    **{f"count_series {one.name}": count_statement(one) for one in DATA_SETS.values()},
    **{
        f"{name} {one.name}": export_statement(name, one)
        for one in DATA_SETS.values()
        for name in ("export", "count_export")
    },
    **{f"count_recovered {one.name}": recovered_statement(one) for one in RECOVERED},
    "count_part": statement("count_part").format(part="trades"),
    **{
        f"market_rows {sample}": statement("market_rows").format(part="trades", sample=sample)
        for sample in ("", "tablesample system (1.5)")
    },
    **{
        f"verify_{check.name} {number}": text
        for check in CHECKS.values()
        for number, text in enumerate(check.statements)
    },
    "vacuum": statement("vacuum").format(table="trades"),
    "drop_part": statement("drop_part").format(part="trades"),
    "empty_ledger": statement("empty_ledger").format(tables="trades, gaps"),
}
OF_TIMESCALE = {"refresh_rollup": statement("refresh_rollup").format(rollup="klines_1h")}
ELSEWHERE = {*STAGED, "latest_slippage", "verify_hours"}
"""Prepared below, or with what the database holds."""
TEMPLATES = {text.split()[0] for text in (*RENDERED, *OF_TIMESCALE)} | ELSEWHERE


async def test_whole_statements_are_prepared(link: Link) -> None:
    """The server knows every table, column, type and function that they name."""
    async with link.borrow() as connection:
        for name in WHOLE:
            await connection.prepare(statement(name))


@pytest.mark.needs_timescale
async def test_statements_of_timescale_are_prepared(link: Link) -> None:
    """Those that only TimescaleDB knows."""
    async with link.borrow() as connection:
        for text in OF_TIMESCALE.values():
            await connection.prepare(text)


async def test_rendered_statements_are_prepared(link: Link) -> None:
    """So do the statements that are filled in for each data set."""
    async with link.borrow() as connection:
        for text in RENDERED.values():
            await connection.prepare(text)
        for text in await statements_of(link, CHECKS["hours"]):
            await connection.prepare(text)
        for one in DATA_SETS.values():
            names = staging_names(one)
            await connection.execute(statement("stage").format(**names))
            for name in STAGED:
                await connection.prepare(statement(name).format(**contradiction_names(one)))


def test_no_statement_is_forgotten() -> None:
    """Each file of queries/ is either whole, or among the rendered."""
    assert set(statement_names()) == set(WHOLE) | TEMPLATES


def test_slippage_has_its_own_last_rows() -> None:
    """Each side and amount counts, so its statement differs from that of other data sets."""
    assert "distinct on" in latest_statement(SLIPPAGE)
    assert "distinct on" not in latest_statement(TRADES)
