"""A terminal of one's own, for what a person would see of a command."""

import fcntl
import os
import pty
import struct
import subprocess
import termios
from collections.abc import Mapping, Sequence
from pathlib import Path

ROWS = 60


def on_terminal(
    command: Sequence[str],
    columns: int,
    environ: Mapping[str, str],
    directory: Path | None = None,
) -> str:
    """What a terminal of that width shows, colours included. ``environ`` is added to ours."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, columns, 0, 0))
    size = {"COLUMNS": str(columns), "TERM": "xterm-256color"}
    process = subprocess.Popen(  # noqa: S603 our own program
        command,
        stdout=theirs,
        stderr=theirs,
        cwd=directory,
        env={**os.environ, **environ, **size},
    )
    os.close(theirs)
    parts: list[bytes] = []
    try:
        while part := os.read(ours, 65_536):
            parts.append(part)
    except OSError:  # the terminal of a program that has ended
        pass
    process.wait()
    os.close(ours)
    return b"".join(parts).decode().replace("\r\n", "\n")
