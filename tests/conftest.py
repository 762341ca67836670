"""A real server for each test process, and a fresh database for each test."""

import asyncio
import os
import shutil
from collections.abc import AsyncGenerator, Generator
from itertools import count
from pathlib import Path
from tempfile import mkdtemp

import asyncpg
import pytest
from hypothesis import HealthCheck, settings

from perps_stats.database.embedded import Embedded
from perps_stats.database.link import Link
from perps_stats.database.migrate import migrate
from perps_stats.database.repository import PostgresRepository, open_repository

# How fast a machine generates examples says nothing about the code.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")
TEMPLATE = "perps_template"
NUMBERS = count()


@pytest.fixture
def directory() -> Generator[Path]:
    """An empty directory that the unprivileged user of the server can reach, also under root."""
    path = reachable_directory()
    yield path
    shutil.rmtree(path)


def reachable_directory() -> Path:
    path = Path(mkdtemp(prefix="perps-stats-test-", dir="/tmp" if os.geteuid() == 0 else None))
    path.chmod(0o755)
    return path


@pytest.fixture(scope="session")
def server() -> Generator[Embedded]:
    """One server a test process; its template database has the whole schema."""
    path = reachable_directory()
    embedded = Embedded(path)
    try:
        asyncio.run(embedded.open())
        asyncio.run(_make_template(embedded.url))
        yield embedded
    finally:
        asyncio.run(embedded.close())
        shutil.rmtree(path)


@pytest.fixture
async def url(server: Embedded) -> AsyncGenerator[str]:
    """The address of a fresh database."""
    name = f"test_{next(NUMBERS)}"
    await _run(server.url, f"create database {name} template {TEMPLATE}")
    yield server.url.replace("/postgres?", f"/{name}?")
    await _run(server.url, f"drop database {name} with (force)")


@pytest.fixture
async def repository(url: str, tmp_path: Path) -> AsyncGenerator[PostgresRepository]:
    """A repository on a fresh database."""
    async with open_repository(url, tmp_path) as fresh:
        yield fresh


@pytest.fixture
async def link(url: str) -> AsyncGenerator[Link]:
    opened = Link(url)
    await opened.open()
    yield opened
    await opened.close()


async def _make_template(url: str) -> None:
    """Without fsync databases come and go faster; what survives a crash is tested elsewhere."""
    await _run(url, "alter system set fsync = off")
    await _run(url, "select pg_reload_conf()")
    await _run(url, f"create database {TEMPLATE}")
    template = Link(url.replace("/postgres?", f"/{TEMPLATE}?"))
    await template.open()
    await migrate(template)
    await template.close()


async def _run(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()
