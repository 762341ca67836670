"""``db clean``: old rows, or all, go."""

import sys
from datetime import UTC, datetime

import click

from perps_stats.cli.options import (
    CONTEXT,
    database_options,
    names_of,
    output_options,
    settings_with_database,
)
from perps_stats.cli.output import Output, Printed, Record, Screen, plain, show
from perps_stats.cli.stored import with_repository
from perps_stats.core.catalogue import DATA_SETS, data_set
from perps_stats.core.errors import BadInput
from perps_stats.core.times import parse_duration
from perps_stats.database.repository import PostgresRepository
from perps_stats.database.upkeep import Removed

UNITS = {"bytes": "bytes"}


@click.command(context_settings=CONTEXT)
@click.option("--older-than", metavar="TIME", help="Remove what is older than so long: 30d, 12h.")
@click.option(
    "--data",
    metavar="NAMES",
    help=f"Only of these: {', '.join(DATA_SETS)}.  [default: all]",
)
@click.option("--truncate", is_flag=True, help="Remove everything but the tables themselves.")
@click.option("--yes", is_flag=True, help="Do it; without this it is only told.")
@database_options
@output_options
def clean(
    *,
    older_than: str | None,
    data: str | None,
    truncate: bool,
    yes: bool,
    database_url: str | None,
    database_dir: str | None,
    as_json: bool,
    as_csv: bool,
    output: str | None,
) -> int:
    """Remove old rows, or all of them. Tells what would go; --yes does it."""
    where = Output(as_json, as_csv, output)
    before = _cut(older_than, data, truncate=truncate)
    names = [] if data is None else [data_set(name).name for name in names_of(data, "data")]

    async def remove(repository: PostgresRepository) -> list[Removed]:
        if before is None:
            return await repository.truncate(dry=not yes)
        return await repository.clean(before, names, dry=not yes)

    removed = with_repository(settings_with_database({}, database_url, database_dir), remove)
    rows: list[Record] = [plain(one) for one in removed]
    fields = Removed.__struct_fields__
    show(Printed(records=rows, fields=fields, screen=Screen(fields), units=UNITS), where)
    done = "removed" if yes else "would be removed; say --yes to do it"
    sys.stderr.write(f"perps-stats: {sum(one.rows for one in removed)} rows {done}\n")
    return 0


def _cut(older_than: str | None, data: str | None, *, truncate: bool) -> datetime | None:
    """``None``: everything. Raises ``BadInput`` unless exactly one of the two is asked for."""
    if truncate and older_than is not None:
        raise BadInput("older-than", older_than, "give it or --truncate, not both")
    if truncate and data is not None:
        raise BadInput("data", data, "--truncate removes all; give --older-than instead")
    if older_than is not None:
        return datetime.now(UTC) - parse_duration(older_than, field="older-than")
    if not truncate:
        raise BadInput("clean", "", "say what: --older-than 30d, or --truncate")
    return None
