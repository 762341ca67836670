"""What nobody listens on, and what is not a matter of the machine."""

import socket
from collections.abc import Generator

import pytest

from perps_stats.ingest import service


@pytest.fixture
def shut_port() -> Generator[int]:
    """A port that nobody listens on, nor can: it is taken."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        yield port


@pytest.fixture(autouse=True)
def _slow_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """How long a database may take for the last rows is that of a program that is told to end."""
    monkeypatch.setattr(service, "LAST_FLUSH_SECONDS", 60.0)
