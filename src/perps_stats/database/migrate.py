"""The schema: numbered SQL files, each applied once, in order, and never changed after."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from functools import cache
from hashlib import sha256
from importlib.resources import files

import asyncpg
from msgspec import Struct

from perps_stats.core.errors import DatabaseError
from perps_stats.database.binaries import OLDEST
from perps_stats.database.link import Borrowed, Link
from perps_stats.database.statements import statement

MIGRATIONS = files("perps_stats.database") / "migrations"


class Migration(Struct, frozen=True):
    """``name`` is the file's: ``0001_markets.sql``."""

    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        return sha256(self.sql.encode()).hexdigest()


@cache
def known_migrations() -> tuple[Migration, ...]:
    """Those of this program, in order."""
    paths = [path for path in MIGRATIONS.iterdir() if path.name.endswith(".sql")]
    return tuple(
        Migration(int(path.name[:4]), path.name, path.read_text(encoding="utf-8"))
        for path in sorted(paths, key=lambda path: path.name)
    )


def schema() -> str:
    """The whole schema as one SQL text."""
    return "\n".join(f"-- {one.name}\n\n{one.sql}" for one in known_migrations())


async def pending(link: Link, known: Sequence[Migration] | None = None) -> list[Migration]:
    """What ``migrate`` would apply. Raises ``DatabaseError`` where the two histories differ."""
    async with link.borrow() as connection:
        return await _pending(link.target, connection, known or known_migrations())


async def migrate(link: Link, known: Sequence[Migration] | None = None) -> list[Migration]:
    """Apply what is pending, each in a transaction of its own; returns what was applied."""
    known = known or known_migrations()
    async with link.borrow() as connection:
        if not await _pending(link.target, connection, known):
            return []
        async with _alone(connection):
            await connection.execute(statement("create_migration_table"))
            todo = await _pending(link.target, connection, known)
            for migration in todo:
                await _apply(link.target, connection, migration)
            return todo


async def require_current(link: Link) -> None:
    """Raises ``DatabaseError`` where something is pending."""
    if todo := await pending(link):
        raise DatabaseError(
            f"{link.target}: its schema lacks {', '.join(one.name for one in todo)}; "
            "run `perps-stats db migrate`"
        )


async def _pending(
    target: str, connection: Borrowed, known: Sequence[Migration]
) -> list[Migration]:
    version = connection.get_server_version()
    if version.major < OLDEST:
        raise DatabaseError(f"{target}: is PostgreSQL {version.major}; {OLDEST} or newer is needed")
    if not await connection.fetchval(statement("migration_table")):
        return list(known)
    applied = await connection.fetch(statement("applied_migrations"))
    by_number = {migration.number: migration for migration in known}
    for row in applied:
        _compare(target, row, by_number)
    done = {row["number"] for row in applied}
    return [migration for migration in known if migration.number not in done]


def _compare(target: str, row: asyncpg.Record, by_number: dict[int, Migration]) -> None:
    name: str = row["name"]
    if row["number"] > max(by_number):
        raise DatabaseError(
            f"{target}: is newer than this program (it has {name}); upgrade perps-stats"
        )
    ours = by_number.get(row["number"])
    if ours is None or ours.name != name:
        raise DatabaseError(
            f"{target}: has {name}, which this program lacks; reinstall perps-stats"
        )
    if ours.checksum != row["checksum"]:
        raise DatabaseError(
            f"{target}: {name} was changed after it was applied; restore the file as it was, "
            "and put the change into a new one"
        )


@asynccontextmanager
async def _alone(connection: Borrowed) -> AsyncGenerator[None]:
    await connection.execute(statement("lock_migrations"))
    try:
        yield
    finally:
        if not connection.is_closed():
            await connection.execute(statement("unlock_migrations"))


async def _apply(target: str, connection: Borrowed, migration: Migration) -> None:
    try:
        async with connection.transaction():
            await connection.execute(migration.sql)
            values = (migration.number, migration.name, migration.checksum)
            await connection.execute(statement("record_migration"), *values)
    except asyncpg.InsufficientPrivilegeError:
        raise
    except asyncpg.PostgresError as error:
        raise DatabaseError(f"{target}: {migration.name} cannot be applied: {error}") from error
