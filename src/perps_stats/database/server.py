"""The server of a cluster: start it, stop it. Liveness is a connection, never a pid."""

import os
import re
import signal
import socket
import struct
from contextlib import suppress
from enum import Enum
from pathlib import Path
from threading import Event
from time import monotonic

from perps_stats.core.errors import DatabaseError
from perps_stats.database.account import Account
from perps_stats.database.binaries import Binaries, find_binaries
from perps_stats.database.cluster import USER, Cluster
from perps_stats.database.failures import DatabaseAway
from perps_stats.database.locks import CalledOff, Patience

ANSWER_SECONDS = 5
LEAVING_SECONDS = 30
SILENT_SECONDS = 10
FAST_SHUTDOWN = signal.SIGINT
HELLO = f"user\0{USER}\0database\0postgres\0application_name\0perps-stats probe\0\0".encode()
GOODBYE = b"X\0\0\0\4"
PROTOCOL_3 = 196608
TOO_MANY_CLIENTS = b"C53300\0"
BIGGEST_LOG = 1 << 20
LAST_WORDS = re.compile(r"(FATAL|PANIC):  (?!the database system is)|^postgres: ")
STILL_LEAVING = ("is still in use", "already exists")
"""A predecessor is dead, and its backends have not noticed yet."""


class State(Enum):
    DOWN = "down"
    BUSY = "starting, recovering or stopping"
    UP = "up"


def state(path: Path) -> State:
    """What the server on the socket ``path`` says to a client that logs in."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(ANSWER_SECONDS)
            connection.connect(str(path))
            connection.sendall(struct.pack("!II", len(HELLO) + 8, PROTOCOL_3) + HELLO)
            answer = connection.recv(1024)
            if answer[:1] == b"R":
                with suppress(OSError):
                    connection.sendall(GOODBYE)
                return State.UP
    except (FileNotFoundError, ConnectionRefusedError):
        return State.DOWN
    except OSError:
        return State.BUSY
    return State.UP if TOO_MANY_CLIENTS in answer else State.BUSY


def start(cluster: Cluster, account: Account, patience: Patience) -> None:
    """Called under the start lock; returns when the server answers."""
    while (now := state(cluster.socket)) is not State.UP:
        if now is State.DOWN:
            binaries = find_binaries(account, cluster.directory, cluster.version())
            if cluster.version() is None:
                cluster.create(binaries, account)
            cluster.configure(account)
            cluster.make_socket_directory(account)
            _launch(cluster, binaries, account, patience)
        else:
            patience.wait()


def stop(cluster: Cluster, patience: Patience) -> None:
    """Called under the start lock; returns when the process has gone."""
    pid = _pid_in(cluster.postmaster)
    if pid is None or state(cluster.socket) is not State.UP:
        return
    _end(pid, patience)
    if cluster.socket_directory.parent != cluster.directory:
        with suppress(OSError):
            cluster.socket_directory.rmdir()


def _end(pid: int, patience: Patience) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, FAST_SHUTDOWN)
    while _is_running(pid):
        patience.wait()


def _launch(cluster: Cluster, binaries: Binaries, account: Account, patience: Patience) -> None:
    """Again while a dead predecessor's backends are leaving."""
    last_try = monotonic() + LEAVING_SECONDS
    while True:
        _forget_stranger(cluster)
        written, predecessor = _trimmed(cluster.log), _pid_in(cluster.postmaster)
        command = ("start", "-W", "-s", "-D", cluster.data, "-l", cluster.log)
        answer = account.run(binaries.bin / "pg_ctl", *command)
        if answer.returncode:
            raise DatabaseError(f"{cluster.directory}: cannot be started: {answer.stdout.strip()}")
        try:
            reason = _outcome(cluster, written, patience)
        except CalledOff:
            _withdraw(cluster, predecessor)
            raise
        if reason is None:
            return
        if monotonic() > last_try or not any(sign in reason for sign in STILL_LEAVING):
            raise DatabaseError(
                f"{cluster.directory}: the database does not start: {reason}; see {cluster.log}"
            )
        patience.wait()


def _withdraw(cluster: Cluster, predecessor: int | None) -> None:
    """End what was launched and does not answer yet; it may not even have written its pid."""
    brief = Patience("the database stops that was called off", SILENT_SECONDS, Event())
    with suppress(DatabaseAway):
        while (pid := _pid_in(cluster.postmaster)) is None or pid == predecessor:
            brief.wait()
        _end(pid, brief)


def _outcome(cluster: Cluster, written: int, patience: Patience) -> str | None:
    """``None`` when the server answers; else why the one that was launched gave up."""
    last_sign = monotonic()
    while (now := state(cluster.socket)) is not State.UP:
        pid = _pid_in(cluster.postmaster)
        if now is State.BUSY or (pid is not None and _is_running(pid)):
            last_sign = monotonic()
        elif reason := _last_words(cluster.log, written):
            return reason
        elif monotonic() > last_sign + SILENT_SECONDS:
            return "it ended without a word"
        patience.wait()
    return None


def _last_words(log: Path, written: int) -> str | None:
    if not log.exists():
        return None
    with log.open(encoding="utf-8", errors="replace") as file:
        file.seek(written)
        fatal = [line for line in file if LAST_WORDS.search(line)]
    return fatal[-1].split(": ", 1)[1].strip() if fatal else None


def _trimmed(log: Path) -> int:
    """The size of the log, emptied first where it has grown large."""
    try:
        if log.stat().st_size > BIGGEST_LOG:
            os.truncate(log, 0)
        return log.stat().st_size
    except FileNotFoundError:
        return 0


def _pid_in(file: Path) -> int | None:
    try:
        return int(file.read_text().splitlines()[0])
    except (FileNotFoundError, ValueError, IndexError):
        return None


def _is_running(pid: int) -> bool:
    """A zombie that nobody has reaped yet does not run."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return False


def _forget_stranger(cluster: Cluster) -> None:
    """PostgreSQL takes any process whose pid stands in its lock files for a running server: a
    zombie, or after a reboot somebody else. A real one stands in its data directory.
    """
    for file in (cluster.postmaster, cluster.socket.with_name(f"{cluster.socket.name}.lock")):
        pid = _pid_in(file)
        if pid is not None and not _is_server(pid, cluster.data):
            file.unlink(missing_ok=True)


def _is_server(pid: int, data: Path) -> bool:
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == data
    except OSError:
        return not _is_zombie(pid)
