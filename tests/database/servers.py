"""What tests of the embedded server share."""

import os
from pathlib import Path

import asyncpg
import pytest

from perps_stats.core.errors import PerpsError
from perps_stats.database import binaries
from perps_stats.database.account import server_account
from perps_stats.database.embedded import embedded

AS_ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not AS_ROOT, reason="only root can become another user")
needs_proc = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")


async def ask(url: str, sql: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def refusal(directory: Path) -> PerpsError:
    """Why the directory is not opened."""
    with pytest.raises(PerpsError) as told:
        async with embedded(directory):
            pass
    assert "\n" not in str(told.value)
    return told.value


def user_of(pid: int) -> int:
    return Path(f"/proc/{pid}").stat().st_uid


def reachable_programs(tmp_path: Path) -> dict[str, str]:
    """The user may not reach the wheel where this checkout lies below /root."""
    account = server_account(tmp_path / "none")
    found = binaries.find_binaries(account, tmp_path, None)
    return {binaries.VARIABLE: str(found.bin)}
