"""Directories of the embedded server."""

import os
import pwd
from pathlib import Path

import pytest

from perps_stats.database.embedded import embedded


@pytest.fixture
async def made(directory: Path) -> Path:
    """A directory whose server was started and stopped once."""
    async with embedded(directory):
        pass
    return directory


@pytest.fixture
def user(directory: Path) -> str:
    """An unprivileged user, who owns the directory."""
    nobody = pwd.getpwnam("nobody")
    os.chown(directory, nobody.pw_uid, nobody.pw_gid)
    return str(nobody.pw_uid)
