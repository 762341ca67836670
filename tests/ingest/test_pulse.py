"""Counting, for who watches."""

from perps_stats.exchanges.events import MarkTick
from perps_stats.ingest.pulse import Pulse


def test_a_pulse_keeps_the_last() -> None:
    """How many, and the last with its time."""
    pulse = Pulse()
    assert (pulse.messages, pulse.event, pulse.recv_us) == (0, None, 0)
    first, second = (MarkTick("BTCUSDT", ts, "1") for ts in (1, 2))
    pulse.beat(first, 10)
    pulse.beat(second, 20)
    assert (pulse.messages, pulse.event, pulse.recv_us) == (2, second, 20)
