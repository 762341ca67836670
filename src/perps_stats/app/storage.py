"""The repository that the settings name: a server of the user's, or the program's own."""

from contextlib import AbstractAsyncContextManager

from perps_stats.database.repository import PostgresRepository, open_repository
from perps_stats.settings import Settings


def open_storage(settings: Settings) -> AbstractAsyncContextManager[PostgresRepository]:
    """Migrated and ready. Raises ``DatabaseError``."""
    return open_repository(settings.database.url, settings.database.dir)
