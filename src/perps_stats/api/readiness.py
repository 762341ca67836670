"""Whether the service can do what it is there for, and why not: what ``/readyz`` says.

Reads need the database: while it is away the service is not ready, though collecting goes on. Rows
that wait in the spool are a reason that is told, not one to send readers elsewhere.
"""

from collections.abc import Iterator, Mapping
from typing import Protocol

import msgspec
from msgspec import Struct

LATE_SECONDS = 10.0
"""A loop that is so late answers nobody in time."""


class State(Struct, frozen=True, kw_only=True):
    """What a process says of itself, without asking anybody."""

    waits_for: str | None = None
    """What must be done before anything can be answered."""
    late_seconds: float | None = None
    """How late the loop's own heartbeat is."""
    collecting: Mapping[str, bool] | None = None
    """By exchange, whether collecting has begun; ``None``: this process does not collect."""
    unwritten: str | None = None
    """Why the last write of rows failed."""
    spool_bytes: int | None = None


class Process(Protocol):
    def state(self) -> State: ...
    def metrics(self, *, database: bool) -> bytes:
        """In the text format of Prometheus. ``database``: whether it answers."""
        ...


class Readiness(Struct, frozen=True, kw_only=True):
    """``reasons`` say what keeps the service from being ready, and what else is not as usual."""

    status: str
    reasons: list[str]
    database: str
    collecting: dict[str, bool] | None
    spool_bytes: int | None

    @property
    def kind(self) -> str:
        """Of problem: what it is that a service which is not ready waits for."""
        return {"away": "database-away", "starting": "starting"}.get(self.database, "not-ready")


def readiness(state: State, away: str | None) -> Readiness:
    """``away``: why the database does not answer."""
    blocking = list(_blocking(state, away))
    return Readiness(
        status="not ready" if blocking else "ready",
        reasons=blocking + list(_unusual(state)),
        database=_database(state, away),
        collecting=None if state.collecting is None else dict(state.collecting),
        spool_bytes=state.spool_bytes,
    )


def _database(state: State, away: str | None) -> str:
    if away is None:
        return "ok"
    return "away" if state.waits_for is None else "starting"


def extension(ready: Readiness) -> dict[str, object]:
    """As members of a problem document, whose own ``status`` is a number."""
    members: dict[str, object] = msgspec.to_builtins(ready)
    del members["status"]
    return members


def _blocking(state: State, away: str | None) -> Iterator[str]:
    if state.waits_for is not None:
        yield state.waits_for
    elif away is not None:
        yield away
    if state.collecting and not any(state.collecting.values()):
        yield "collecting has not begun"


def _unusual(state: State) -> Iterator[str]:
    waiting = [name for name, begun in (state.collecting or {}).items() if not begun]
    if waiting and len(waiting) < len(state.collecting or {}):
        yield f"not begun: {', '.join(waiting)}"
    if state.unwritten is not None:
        yield f"rows are not written: {state.unwritten}"
    if state.spool_bytes:
        yield f"{state.spool_bytes} bytes wait in the spool"
