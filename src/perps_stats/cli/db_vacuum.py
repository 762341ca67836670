"""``db vacuum``: room is made where rows were deleted."""

import sys

import click

from perps_stats.cli.options import (
    CONTEXT,
    database_options,
    output_options,
    settings_with_database,
)
from perps_stats.cli.output import Output, Printed, Record, Screen, plain, show
from perps_stats.cli.stored import with_repository
from perps_stats.database.repository import PostgresRepository
from perps_stats.database.upkeep import Vacuumed

UNITS = {"bytes_before": "bytes", "bytes_after": "bytes"}


@click.command(context_settings=CONTEXT)
@database_options
@output_options
def vacuum(
    *,
    database_url: str | None,
    database_dir: str | None,
    as_json: bool,
    as_csv: bool,
    output: str | None,
) -> int:
    """Make what was deleted room for new rows, and let the planner look at every table.

    Others read and write meanwhile. Files seldom become smaller: their room is used again.
    """
    where = Output(as_json, as_csv, output)

    async def each(repository: PostgresRepository) -> list[Record]:
        done: list[Record] = []
        async for one in repository.vacuum():
            done.append(plain(one))
            sys.stderr.write(f"perps-stats: {one.table}: {one.bytes_before:,} bytes before,")
            sys.stderr.write(f" {one.bytes_after:,} after\n")
        return done

    rows = with_repository(settings_with_database({}, database_url, database_dir), each)
    fields = Vacuumed.__struct_fields__
    show(Printed(records=rows, fields=fields, screen=Screen(fields), units=UNITS), where)
    return 0
