"""``db``: the database of the program, or the one that the settings name."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

import click

from perps_stats.app.logs import configure_logs
from perps_stats.app.storage import migrate_storage, open_storage
from perps_stats.cli.options import CONTEXT, output_options, settings_with
from perps_stats.cli.output import Printed, Record, plain, show
from perps_stats.core.errors import BadInput
from perps_stats.core.times import parse_duration
from perps_stats.database.repository import PostgresRepository
from perps_stats.database.upkeep import DatabaseStats, Removed

TABLE_COLUMNS = ("table", "rows", "bytes", "bytes_per_row", "parts", "first_ts", "last_ts")
T = TypeVar("T")
HOLDING_COLUMNS = ("table", "exchange", "symbol", "rows", "first_ts", "last_ts")


@click.group(context_settings=CONTEXT)
def command() -> None:
    """The database: create it, look at it, make it smaller.

    It is the program's own in `database.dir`, or the one that DATABASE_URL names.
    """


@command.command(context_settings=CONTEXT)
def init() -> int:
    """Create the database if there is none, and bring its tables up to date."""
    return _migrate()


@command.command(context_settings=CONTEXT)
@click.option("--dry-run", is_flag=True, help="Only tell what would be applied.")
def migrate(*, dry_run: bool) -> int:
    """Bring the tables up to date."""
    return _migrate(dry_run=dry_run)


def _migrate(*, dry_run: bool = False) -> int:
    settings = settings_with({})
    configure_logs(settings.log)
    applied = asyncio.run(migrate_storage(settings, dry_run=dry_run))
    what = "would apply" if dry_run else "applied"
    sys.stdout.write(f"{what}: {', '.join(applied)}\n" if applied else "up to date\n")
    return 0


@command.command(context_settings=CONTEXT)
@click.option("--by-market", is_flag=True, help="One row for each table and market.")
@output_options
def stats(*, by_market: bool, as_json: bool, as_csv: bool, output: str | None) -> int:
    """Rows, size, first and last time of each table."""

    async def ask(repository: PostgresRepository) -> DatabaseStats:
        return await repository.stats()

    found = _with_repository(ask)
    rows: Sequence[Record] = [plain(row) for row in (found.holdings if by_market else found.tables)]
    columns = HOLDING_COLUMNS if by_market else TABLE_COLUMNS
    printed = Printed(records=rows, columns=columns, units={"bytes": "bytes"})
    show(printed, as_json=as_json, as_csv=as_csv, output=output)
    return 0


@command.command(context_settings=CONTEXT)
@click.option("--older-than", help="Remove what is older than so long: 30d, 12h.")
@click.option("--truncate", is_flag=True, help="Remove everything.")
@click.option("--yes", is_flag=True, help="Do it; without this it is only told.")
@output_options
def clean(
    *,
    older_than: str | None,
    truncate: bool,
    yes: bool,
    as_json: bool,
    as_csv: bool,
    output: str | None,
) -> int:
    """Remove old rows, or all of them. Tells what would go; --yes does it."""
    if truncate == (older_than is not None):
        raise BadInput("clean", older_than, "give either --older-than 30d or --truncate")
    before = (
        None
        if older_than is None
        else datetime.now(UTC) - parse_duration(older_than, field="older-than")
    )

    async def remove(repository: PostgresRepository) -> list[Removed]:
        if before is None:
            return await repository.truncate(dry=not yes)
        return await repository.clean(before, dry=not yes)

    rows = [plain(row) for row in _with_repository(remove)]
    printed = Printed(records=rows, columns=("table", "rows", "parts", "bytes"), units={})
    show(printed, as_json=as_json, as_csv=as_csv, output=output)
    done = "removed" if yes else "this would be removed; say --yes to do it"
    sys.stderr.write(f"{sum(_count(row) for row in rows)} rows: {done}\n")
    return 0


def _with_repository(ask: Callable[[PostgresRepository], Awaitable[T]]) -> T:
    settings = settings_with({})
    configure_logs(settings.log)

    async def asked() -> T:
        async with open_storage(settings) as repository:
            return await ask(repository)

    return asyncio.run(asked())


def _count(row: Record) -> int:
    rows = row["rows"]
    return rows if isinstance(rows, int) else 0
