"""What keeps the service from being ready, and what is only told."""

import pytest

from perps_stats.api.readiness import State, extension, readiness

AWAY = "the database does not answer"


@pytest.mark.parametrize(
    ("state", "away", "kind", "reasons"),
    [
        (State(), None, None, []),
        (State(), AWAY, "database-away", [AWAY]),
        (State(waits_for="the database"), AWAY, "starting", ["the database"]),
        (State(waits_for="streams"), None, "not-ready", ["streams"]),
        (State(collecting={"a": True}), None, None, []),
        (State(collecting={}), None, None, []),
        (State(collecting={"a": False}), None, "not-ready", ["collecting has not begun"]),
        (State(collecting={"a": True, "b": False}), None, None, ["not begun: b"]),
        (
            State(collecting={"a": True}, unwritten="full", spool_bytes=9),
            AWAY,
            "database-away",
            [AWAY, "rows are not written: full", "9 bytes wait in the spool"],
        ),
        (State(spool_bytes=0), None, None, []),
    ],
)
def test_what_counts(state: State, away: str | None, kind: str | None, reasons: list[str]) -> None:
    """Reads need the database; a process that collects must have begun with at least one exchange;
    an exchange that waits, a write that failed and a spool that holds something are told.
    """
    found = readiness(state, away)
    assert (found.status, found.reasons) == ("not ready" if kind else "ready", reasons)
    assert kind in {None, found.kind}
    assert (found.database == "ok") == (away is None)


def test_as_members_of_a_problem() -> None:
    """All but the status, which a problem has of its own."""
    found = readiness(State(collecting={"a": True}, spool_bytes=9), AWAY)
    assert extension(found) == {
        "reasons": [AWAY, "9 bytes wait in the spool"],
        "database": "away",
        "collecting": {"a": True},
        "spool_bytes": 9,
    }
