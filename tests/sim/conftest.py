"""Time that the tests of the simulator have in hand."""

import pytest

from perps_stats.sim.dialect import conversation

from .wire import Seconds


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> Seconds:
    """Pings, patience, silences and floods of all connections go by it."""
    monkeypatch.setattr(conversation, "_now", stopped := Seconds())
    return stopped
