"""The data directory: how it is made, and when it is refused."""

import os
import pwd
from pathlib import Path

import pytest

from perps_stats.core.errors import ConfigError, DatabaseError
from perps_stats.database.binaries import VARIABLE
from perps_stats.database.cluster import Cluster
from perps_stats.database.embedded import embedded

from .servers import AS_ROOT, ask, needs_root, refusal


async def test_what_was_half_made_is_made_anew(directory: Path) -> None:
    """An interrupted start leaves a draft, which is neither used nor kept."""
    draft = directory / "data-draft-0badcafe"
    (draft / "base").mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18\n")
    async with embedded(directory) as url:
        assert await ask(url, "select 1") == 1
    assert not draft.exists()


async def test_somebody_elses_files_are_left_alone(directory: Path) -> None:
    """A ``data`` that is no database is not overwritten."""
    (directory / "data").mkdir()
    (directory / "data" / "thesis.txt").write_text("precious")
    if AS_ROOT:
        nobody = pwd.getpwnam("nobody")
        os.chown(directory / "data", nobody.pw_uid, nobody.pw_gid)
    told = await refusal(directory)
    assert "it is not empty and not a database" in str(told)
    assert (directory / "data" / "thesis.txt").read_text() == "precious"


async def test_data_of_another_version_is_refused(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both versions are named, and what to do."""
    monkeypatch.delenv(VARIABLE, raising=False)
    (made / "data" / "PG_VERSION").write_text("12\n")
    told = await refusal(made)
    assert isinstance(told, DatabaseError)
    assert "its data is of PostgreSQL 12, and this program brings 18" in str(told)


async def test_damaged_data_gives_the_servers_own_reason(made: Path) -> None:
    """And the place of the log."""
    (made / "data" / "global" / "pg_control").unlink()
    told = str(await refusal(made))
    assert "the database does not start" in told
    assert "could not find the database system" in told
    assert str(made / "data" / "server.log") in told


async def test_a_file_in_the_way_is_named(directory: Path) -> None:
    """It exits with 3 and says which settings choose another place."""
    (directory / "file").write_text("")
    told = await refusal(directory / "file" / "below")
    assert isinstance(told, ConfigError)
    assert "cannot be written (Not a directory)" in str(told)
    assert "PERPS_STATS__DATABASE__DIR" in str(told)


@needs_root
async def test_a_directory_the_server_cannot_enter_is_named(directory: Path) -> None:
    """Root may enter it, the server's user may not: no mode is changed, another place is asked."""
    closed = directory / "closed"
    closed.mkdir(mode=0o700)
    told = await refusal(closed / "below")
    assert isinstance(told, ConfigError)
    assert "who cannot enter it" in str(told)
    assert closed.stat().st_mode & 0o777 == 0o700


async def test_characters_that_a_shell_reads_are_refused(directory: Path) -> None:
    """They would be expanded on the way to the server."""
    assert "must not hold" in str(await refusal(directory / "a$(b)"))


@pytest.mark.parametrize("name", ["x" * 120, "with, comma", "space and 'quote' ü"])
async def test_awkward_paths_work(directory: Path, name: str) -> None:
    """A path too long for a socket gets a short one below /tmp, which every process finds."""
    place = directory / name
    async with embedded(place) as url:
        async with embedded(place) as same:
            assert same == url
        assert await ask(url, "show data_directory") == str(place / "data")
    sockets = Cluster(place).socket_directory
    assert len(str(sockets)) < 100
    assert sockets.parent == place or not sockets.exists()
