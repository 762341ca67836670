"""What all connections to one exchange share, and what was heard over those of a subscription."""

from collections import Counter, defaultdict
from typing import NamedTuple

from msgspec import Struct

from perps_stats.core.types import GapCause
from perps_stats.exchanges.contract import Stream
from perps_stats.exchanges.events import BestTick, Event
from perps_stats.feed.budget import Budget
from perps_stats.ingest.outside import Outside
from perps_stats.ingest.pace import Pace
from perps_stats.ingest.pulse import Pulse
from perps_stats.ingest.quiet import Quiet
from perps_stats.ingest.snapshots import Snapshots
from perps_stats.net.websocket import WebSocketLimits

COMPLAIN_EVERY_SECONDS = 60.0


class Ending(NamedTuple):
    cause: GapCause
    detail: str


class Shared(Struct, frozen=True, kw_only=True):
    """What all connections to one exchange have in common.

    ``snapshots`` is ``None`` where books start in the stream. ``messages`` is the pace of what is
    said, ``openings`` that of new connections.
    """

    stream: Stream
    snapshots: Snapshots | None
    quiet: Quiet
    budget: Budget
    messages: Pace
    openings: Pace
    limits: WebSocketLimits
    outside: Outside


class Heard:
    """Of one subscription, over all its connections: ``counts`` of frames, unreadable frames and
    connections; ``pulses`` of each kind of event.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.pulses: defaultdict[type[Event], Pulse] = defaultdict(Pulse)
        self.complained = -COMPLAIN_EVERY_SECONDS

    @property
    def best(self) -> BestTick | None:
        """The last top of a book that was told."""
        pulse = self.pulses.get(BestTick)
        return pulse.event if pulse and isinstance(pulse.event, BestTick) else None
