"""``coverage``: what the database holds of each series, and what is missing."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import click
from msgspec import structs

from perps_stats.api.names import Names
from perps_stats.app.logs import configure_logs
from perps_stats.app.storage import open_storage
from perps_stats.cli.options import (
    CONTEXT,
    SYMBOL_FORMS,
    database_options,
    names_of,
    output_options,
    settings_with_database,
)
from perps_stats.cli.output import Output, Printed, Record, Screen, plain, show
from perps_stats.core.catalogue import DATA_SETS
from perps_stats.core.errors import BadInput, near_names
from perps_stats.core.figures import Coverage, Hole
from perps_stats.core.intervals import INTERVALS
from perps_stats.core.stored import Query
from perps_stats.core.times import parse_time
from perps_stats.database.repository import PostgresRepository
from perps_stats.exchanges import NAMES as EXCHANGES

SERIES = ("exchange", "symbol", "data_set", "interval", "kind")
COLUMNS = (*SERIES, "first", "last", "rows", "missing", "holes")


@click.command(context_settings=CONTEXT)
@click.option("--holes", is_flag=True, help="One row for each hole.")
@click.option("--exchanges", "--exchange", "-e", metavar="NAMES", help="Exchanges, by commas.")
@click.option("--symbols", "--symbol", "-s", metavar="NAMES", help=f"Symbols: {SYMBOL_FORMS}.")
@click.option("--data", metavar="NAMES", help=f"Of {', '.join(DATA_SETS)}.  [default: all]")
@click.option("--intervals", metavar="NAMES", help="Of candles: 1m,1h.  [default: all]")
@click.option(
    "--from", "start", metavar="TIME", help="From when on: 2026-01-31, epoch s or ms, -24h."
)
@click.option("--to", "end", metavar="TIME", help="Until before when.  [default: now]")
@database_options
@output_options
def command(
    *,
    holes: bool,
    exchanges: str | None,
    symbols: str | None,
    data: str | None,
    intervals: str | None,
    start: str | None,
    end: str | None,
    database_url: str | None,
    database_dir: str | None,
    as_json: bool,
    as_csv: bool,
    output: str | None,
) -> int:
    """What is held of each series: first and last row, how many, and what is missing.

    Of candles and settled funding every hole is known; of what comes at no fixed distance it is
    null. Without --from a series is expected from where the exchange's history begins, if that is
    known, else from its first row.
    """
    where = Output(as_json, as_csv, output)
    settings = settings_with_database({}, database_url, database_dir)
    configure_logs(settings.log)
    span, wanted = _span(start, end), _names(data, "data", DATA_SETS)
    lengths = _names(intervals, "intervals", INTERVALS)

    async def ask() -> Printed:
        async with open_storage(settings) as repository:
            query = await _of_markets(repository, span, exchanges, symbols)
            found = await repository.get_coverage(query, wanted, lengths)
            shown = {one.exchange for one in found}
            simulated = [one.name for one in await repository.get_exchanges() if one.simulated]
        printed = _holes(found) if holes else _series(found)
        return replace(printed, simulated=[name for name in simulated if name in shown])

    show(asyncio.run(ask()), where)
    return 0


def _span(start: str | None, end: str | None) -> Query:
    now = datetime.now(UTC)
    first = None if start is None else parse_time(start, now=now, field="from")
    before = None if end is None else parse_time(end, now=now, field="to")
    if first is not None and (before or now) <= first:
        raise BadInput("from", start, f"it is to be before {end or 'now'}")
    return Query(start=first, end=before)


def _names(text: str | None, field: str, known: Iterable[str]) -> list[str]:
    """Those of ``known`` that are asked for. Raises ``BadInput``."""
    names = [] if text is None else names_of(text, field)
    listed = list(known)
    for name in names:
        if name not in listed:
            raise BadInput(field, name, f"use {', '.join(near_names(name, listed) or listed)}")
    return names


async def _of_markets(
    repository: PostgresRepository, query: Query, exchanges: str | None, symbols: str | None
) -> Query:
    stored, markets = await repository.get_exchanges(), await repository.get_markets()
    chosen = Names(EXCHANGES, stored, markets).choose(
        [] if exchanges is None else names_of(exchanges, "exchanges"),
        [] if symbols is None else names_of(symbols, "symbols"),
    )
    return structs.replace(query, markets=chosen)


def _series(found: Sequence[Coverage]) -> Printed:
    count = sum(len(one.holes or ()) for one in found)
    return Printed(
        records=[
            {**plain(structs.replace(one, holes=None)), "holes": _count(one.holes)} for one in found
        ],
        fields=Coverage.__struct_fields__,
        screen=Screen(COLUMNS, usual={"interval": "", "kind": ""}),
        notes=[f"{count} holes: --holes lists each"] if count else [],
    )


def _count(holes: Sequence[Hole] | None) -> int | None:
    return None if holes is None else len(holes)


def _holes(found: Sequence[Coverage]) -> Printed:
    fields = (*SERIES, *Hole.__struct_fields__)
    records: list[Record] = []
    for one in found:
        series = plain(structs.replace(one, holes=None))
        named: Record = {name: series[name] for name in SERIES}
        records += [{**named, **plain(hole)} for hole in one.holes or ()]
    return Printed(
        records=records, fields=fields, screen=Screen(fields, usual={"interval": "", "kind": ""})
    )
