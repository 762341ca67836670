"""``db stats``: what the database holds, what it costs, and for how long the disk will do."""

from collections.abc import Iterator, Sequence

import click
from msgspec import Struct

from perps_stats.cli.options import (
    CONTEXT,
    database_options,
    output_options,
    settings_with_database,
)
from perps_stats.cli.output import Output, Printed, Record, Screen, plain, show
from perps_stats.cli.stored import with_repository
from perps_stats.core.errors import BadInput
from perps_stats.database.contradictions import Contradiction
from perps_stats.database.held import DatabaseStats, Held, Holding, TableStats
from perps_stats.database.repository import PostgresRepository

UNITS = {
    "bytes": "bytes",
    "bytes_per_row": "bytes",
    "bytes_per_day": "bytes/day",
    "rows_per_day": "rows/day",
}
DIGITS = {"bytes_per_row": 1, "bytes_per_day": 0, "rows_per_day": 0}
ESTIMATE = "~"


@click.command(context_settings=CONTEXT)
@click.option("--by-market", is_flag=True, help="One row for each table and market.")
@click.option(
    "--contradictions", is_flag=True, help="One row for each of the last 1000 contradictions."
)
@database_options
@output_options
def stats(
    *,
    by_market: bool,
    contradictions: bool,
    database_url: str | None,
    database_dir: str | None,
    as_json: bool,
    as_csv: bool,
    output: str | None,
) -> int:
    """Rows, bytes, growth, first and last time of each table. Unknown is null, not zero.

    What is large is not counted: its rows are the server's estimate, and are told as one. A
    contradiction is a row that says otherwise than the stored one of its key, which stays.
    """
    where = Output(as_json, as_csv, output)
    if by_market and contradictions:
        raise BadInput("contradictions", "", "give it or --by-market, not both")

    async def ask(repository: PostgresRepository) -> Printed:
        if contradictions:
            return _contradictions(await repository.get_contradictions())
        return _stats(await repository.stats(by_market=by_market), by_market=by_market)

    show(with_repository(settings_with_database({}, database_url, database_dir), ask), where)
    return 0


def _contradictions(found: Sequence[Contradiction]) -> Printed:
    fields = Contradiction.__struct_fields__
    return Printed(records=[plain(one) for one in found], fields=fields, screen=Screen(fields))


def _stats(found: DatabaseStats, *, by_market: bool) -> Printed:
    names = ("table", "exchange", "symbol") if by_market else ("table", "parts")
    held = [name for name in Held.__struct_fields__ if name != "rows_exact"]
    rows: Sequence[TableStats | Holding] = found.holdings if by_market else found.tables
    disk: Record = {
        "bytes": found.bytes,
        "bytes_per_day": round(found.bytes_per_day),
        "free_bytes": found.free_bytes,
        "days_until_full": found.days_until_full,
    }
    return Printed(
        records=[_record(one) for one in rows],
        fields=(*names, *Held.__struct_fields__),
        screen=Screen((*names, *held), rows=_shown),
        units=UNITS,
        notes=[*_notes(found, rows)],
        meta={"disk": [disk]},
    )


def _record(row: Struct) -> Record:
    """Averages are rounded."""
    record = plain(row)
    for name, digits in DIGITS.items():
        value = record[name]
        if isinstance(value, float):
            record[name] = round(value, digits) if digits else round(value)
    return record


def _shown(record: Record) -> Iterator[Record]:
    estimate = "" if record["rows_exact"] else ESTIMATE
    yield {**record, "rows": f"{estimate}{record['rows']}"}


def _notes(found: DatabaseStats, rows: Sequence[Held]) -> Iterator[str]:
    if not all(one.rows_exact for one in rows):
        yield f"{ESTIMATE} is the server's estimate"
    yield f"{found.bytes:,} bytes in all, {round(found.bytes_per_day):,} more each day"
    if found.free_bytes is not None:
        days = found.days_until_full
        full = "" if days is None else f": enough for {days:,.1f} days"
        yield f"{found.free_bytes:,} bytes of the disk are free{full}"
