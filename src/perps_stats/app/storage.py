"""The repository that the settings name: a server of the user's, or the program's own."""

from contextlib import AbstractAsyncContextManager

from perps_stats.database.migrate import migrate, pending
from perps_stats.database.repository import PostgresRepository, open_link, open_repository
from perps_stats.settings import Settings


def open_storage(settings: Settings) -> AbstractAsyncContextManager[PostgresRepository]:
    """Migrated and ready. Raises ``DatabaseError``."""
    return open_repository(settings.database.url, settings.database.dir)


async def migrate_storage(settings: Settings, *, dry_run: bool) -> list[str]:
    """The names of the migrations that were applied, or would be."""
    async with open_link(settings.database.url, settings.database.dir) as link:
        applied = await (pending if dry_run else migrate)(link)
    return [migration.name for migration in applied]
