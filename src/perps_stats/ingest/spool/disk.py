"""The files of a spool, and the few steps they know: a test lets one die between any two."""

import fcntl
import os
from pathlib import Path
from typing import Protocol

from perps_stats.core.errors import ConfigError

LOCK = "lock"
SUFFIX = ".spool"
REMEDY = "name a directory of this process alone: PERPS_STATS__STREAM__SPOOL_DIR"


class Disk(Protocol):
    """Segments by number. Every method may raise ``OSError``. What was appended is durable when
    ``sync`` returns, that a segment is there, or no longer, when ``sync_directory`` does.
    """

    def numbers(self) -> list[int]:
        """Of the segments that are there, ascending."""
        ...

    def size(self, number: int) -> int: ...
    def read(self, number: int, start: int, end: int) -> bytes: ...
    def create(self, number: int) -> None: ...
    def append(self, number: int, data: bytes) -> None: ...
    def sync(self, number: int) -> None: ...
    def cut(self, number: int, size: int) -> None: ...
    def remove(self, number: int) -> None: ...
    def sync_directory(self) -> None: ...


class Directory:
    """A directory of this process alone, until closed: else ``ConfigError``."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._itself = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            self._lock = os.open(path / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise _unusable(path, error.strerror or str(error)) from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self.close()
            raise _unusable(path, "another process uses it") from None
        if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
            self.close()
            raise _unusable(path, "it cannot be written")

    def close(self) -> None:
        os.close(self._lock)
        os.close(self._itself)

    def numbers(self) -> list[int]:
        stems = (path.stem for path in self.path.glob(f"*{SUFFIX}"))
        return sorted(int(stem) for stem in stems if stem.isdecimal())

    def size(self, number: int) -> int:
        return self._file(number).stat().st_size

    def read(self, number: int, start: int, end: int) -> bytes:
        with self._file(number).open("rb", buffering=0) as file:
            file.seek(start)
            return file.read(end - start)

    def create(self, number: int) -> None:
        self._file(number).touch(0o644, exist_ok=False)

    def append(self, number: int, data: bytes) -> None:
        with self._file(number).open("ab", buffering=0) as file:
            left = memoryview(data)
            while left:
                left = left[file.write(left) :]

    def sync(self, number: int) -> None:
        with self._file(number).open("rb+", buffering=0) as file:
            os.fsync(file.fileno())

    def cut(self, number: int, size: int) -> None:
        os.truncate(self._file(number), size)

    def remove(self, number: int) -> None:
        self._file(number).unlink()

    def sync_directory(self) -> None:
        os.fsync(self._itself)

    def _file(self, number: int) -> Path:
        return self.path / f"{number:012d}{SUFFIX}"


def _unusable(path: Path, reason: str) -> ConfigError:
    return ConfigError(f"stream.spool_dir: {path}: {reason}; {REMEDY}")
