"""Whom the server runs as."""

import os
import pwd
from pathlib import Path

import pytest

from perps_stats.database.embedded import embedded

from .clients import client, runs, server_pid
from .servers import AS_ROOT, needs_root, reachable_programs, user_of


@pytest.mark.skipif(not AS_ROOT, reason="only under root does the server change its user")
async def test_root_lends_the_server_another_user(directory: Path) -> None:
    """And no directory above changes its mode."""
    modes = {path: path.stat().st_mode for path in (directory, *directory.parents)}
    async with embedded(directory):
        pid = server_pid(directory)
        assert user_of(pid) not in {0, os.geteuid()}
    assert modes == {path: path.stat().st_mode for path in (directory, *directory.parents)}


@needs_root
def test_a_user_runs_his_own_server(directory: Path, user: str, tmp_path: Path) -> None:
    """Without root everything belongs to him, and others stay out."""
    place = directory / "his"
    with client(place, "hold", user, environment=reachable_programs(tmp_path)) as his:
        assert his.hear() == "open"
        pid = server_pid(place)
        assert {path.stat().st_uid for path in place.rglob("*")} == {int(user)}
        assert place.stat().st_mode & 0o777 == 0o700
        his.end()
    assert not runs(pid)


@needs_root
async def test_root_serves_a_users_directory(directory: Path, user: str, tmp_path: Path) -> None:
    """The server runs as the owner of the data, and he can use it again afterwards."""
    environment = reachable_programs(tmp_path)
    with client(directory, "hold", user, environment=environment) as his:
        assert his.hear() == "open"
        async with embedded(directory):
            pid = server_pid(directory)
            assert his.end() == ["closed", ""]
            assert runs(pid)
    async with embedded(directory):
        assert user_of(server_pid(directory)) == int(user)
    with client(directory, "hold", user, environment=environment) as again:
        assert again.hear() == "open"


@needs_root
@pytest.mark.parametrize("mode", [0o755, 0o700])
def test_a_user_without_permission_is_told(directory: Path, mode: int, tmp_path: Path) -> None:
    """A directory of root's: one line, exit 3, and the settings to change."""
    directory.chmod(mode)
    nobody = str(pwd.getpwnam("nobody").pw_uid)
    environment = reachable_programs(tmp_path)
    with client(directory / "x", "hold", nobody, environment=environment) as his:
        said = his.hear()
    directory.chmod(0o755)
    assert said.startswith(f"error 3 database directory {directory}/x: cannot be written")
    assert "PERPS_STATS__DATABASE__DIR" in said


@needs_root
async def test_a_user_is_told_whose_data_it_is(made: Path, tmp_path: Path) -> None:
    """Data of another user."""
    os.chown(made, 12345, 12345)
    with client(made, "hold", "12345", environment=reachable_programs(tmp_path)) as other:
        assert "it belongs to nobody; run as that user" in other.hear()
