"""What a header prefers, by the rules of RFC 9110, section 12.4."""

import pytest

from perps_stats.api.formats.preferences import preferences, quality_of_type


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", {}),
        ("gzip", {"gzip": 1.0}),
        ("gzip, br;q=0.5 , zstd; q=0", {"gzip": 1.0, "br": 0.5, "zstd": 0.0}),
        ("Text/CSV;header=present;Q=0.25", {"text/csv": 0.25}),
        ("a;q=2, b;q=x, c;q=0.1234", {"a": 1.0, "b": 1.0, "c": 1.0}),
        (",;q=1,a", {"a": 1.0}),
    ],
)
def test_qualities(header: str, expected: dict[str, float]) -> None:
    """From 0 to 1 with three digits; what is malformed counts as if it were not said."""
    assert preferences(header) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("*/*", 1.0),
        ("text/*;q=0.5, */*;q=0.1", 0.5),
        ("text/csv;q=0.2, text/*, */*", 0.2),
        ("text/csv;q=0, */*", 0.0),
        ("application/json", 0.0),
    ],
)
def test_the_closest_range_counts(header: str, expected: float) -> None:
    """Of ``text/csv``: the type before its kind, the kind before anything."""
    assert quality_of_type("text/csv", preferences(header)) == expected
