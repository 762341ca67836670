"""A real server for each test process, and a fresh database for each test."""

import shutil
from collections.abc import AsyncGenerator, Generator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from perps_stats.database.link import Link
from perps_stats.database.repository import PostgresRepository, open_repository
from perps_stats.settings import load, tree

from .engines import ENGINE, TEMPLATE, Server, reachable_directory, running

# How fast a machine generates examples says nothing about the code.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")
NUMBERS = count()
ELSEWHERE = {
    "needs_real_server": (
        "timescale",
        "compiled to WebAssembly it is one session of one role: no other's locks, no restart",
    ),
    "needs_timescale": ("embedded", "is about TimescaleDB: PERPS_STATS_TEST_ENGINE=timescale"),
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what asks the chosen engine or starts a server, and skip what the engine cannot be."""
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        for fixture, mark in (("server", "database"), ("directory", "launcher")):
            if fixture in fixtures:
                item.add_marker(mark)
        for mark, (engine, reason) in ELSEWHERE.items():
            if engine == ENGINE and item.get_closest_marker(mark):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not told where its files are keeps them apart from all others."""
    for module in (tree, load):
        monkeypatch.setattr(module, "default_directory", lambda _environ: tmp_path / "home")


@pytest.fixture
def directory() -> Generator[Path]:
    """An empty directory that the unprivileged user of the server can reach, also under root."""
    path = reachable_directory()
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="session")
def server() -> Generator[Server]:
    """One server a test process; its template database has the whole schema."""
    with running() as started:
        yield started


@pytest.fixture
async def url(server: Server) -> AsyncGenerator[str]:
    """The address of a fresh database."""
    async with server.database(f"test_{next(NUMBERS)}", TEMPLATE) as address:
        yield address


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


@pytest.fixture
async def empty(server: Server) -> AsyncGenerator[Link]:
    """A database without a schema."""
    async with server.database(f"empty_{next(NUMBERS)}") as address:
        opened = Link(address)
        await opened.open()
        yield opened
        await opened.close()
