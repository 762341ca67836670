"""What was heard, in integers: all that the hot path does for a watcher."""

from perps_stats.exchanges.events import Event


class Pulse:
    """One kind of event of one subscription: how many came, and the last of them.

    ``recv_us`` is when it was received: microseconds since 1970.
    """

    __slots__ = ("event", "messages", "recv_us")

    def __init__(self) -> None:
        self.messages = 0
        self.event: Event | None = None
        self.recv_us = 0

    def beat(self, event: Event, recv_us: int) -> None:
        self.messages += 1
        self.event = event
        self.recv_us = recv_us
