"""A PostgreSQL that asks for passwords on loopback, to be killed, filled and shut at will."""

import os
import shutil
import signal
import socket
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
from tests.cli.processes import children, freeze, wait_until_gone

from perps_stats.database.account import Account, server_account
from perps_stats.database.binaries import Binaries, find_binaries

OWNER, PASSWORD = "owner", "r1ght"
"""The owner may do everything."""
SETTINGS = {"listen_addresses": "127.0.0.1", "fsync": "off", "full_page_writes": "off"}
"""What a killed process has written is there without fsync: only the machine must not go down."""
HELD: list[socket.socket] = []


class OwnServer:
    """``more`` are settings of its configuration. It is stopped until ``start``."""

    def __init__(self, directory: Path, **more: str) -> None:
        self.port = free_port()
        self._data = directory / "data"
        self._log = directory / "server.log"
        self._account: Account = server_account(self._data)
        self._binaries: Binaries = find_binaries(self._account, directory.parent, None)
        secret = directory / "password"
        secret.write_text(PASSWORD)
        for path in (directory, secret):
            self._account.own(path)
        fixed = "--auth=scram-sha-256 --encoding=UTF8 --locale=C --no-sync --wal-segsize=1"
        words = ("-U", OWNER, f"--pwfile={secret}", "-D", self._data)
        self._run("initdb", *fixed.split(), *words)
        settings = {**SETTINGS, "unix_socket_directories": "", "port": str(self.port), **more}
        with (self._data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())

    def url(self, database: str, user: str = OWNER, password: str = PASSWORD) -> str:
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        self._run("pg_ctl", "start", "-w", "-s", "-D", self._data, "-l", self._log)

    def stop(self) -> None:
        """As an administrator does: who is connected is sent away."""
        self._run("pg_ctl", "stop", "-w", "-s", "-m", "fast", "-D", self._data)

    def kill(self) -> None:
        """The server alone: what it has started notices, and ends by itself. Until then no other
        could start.
        """
        leader = self.pid
        freeze(leader)
        others = children(leader)
        os.kill(leader, signal.SIGKILL)
        (
            self._data / "postmaster.pid"
        ).unlink()  # the next one takes a zombie for a server that runs
        wait_until_gone(others)

    def follow(self, *, leader: bool) -> None:
        """Start it as a standby, which only reads, or as itself again."""
        mark = self._data / "standby.signal"
        self.stop()
        if leader:
            mark.unlink()
        else:
            mark.touch()
            self._account.own(mark)
        self.start()

    @property
    def pid(self) -> int:
        """Of the server itself, not of those that it has started."""
        return int((self._data / "postmaster.pid").read_text().split("\n", 1)[0])

    @property
    def runs(self) -> bool:
        command = (self._binaries.bin / "pg_ctl", "status", "-D", self._data)
        return self._account.run(*command).returncode == 0

    async def execute(self, sql: str, database: str = "postgres") -> None:
        connection = await asyncpg.connect(self.url(database))
        try:
            await connection.execute(sql)
        finally:
            await connection.close()

    def _run(self, program: str, *words: str | Path) -> None:
        answer = self._account.run(self._binaries.bin / program, *words)
        assert answer.returncode == 0, answer.stdout


def free_port() -> int:
    """For whoever is told it. Nobody else is given it while this process lives: it is bound here,
    without a listener, beside which one may listen who asks for it.
    """
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    HELD.append(held)
    port: int = held.getsockname()[1]
    return port


@contextmanager
def own_server(directory: Path, **more: str) -> Generator[OwnServer]:
    """Started; ``directory`` is one that the server's account can reach."""
    server = OwnServer(directory, **more)
    server.start()
    try:
        yield server
    finally:
        if server.runs:
            server.stop()
        shutil.rmtree(directory)
