"""File locks between processes."""

from pathlib import Path
from threading import Event

import pytest

from perps_stats.database.failures import DatabaseAway
from perps_stats.database.locks import Patience, exclusive


async def test_patience_ends(directory: Path) -> None:
    """A lock that is never freed is told, not waited for."""
    lock = directory / "lock"
    short = Patience("the other", 0.05, Event())
    with (
        exclusive(lock, short),
        pytest.raises(DatabaseAway, match="the other: not done after"),
        exclusive(lock, short),
    ):
        pass
