"""The real program as a process of its own, in a directory without settings."""

import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

SECONDS = 60


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
        self.environ = {**kept, "NO_COLOR": "1", **home, **(environ or {})}

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

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command(words),
            cwd=self.directory,
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def on_terminal(self, *words: str, columns: int = 200) -> Ended:
        """What a terminal of that width shows; its errors appear on the same screen."""
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            command(words),
            cwd=self.directory,
            env={**self.environ, "COLUMNS": str(columns), "TERM": "xterm"},
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        screen = _read_all(ours)
        return Ended(process.wait(SECONDS), re.sub(r"\x1b\[[\d;]*m", "", screen), "")


def command(words: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "perps_stats", *words]


def stop(process: "subprocess.Popen[str]", number: signal.Signals) -> Ended:
    """Signal it, and wait for its end."""
    process.send_signal(number)
    out, err = process.communicate(timeout=SECONDS)
    return Ended(process.returncode, out, err)


def _is_ours(name: str) -> bool:
    return name.startswith("PERPS_STATS__") or name == "DATABASE_URL"


def _read_all(descriptor: int) -> str:
    """A terminal whose other end is closed ends with an error on Linux, with nothing elsewhere."""
    chunks: list[bytes] = []
    try:
        while chunk := os.read(descriptor, 65536):
            chunks.append(chunk)
    except OSError:
        pass
    finally:
        os.close(descriptor)
    return b"".join(chunks).decode().replace("\r\n", "\n")
