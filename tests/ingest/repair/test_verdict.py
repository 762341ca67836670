"""A gap's detail keeps its first words, and says what became of the last try."""

import pytest

from perps_stats.ingest.repair.verdict import with_note


@pytest.mark.parametrize(
    ("detail", "note", "expected"),
    [
        ("closed by peer", "", "closed by peer"),
        (None, "", None),
        (None, "not repaired: away", "not repaired: away"),
        ("closed by peer", "older ones as aggregates", "closed by peer; older ones as aggregates"),
        (
            "closed by peer; not repaired: away",
            "not repaired: x",
            "closed by peer; not repaired: x",
        ),
        ("closed by peer; not repaired: away", "", "closed by peer"),
        ("not repaired: away", "", "repaired by a later try"),
    ],
)
def test_only_the_last_try_is_told(detail: str | None, note: str, expected: str | None) -> None:
    """The note of an earlier try goes when another is written, or none is needed."""
    assert with_note(detail, note) == expected
