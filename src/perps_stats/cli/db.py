"""``db``: the database of the program, or the one that the settings name."""

import asyncio
import sys

import click

from perps_stats.app.logs import configure_logs
from perps_stats.app.storage import migrate_storage
from perps_stats.cli.db_clean import clean
from perps_stats.cli.db_export import export_rows
from perps_stats.cli.db_import import import_files
from perps_stats.cli.db_stats import stats
from perps_stats.cli.db_vacuum import vacuum
from perps_stats.cli.options import CONTEXT, database_options, settings_with_database
from perps_stats.settings import Settings


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
def schema() -> int:
    """Print all tables as one SQL text, which makes them in an empty database."""
    from perps_stats.database.migrate import schema as whole  # noqa: PLC0415 only here it is needed

    sys.stdout.write(whole())
    return 0


for each in (stats, clean, vacuum, export_rows, import_files):
    command.add_command(each)
