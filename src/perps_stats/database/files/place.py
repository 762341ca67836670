"""A file takes its name when it is whole: a reader never sees half of it."""

import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from perps_stats.core.errors import BadInput, Unwritable


@contextmanager
def placed(path: Path) -> Generator[Path]:
    """The name to write to. It becomes ``path`` in the end; after an error nothing is left.

    Raises ``Unwritable``.
    """
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with writing_to(path):
            part.touch()
        yield part
        with writing_to(path):
            _settle(part)
            part.replace(path)
    finally:
        with suppress(OSError):
            part.unlink()


@contextmanager
def writing_to(path: Path) -> Generator[None]:
    """Turn what the system says into ``Unwritable``."""
    try:
        yield
    except OSError as error:
        raise Unwritable(f"{path} cannot be written: {error.strerror or error}") from error


def require_free(path: Path) -> None:
    """Raises ``BadInput`` where there is something already."""
    if path.exists():
        raise BadInput("output", str(path), "it exists: use another name, or --force to replace it")


def _settle(path: Path) -> None:
    """What has the name after a power cut is the whole file."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
