"""What the running process knows of itself: what it waits for, whom it collects from, its loop."""

import asyncio

from perps_stats.api import State
from perps_stats.api.guard import Tally
from perps_stats.api.live import Hub
from perps_stats.app.collect import Observe
from perps_stats.app.exposition import render
from perps_stats.core.distributions import Buckets
from perps_stats.ingest.observer import Observer
from perps_stats.ingest.vitals import Observed, Vitals

BEAT_SECONDS = 0.5
LATE_BOUNDS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds."""


class Heartbeat:
    """How late the loop does what is due. It beats as long as ``run`` does."""

    def __init__(self) -> None:
        self._due: float | None = None
        self.late = Buckets(LATE_BOUNDS)

    async def run(self) -> None:
        time = asyncio.get_running_loop().time
        while True:
            self._due = time() + BEAT_SECONDS
            await asyncio.sleep(BEAT_SECONDS)
            self.late.add(max(time() - self._due, 0.0))

    def late_seconds(self) -> float | None:
        """By now; ``None`` before the first beat is due."""
        if self._due is None:
            return None
        return max(asyncio.get_running_loop().time() - self._due, 0.0)


class Condition:
    """A ``Process`` of the API. ``observer`` is there once the process collects; ``hub`` where it
    has a stream.
    """

    def __init__(self, *, collects: bool) -> None:
        self._collects = collects
        self.waits_for: str | None = "the database is being opened"
        self.observer: Observed | None = None
        self.hub: Hub | None = None
        self.tally = Tally()
        self.heartbeat = Heartbeat()

    def observed(self, observe: Observe) -> Observe:
        """The same, and this condition is told too."""

        def both(observer: Observer) -> None:
            self.observer = observer
            observe(observer)

        return both

    def vitals(self) -> Vitals | None:
        return self.observer.vitals() if self.observer else None

    def state(self) -> State:
        late = self.heartbeat.late_seconds()
        if not self._collects:
            return State(waits_for=self.waits_for, late_seconds=late)
        vitals = self.vitals()
        if vitals is None:
            return State(
                waits_for=self.waits_for or "collecting is being started", late_seconds=late
            )
        return State(
            waits_for=self.waits_for,
            late_seconds=late,
            collecting={each.exchange: each.begun for each in vitals.exchanges},
            unwritten=vitals.writer.last_error,
            spool_bytes=vitals.writer.spool.bytes if vitals.writer.spool.records else 0,
        )

    def metrics(self, *, database: bool) -> bytes:
        return render(
            self.vitals(),
            database=database,
            tasks=len(asyncio.all_tasks()),
            late=self.heartbeat.late.distribution(),
            tally=self.tally,
            hub=self.hub,
        )
