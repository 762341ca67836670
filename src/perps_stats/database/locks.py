"""File locks between processes. The kernel frees them when a process dies, however it dies."""

import fcntl
import logging
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from time import monotonic

from perps_stats.database.failures import DatabaseAway

SAY_AGAIN = 5.0
log = logging.getLogger(__name__)


class CalledOff(DatabaseAway):
    def __init__(self) -> None:
        super().__init__("interrupted while waiting for the database")


class Patience:
    """Waits for ``what`` at most ``seconds``, tells every five, ends at once when called off."""

    def __init__(self, what: str, seconds: float, called_off: Event) -> None:
        self._what = what
        self._called_off = called_off
        self._begin = monotonic()
        self._end = self._begin + seconds
        self._say = self._begin + SAY_AGAIN
        self._pause = 0.005

    def wait(self) -> None:
        """A short pause, longer each time."""
        if self._called_off.wait(self._pause):
            raise CalledOff
        self._pause = min(self._pause * 1.3, 0.25)
        now = monotonic()
        if now > self._end:
            raise DatabaseAway(f"{self._what}: not done after {now - self._begin:.0f} s")
        if now > self._say:
            self._say = now + SAY_AGAIN
            log.warning("waiting: %s (%.0f s)", self._what, now - self._begin)


def open_lock(path: Path) -> int:
    """Read-only, so that a lock made by root serves the directory's owner too."""
    return os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)


def try_lock(lock: int, *, shared: bool = False) -> bool:
    try:
        fcntl.flock(lock, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def exclusive(path: Path, patience: Patience) -> Generator[None]:
    lock = open_lock(path)
    try:
        while not try_lock(lock):
            patience.wait()
        yield
    finally:
        os.close(lock)
