"""``db``: the database of the program, or the one that the settings name."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import click

from perps_stats.app.logs import configure_logs
from perps_stats.app.storage import migrate_storage, open_storage
from perps_stats.cli.options import (
    CONTEXT,
    database_options,
    output_options,
    settings_with_database,
)
from perps_stats.cli.output import Output, Printed, Record, Screen, plain, show
from perps_stats.core.errors import BadInput
from perps_stats.core.times import parse_duration
from perps_stats.database.repository import PostgresRepository
from perps_stats.database.upkeep import Holding, Removed, TableStats
from perps_stats.settings import Settings

UNITS = {"bytes": "bytes", "bytes_per_row": "bytes"}
TABLE_COLUMNS = ("table", "rows", "bytes", "bytes_per_row", "parts", "first_ts", "last_ts")
HOLDING_COLUMNS = ("table", "exchange", "symbol", "rows", "first_ts", "last_ts")


@click.group(context_settings=CONTEXT)
def command() -> None:
    """The database: create it, look at it, make it smaller.

    It is the program's own in `database.dir`, or the one that DATABASE_URL names.
    """


@command.command(context_settings=CONTEXT)
@database_options
def init(database_url: str | None, database_dir: str | None) -> int:
    """Create the database if there is none, and bring its tables up to date."""
    return _migrate(settings_with_database({}, database_url, database_dir))


@command.command(context_settings=CONTEXT)
@click.option("--dry-run", is_flag=True, help="Only tell what would be applied.")
@database_options
def migrate(*, dry_run: bool, database_url: str | None, database_dir: str | None) -> int:
    """Bring the tables up to date."""
    return _migrate(settings_with_database({}, database_url, database_dir), dry_run=dry_run)


def _migrate(settings: Settings, *, dry_run: bool = False) -> int:
    configure_logs(settings.log)
    applied = asyncio.run(migrate_storage(settings, dry_run=dry_run))
    what = "would apply" if dry_run else "applied"
    sys.stdout.write(f"{what}: {', '.join(applied)}\n" if applied else "up to date\n")
    return 0


@command.command(context_settings=CONTEXT)
@click.option("--by-market", is_flag=True, help="One row for each table and market.")
@database_options
@output_options
def stats(
    *,
    by_market: bool,
    database_url: str | None,
    database_dir: str | None,
    as_json: bool,
    as_csv: bool,
    output: str | None,
) -> int:
    """Rows, size, first and last time of each table. Unknown is null, not zero."""
    where = Output(as_json, as_csv, output)

    async def ask(repository: PostgresRepository) -> list[Record]:
        found = await repository.stats()
        return [plain(row) for row in (found.holdings if by_market else found.tables)]

    printed = Printed(
        records=_with_repository(settings_with_database({}, database_url, database_dir), ask),
        fields=(Holding if by_market else TableStats).__struct_fields__,
        screen=Screen(HOLDING_COLUMNS if by_market else TABLE_COLUMNS),
        units=UNITS,
    )
    show(printed, where)
    return 0


@command.command(context_settings=CONTEXT)
@click.option("--older-than", metavar="TIME", help="Remove what is older than so long: 30d, 12h.")
@click.option("--truncate", is_flag=True, help="Remove everything but the tables themselves.")
@click.option("--yes", is_flag=True, help="Do it; without this it is only told.")
@database_options
@output_options
def clean(
    *,
    older_than: str | None,
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
    before = _cut(older_than, truncate=truncate)

    async def remove(repository: PostgresRepository) -> list[Record]:
        if before is None:
            removed = await repository.truncate(dry=not yes)
        else:
            removed = await repository.clean(before, dry=not yes)
        return [plain(row) for row in removed]

    rows = _with_repository(settings_with_database({}, database_url, database_dir), remove)
    fields = Removed.__struct_fields__
    show(Printed(records=rows, fields=fields, screen=Screen(fields), units=UNITS), where)
    done = "removed" if yes else "would be removed; say --yes to do it"
    sys.stderr.write(f"perps-stats: {sum(_count(row) for row in rows)} rows {done}\n")
    return 0


def _cut(older_than: str | None, *, truncate: bool) -> datetime | None:
    """``None``: everything. Raises ``BadInput`` unless exactly one of the two is asked for."""
    if truncate and older_than is not None:
        raise BadInput("older-than", older_than, "give it or --truncate, not both")
    if older_than is not None:
        return datetime.now(UTC) - parse_duration(older_than, field="older-than")
    if not truncate:
        raise BadInput("clean", "", "say what: --older-than 30d, or --truncate")
    return None


def _with_repository(
    settings: Settings, ask: Callable[[PostgresRepository], Awaitable[list[Record]]]
) -> list[Record]:
    configure_logs(settings.log)

    async def asked() -> list[Record]:
        async with open_storage(settings) as repository:
            return await ask(repository)

    return asyncio.run(asked())


def _count(row: Record) -> int:
    rows = row["rows"]
    return rows if isinstance(rows, int) else 0
