"""What processes have cost the processor, as the kernel counts it: to a hundredth of a second."""

import os
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
PARENT, USER, REAPED_SYSTEM = 1, 11, 14
"""Places in ``/proc/PID/stat`` after the name: the parent; from user to children's system."""


def _stat(path: Path) -> list[str]:
    return (path / "stat").read_text().rpartition(") ")[2].split()


def _seconds(stat: list[str]) -> float:
    return sum(map(int, stat[USER : REAPED_SYSTEM + 1])) / TICK


def seconds_of(pid: int) -> float:
    """Of a process, and of its children, also those that have ended."""
    total = _seconds(_stat(Path(f"/proc/{pid}")))
    for path in Path("/proc").glob("[0-9]*"):
        try:
            stat = _stat(path)
        except OSError:
            continue  # it has just ended
        if int(stat[PARENT]) == pid:
            total += _seconds(stat)
    return total


def server_pid(directory: Path) -> int:
    """Of the database server whose files are in ``directory``."""
    return int((directory / "data" / "postmaster.pid").read_text().split()[0])
