"""Connections that answers are read by: they read, and nothing else."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest
import structlog
from tests.engines import Server

from perps_stats.database.failures import TooSlow
from perps_stats.database.link import Link
from perps_stats.database.migrate import migrate
from perps_stats.database.reader import ROLE, reading_link
from perps_stats.database.repository import open_link

FORBIDDEN = (
    "select * from api_keys",
    "insert into exchanges values ('x', true)",
    "delete from markets",
    "truncate trades",
    "create table t ()",
    "create temporary table t ()",
    "drop table markets",
    "alter role current_user superuser",
    "select lo_create(0)",
    "select lo_from_bytea(0, 'x')",
    "copy exchanges from program 'true'",
    "select pg_read_file('/etc/passwd')",
    "select nextval(pg_get_serial_sequence('markets', 'market_id'))",
)
BOLD = "set transaction read write"
"""What an attacker would say first."""
LONG = 60
"""Seconds that a statement may take on any machine."""


async def refused(link: Link, *statements: str) -> str:
    """The state of the refusal."""
    async with link.acquire() as connection:
        with pytest.raises(asyncpg.PostgresError) as told:
            await connection.execute("; ".join(statements))
    return str(told.value.sqlstate)


@pytest.fixture
async def own(directory: Path) -> AsyncGenerator[Link]:
    """A database of the program's own."""
    async with open_link(None, directory) as link:
        await migrate(link)
        yield link


async def test_in_our_own_database_nothing_but_reading_is_possible(own: Link) -> None:
    """Whatever is said, also where the session is told to write; the clock stops what is long."""
    async with reading_link(own, LONG) as reader:
        assert [tuple(row) for row in await reader.fetch("select current_user::text")] == [(ROLE,)]
        assert await reader.fetch("select * from markets, trades, tickers_1h") == []
        for statement in FORBIDDEN:
            assert await refused(reader, BOLD, statement) in {"42501", "25006"}
        assert await refused(reader, "set role postgres") == "42501"
        assert await refused(reader, "set session authorization postgres") == "42501"
    async with reading_link(own, 1) as reader:
        with pytest.raises(TooSlow, match="took too long"):
            await reader.fetch("select pg_sleep(30)")


async def test_what_is_made_later_can_be_read_too(own: Link) -> None:
    """Parts of fact tables come every day."""
    async with reading_link(own, LONG) as reader:
        async with own.borrow() as connection:
            await connection.execute("create table later (a integer)")
        assert await reader.fetch("select * from later") == []


async def test_it_comes_back_after_the_server_was_away(own: Link) -> None:
    """As the way that writes does: by the same server, as the same role."""
    async with reading_link(own, LONG) as reader:
        async with own.borrow() as connection:
            with pytest.raises(asyncpg.PostgresError):
                await connection.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity where datid is not null"
                )
        assert [tuple(row) for row in await reader.fetch("select current_user::text")] == [(ROLE,)]


@asynccontextmanager
async def role(server: Server, *more: str) -> AsyncGenerator[None]:
    """On a server of the user's there is the role."""
    for each in (f"create role {ROLE}", *more):
        await server.run(each)
    try:
        yield
    finally:
        await server.run(f"drop role {ROLE}")


@pytest.mark.needs_real_server
async def test_on_a_server_of_the_users_the_role_is_taken_on(server: Server, link: Link) -> None:
    """Where there is one; what it may read is granted by us, what it may not is not there."""
    async with role(server):
        async with reading_link(link, LONG) as reader:
            assert (await reader.fetch("select current_user::text"))[0][0] == ROLE
            assert await reader.fetch("select * from markets, trades, tickers_1h") == []
            for statement in FORBIDDEN[:5]:
                assert await refused(reader, BOLD, statement) == "42501"
            await reader.fetch("reset all")
            assert (await reader.fetch("select current_user::text"))[0][0] == ROLE
        async with link.borrow() as connection:
            await connection.execute(f"drop owned by {ROLE}")


async def test_without_the_role_the_session_is_read_only(link: Link) -> None:
    """And the log says what to create."""
    with structlog.testing.capture_logs() as logs:
        async with reading_link(link, LONG) as reader:
            assert await reader.fetch("select * from markets") == []
            for statement in FORBIDDEN[1:5]:
                assert await refused(reader, statement) == "25006"
    assert [line["remedy"] for line in logs if "remedy" in line] == [
        f"create role {ROLE}; grant {ROLE} to that user"
    ]


@pytest.mark.needs_real_server
async def test_a_role_that_cannot_be_taken_on_or_sees_nothing(server: Server, url: str) -> None:
    """Is as none: an owner who is no member of it, in a database of his own."""
    await server.run("create role plain login")
    async with role(server), server.database("plain") as address:
        await server.run("alter database plain owner to plain")
        link = Link(address.replace("//postgres@", "//plain@"))
        await link.open()
        try:
            await migrate(link)
            async with reading_link(link, LONG) as reader:
                assert (await reader.fetch("select current_user::text"))[0][0] == "plain"
                assert await refused(reader, FORBIDDEN[1]) == "25006"
        finally:
            await link.close()
    await server.run("drop role plain")
    assert url
