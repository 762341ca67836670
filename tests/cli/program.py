"""The real program as a process of its own, in a directory without settings."""

import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TextIO

SECONDS = 60
UNHURRIED = {"PERPS_STATS__ASK__TIMEOUT_SECONDS": str(SECONDS)}
"""An exchange on a busy machine answers late."""
PATIENT = """
from perps_stats.app import parts
from perps_stats.cli import service
from perps_stats.database import embedded, link
parts.PART_SECONDS, parts.ALL_SECONDS = 30.0, 40.0
service.GRACE_SECONDS, service.STOP_SECONDS = 45.0, 50.0
link.CONNECT_SECONDS = embedded.REVIVE_SECONDS = 30
from perps_stats.__main__ import main
main()
"""
"""The program, with as long to end, and to reach its database, as a busy machine may need."""


class Ended(NamedTuple):
    code: int
    out: str
    err: str


class Program:
    """``environ`` is added to an environment that says nothing about perps-stats."""

    def __init__(self, directory: Path, environ: Mapping[str, str] | None = None) -> None:
        self.directory = directory
        kept = {name: value for name, value in os.environ.items() if not _is_ours(name)}
        home = {"PERPS_STATS__STREAM__SPOOL_DIR": str(directory / "spool")}
        self.environ = {**kept, "NO_COLOR": "1", **home, **UNHURRIED, **(environ or {})}

    def __call__(self, *words: str, **environ: str) -> Ended:
        done = subprocess.run(
            command(words),
            cwd=self.directory,
            env={**self.environ, **environ},
            capture_output=True,
            encoding="utf-8",
            timeout=SECONDS,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def start(
        self, *words: str, is_patient: bool = True, log: TextIO | int = subprocess.PIPE
    ) -> subprocess.Popen[str]:
        """``is_patient``: whether it has longer than it gives itself. ``log``: who says much on
        stderr, and goes on, is held up by a pipe that nobody reads.
        """
        return subprocess.Popen(
            [sys.executable, "-c", PATIENT, *words] if is_patient else command(words),
            cwd=self.directory,
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=log,
            encoding="utf-8",
        )

    def on_terminal(self, *words: str, columns: int = 200, until: str | None = None) -> Ended:
        """What a terminal of that width shows; its errors appear on the same screen. It is told to
        stop once it shows ``until``.
        """
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            command(words) if until is None else [sys.executable, "-c", PATIENT, *words],
            cwd=self.directory,
            env={**self.environ, "COLUMNS": str(columns), "TERM": "xterm"},
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        screen = b""
        for chunk in _chunks(ours):
            screen += chunk
            if until is not None and until.encode() in screen:
                process.send_signal(signal.SIGINT)
                until = None
        text = re.sub(r"\x1b\[[\d;]*m", "", screen.decode().replace("\r\n", "\n"))
        return Ended(process.wait(SECONDS), text, "")


def command(words: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "perps_stats", *words]


def stop(process: "subprocess.Popen[str]", number: signal.Signals) -> Ended:
    """Signal it, and wait for its end."""
    process.send_signal(number)
    return ended(process)


def ended(process: "subprocess.Popen[str]") -> Ended:
    """Once it is."""
    out, err = process.communicate(timeout=SECONDS)
    return Ended(process.returncode, out, err)


def _is_ours(name: str) -> bool:
    return name.startswith("PERPS_STATS__") or name == "DATABASE_URL"


def _chunks(descriptor: int) -> Generator[bytes]:
    """A terminal whose other end is closed ends with an error on Linux, with nothing elsewhere."""
    try:
        while chunk := os.read(descriptor, 65536):
            yield chunk
    except OSError:
        pass
    finally:
        os.close(descriptor)
