"""What is not a matter of the machine."""

import pytest

from perps_stats.ingest import service


@pytest.fixture(autouse=True)
def _slow_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """How long a database may take for the last rows is that of a program that is told to end."""
    monkeypatch.setattr(service, "LAST_FLUSH_SECONDS", 60.0)
