"""The server that the program brings along: shared, found dead, left by the last."""

import asyncio
import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from threading import Event

import pytest

from perps_stats.database.account import ENVIRONMENT, Account, server_account
from perps_stats.database.cluster import Cluster
from perps_stats.database.embedded import Embedded, embedded
from perps_stats.database.locks import Patience, exclusive, open_lock, try_lock

from .clients import runs, server_pid
from .servers import ask, needs_proc


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


def environment_of(pid: int) -> list[str]:
    return [part for part in Path(f"/proc/{pid}/environ").read_text().split("\0") if part]


async def test_a_killed_server_is_revived(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a client that still has it open, and by one that comes new."""
    monkeypatch.setattr("perps_stats.database.embedded.REVIVE_SECONDS", 60)  # a slow recovery
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
    return subprocess.Popen(["sleep", "600"], user=account.uid if account.switch else None)


async def test_a_called_off_start_leaves_no_server(made: Path) -> None:
    """Ctrl-C while the database starts after a crash: what was launched ends."""
    async with embedded(made):
        before = server_pid(made)
        os.kill(before, signal.SIGKILL)
    server = Embedded(made)
    opening = asyncio.create_task(server.open())
    pid = await launched_after(before, made)
    opening.cancel()
    with suppress(asyncio.CancelledError):
        await opening
    await server.close()
    assert not runs(pid)


async def launched_after(predecessor: int, directory: Path) -> int:
    """The pid of the next server, as soon as it has written it."""
    while True:
        with suppress(FileNotFoundError, ValueError):
            if (pid := server_pid(directory)) != predecessor:
                return pid
        await asyncio.sleep(0)


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
