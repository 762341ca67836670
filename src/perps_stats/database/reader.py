"""Connections that answers are read by: they can only read, and not for long.

In a database of our own they log in as a role that may select and nothing else. On a server of the
user's they take on that role where there is one; else only the session says that it is read-only.
"""

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import asyncpg
import structlog

from perps_stats.database.link import SETTINGS, Link
from perps_stats.database.statements import statement

ROLE = "perps_stats_reader"
log = structlog.get_logger()


@asynccontextmanager
async def reading_link(link: Link, statement_seconds: float) -> AsyncGenerator[Link]:
    """A way to the same database. ``link`` may write: it grants what is needed."""
    settings = {
        **SETTINGS,
        "application_name": "perps-stats api",
        "default_transaction_read_only": "on",
        "statement_timeout": str(round(statement_seconds * 1000)),
    }
    if link.is_own:
        await link.fetch(statement("create_reader"))
    await link.fetch(statement("let_reader_read"))
    if link.is_own:
        reader = link.beside(settings, url=re.sub("//[^@]*@", f"//{ROLE}@", link.url))
    elif await _may_be_reader(link):
        reader = link.beside({**settings, "role": ROLE})
    else:
        reader = link.beside(settings)
        log.warning(
            "answers are read as the user of the database url, in sessions that are read-only",
            remedy=f"create role {ROLE}; grant {ROLE} to that user",
        )
    await reader.open()
    try:
        yield reader
    finally:
        await reader.close()


async def _may_be_reader(link: Link) -> bool:
    async with link.borrow() as connection:
        try:
            async with connection.transaction():
                await connection.execute(statement("be_reader"))
                await connection.execute(statement("reader_sees"))
        except (asyncpg.InvalidParameterValueError, asyncpg.InsufficientPrivilegeError):
            return False
        return True
