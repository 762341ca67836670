"""Starts ``client.py`` and listens to it."""

import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

CLIENT = Path(__file__).with_name("client.py")


class Client:
    def __init__(self, *arguments: str | Path, environment: dict[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(CLIENT), *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env={**os.environ, **(environment or {})},
        )

    def hear(self) -> str:
        """The next line; empty at the end."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def hear_acked(self, least: int) -> int:
        """The first acknowledged number that is at least so much."""
        while line := self.hear():
            word, _, number = line.partition(" ")
            if word == "acked" and int(number) >= least:
                return int(number)
        raise AssertionError("the client ended")

    def end(self) -> list[str]:
        """Ask it to end; what it still said."""
        return self.process.communicate(timeout=60)[0].split("\n")

    def kill(self) -> list[str]:
        """As ``kill -9`` does; what it still said."""
        self.process.send_signal(signal.SIGKILL)
        return self.end()


@contextmanager
def client(*arguments: str | Path, environment: dict[str, str] | None = None) -> Generator[Client]:
    """Killed in the end, if it still runs."""
    started = Client(*arguments, environment=environment)
    try:
        yield started
    finally:
        if started.process.poll() is None:
            started.kill()
        for pipe in (started.process.stdin, started.process.stdout):
            if pipe is not None:
                pipe.close()


def server_pid(directory: Path) -> int:
    return int((directory / "data" / "postmaster.pid").read_text().split("\n", 1)[0])


def runs(pid: int) -> bool:
    """Whether a process does, a zombie not counted."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"
