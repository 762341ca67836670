"""Processes that are not ours to wait for, as ``/proc`` tells of them: some end meanwhile."""

import os
import signal
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

STANDS_STILL = ("T", "Z", "")


class Seen(NamedTuple):
    """``state`` as ``ps`` has it, empty where there is no such process."""

    state: str
    parent: int


def look_at(pid: int) -> Seen:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return Seen("", 0)
    state, parent = text.rpartition(")")[2].split()[:2]
    return Seen(state, int(parent))


def children(leader: int) -> list[int]:
    pids = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
    return [pid for pid in pids if look_at(pid).parent == leader]


def freeze(pid: int) -> None:
    """From when it returns."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGSTOP)
    while look_at(pid).state not in STANDS_STILL:
        time.sleep(0.01)


def freeze_family(leader: int) -> list[int]:
    """The leader first: it then has no more children than are seen."""
    freeze(leader)
    family = [leader, *children(leader)]
    for pid in family:
        freeze(pid)
    return family


@contextmanager
def frozen(leader: int) -> Generator[None]:
    """It and all its children stand still: they answer nobody, and nobody notices."""
    family = freeze_family(leader)
    try:
        yield
    finally:
        for pid in family:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def wait_until_gone(pids: list[int]) -> None:
    while any(look_at(pid).state not in {"Z", ""} for pid in pids):
        time.sleep(0.01)
