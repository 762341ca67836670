"""What keeps the service from being ready, and what is only told."""

import pytest

from perps_stats.api.readiness import State, extension, readiness

AWAY = "the database does not answer"


@pytest.mark.parametrize(
    ("state", "away", "status", "reasons"),
    [
        (State(), None, "ready", []),
        (State(), AWAY, "not ready", [AWAY]),
        (State(waits_for="the database"), AWAY, "not ready", ["the database"]),
        (State(collecting={"a": True}), None, "ready", []),
        (State(collecting={}), None, "ready", []),
        (State(collecting={"a": False}), None, "not ready", ["collecting has not begun"]),
        (State(collecting={"a": True, "b": False}), None, "ready", ["not begun: b"]),
        (
            State(collecting={"a": True}, unwritten="full", spool_bytes=9),
            AWAY,
            "not ready",
            [AWAY, "rows are not written: full", "9 bytes wait in the spool"],
        ),
        (State(spool_bytes=0), None, "ready", []),
    ],
)
def test_what_counts(state: State, away: str | None, status: str, reasons: list[str]) -> None:
    """Reads need the database; a process that collects must have begun with at least one exchange;
    an exchange that waits, a write that failed and a spool that holds something are told.
    """
    found = readiness(state, away)
    assert (found.status, found.reasons) == (status, reasons)
    assert found.database == ("ok" if away is None else "away")


def test_as_members_of_a_problem() -> None:
    """All but the status, which a problem has of its own."""
    found = readiness(State(collecting={"a": True}, spool_bytes=9), AWAY)
    assert extension(found) == {
        "reasons": [AWAY, "9 bytes wait in the spool"],
        "database": "away",
        "collecting": {"a": True},
        "spool_bytes": 9,
    }
