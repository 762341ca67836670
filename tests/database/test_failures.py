"""What the database answers instead of rows, in one line."""

import socket
from collections.abc import AsyncGenerator
from pathlib import Path

import asyncpg
import pytest

from perps_stats.core.errors import ConfigError, DatabaseError
from perps_stats.database.failures import DatabaseAway, target_name
from perps_stats.database.link import Link
from perps_stats.database.repository import PostgresRepository, open_repository

from .samples import market


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("postgresql://me:secret@db:5432/perps?sslmode=x", "postgresql://me@db:5432/perps"),
        ("postgresql://me:s%40cret@/perps?password=secret", "postgresql://me@/perps"),
        ("postgresql://db/perps", "postgresql://db/perps"),
        ("postgresql://me:secret@db:port/perps", "the database url"),
        ("postgresql://me:secret@[db/perps", "the database url"),
    ],
)
def test_a_password_is_never_shown(url: str, name: str) -> None:
    """Neither where it is expected, nor in an option, nor in what cannot be parsed."""
    assert target_name(url) == name


@pytest.mark.parametrize("url", ["mysql://me:secret@db/perps", "postgresql://me:secret@db:x/p"])
async def test_a_url_that_is_none_is_a_setting(url: str, tmp_path: Path) -> None:
    """It says how one looks, exits with 3, and keeps the secret."""
    with pytest.raises(ConfigError, match="database url") as told:
        async with open_repository(url, tmp_path):
            pass
    assert "secret" not in str(told.value)


async def test_nobody_listens(tmp_path: Path) -> None:
    """The address is named; trying later may help."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"postgresql://me:secret@127.0.0.1:{free.getsockname()[1]}/perps"
        with pytest.raises(DatabaseAway, match="cannot be reached") as told:
            async with open_repository(url, tmp_path):
                pass
    assert f"127.0.0.1:{free_port(url)}" in str(told.value)
    assert "secret" not in str(told.value)


def free_port(url: str) -> str:
    return url.rpartition(":")[2].partition("/")[0]


async def test_a_missing_database_is_named(url: str, tmp_path: Path) -> None:
    """With the command that makes it."""
    missing = url.replace("/test_", "/no_test_")
    with pytest.raises(DatabaseError, match=r'database "no_test_\d+" does not exist; create it'):
        async with open_repository(missing, tmp_path):
            pass


@pytest.mark.needs_real_server
async def test_a_stranger_is_told_what_to_check(url: str, tmp_path: Path) -> None:
    """A role the server does not know."""
    with pytest.raises(DatabaseError, match=r'role "stranger" does not exist.*user and password'):
        async with open_repository(url.replace("//postgres@", "//stranger:s3cret@"), tmp_path):
            pass


@pytest.fixture
async def reader(repository: PostgresRepository, url: str) -> AsyncGenerator[str]:
    """The url of a role that may do nothing yet."""
    await repository.link.fetch("create role reader login")
    yield url.replace("//postgres@", "//reader@")
    await repository.link.fetch("drop owned by reader")
    await repository.link.fetch("drop role reader")


@pytest.mark.needs_real_server
async def test_a_missing_privilege_is_named(reader: str, tmp_path: Path) -> None:
    """With what to grant."""
    with pytest.raises(DatabaseError, match=r"permission denied for .*; grant the role"):
        async with open_repository(reader, tmp_path):
            pass


async def test_a_read_only_server_is_named(url: str, tmp_path: Path) -> None:
    """A write that lands on a replica says so; when that is the leader, it may succeed."""
    read_only = f"{url}&default_transaction_read_only=on"
    async with open_repository(read_only, tmp_path) as repository:
        with pytest.raises(DatabaseAway, match="read-only transaction; it is read-only"):
            await repository.store_markets([market()], simulated=False)


async def test_a_closed_repository_says_so(url: str, tmp_path: Path) -> None:
    """Not a driver's riddle."""
    async with open_repository(url, tmp_path) as repository:
        pass
    with pytest.raises(DatabaseError, match="the repository is closed"):
        await repository.get_markets()


@pytest.mark.needs_real_server
async def test_a_read_survives_a_lost_connection(repository: PostgresRepository) -> None:
    """It is asked again on a new one; so is the next write."""
    await repository.store_markets([market()], simulated=False)
    for _ in range(3):
        async with repository.link.borrow() as connection:
            pid = connection.get_server_pid()
        admin = await asyncpg.connect(repository.link.url)
        await admin.execute("select pg_terminate_backend($1)", pid)
        await admin.close()
        assert len(await repository.get_markets()) == 1


@pytest.mark.needs_real_server
async def test_a_write_on_a_lost_connection_fails_cleanly(link: Link) -> None:
    """Whether it was committed is not known, so the writer must decide: it may try again."""
    with pytest.raises(DatabaseAway, match="terminating connection"):
        async with link.borrow() as connection:
            await connection.execute("select pg_terminate_backend(pg_backend_pid())")
    async with link.borrow() as connection:
        assert await connection.fetchval("select 1") == 1
