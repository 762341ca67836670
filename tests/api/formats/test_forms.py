"""Which form a question wants."""

import pytest

from perps_stats.api.filters import NotAcceptable
from perps_stats.api.formats import forms
from perps_stats.api.formats.forms import chosen_form

WANTED = [
    (None, "", "json"),
    (None, "*/*", "json"),
    (None, "text/csv", "csv"),
    (None, "text/*", "csv"),
    (None, "application/*;q=0.5, text/csv;q=0.4", "json"),
    (None, "application/json;q=0.5, application/x-ndjson", "ndjson"),
    (None, "application/vnd.apache.parquet", "parquet"),
    (None, "application/vnd.apache.arrow.stream, */*;q=0.1", "arrow"),
    (None, "text/html,application/xhtml+xml,*/*;q=0.8", "json"),
    ("csv", "", "csv"),
    ("csv", "*/*", "csv"),
    ("arrow", "application/json;q=0.9, */*;q=0.1", "arrow"),
]  # fmt: skip
REFUSED = [
    (None, "image/png", "Accept", "image/png",
     ("use application/json, application/x-ndjson, text/csv, application/vnd.apache.parquet, "
      "application/vnd.apache.arrow.stream")),
    ("csv", "application/json", "format", "csv",
     "the Accept header does not take text/csv; leave one of the two out"),
    ("json", "application/json;q=0, */*", "format", "json",
     "the Accept header does not take application/json; leave one of the two out"),
]  # fmt: skip
INSTALL = "it needs pyarrow on the server: pip install 'perps-stats[files]'"


@pytest.mark.parametrize(("asked", "accept", "expected"), WANTED)
def test_what_is_wanted(asked: str | None, accept: str, expected: str) -> None:
    """By name, else as ``Accept`` likes best; json where several are liked alike."""
    assert chosen_form(asked, accept).name == expected


@pytest.mark.parametrize(("asked", "accept", "field", "value", "remedy"), REFUSED)
def test_contradictions(
    asked: str | None, accept: str, field: str, value: str, remedy: str
) -> None:
    """None of two is silently preferred, and nothing is sent that is not taken."""
    with pytest.raises(NotAcceptable) as raised:
        chosen_form(asked, accept)
    assert (raised.value.field, raised.value.value, raised.value.remedy) == (field, value, remedy)


@pytest.mark.parametrize(
    ("asked", "accept"),
    [("parquet", ""), ("arrow", "*/*"), (None, "application/vnd.apache.parquet")],
)
def test_without_the_library(
    monkeypatch: pytest.MonkeyPatch, asked: str | None, accept: str
) -> None:
    """It is said what to install; who takes others too is given one of those."""
    monkeypatch.setattr(forms, "is_installed", lambda _name: False)
    with pytest.raises(NotAcceptable, match=r"perps-stats\[files\]") as raised:
        chosen_form(asked, accept)
    assert raised.value.remedy == INSTALL
    assert chosen_form(None, f"{accept}, text/csv;q=0.1").name in {"csv", "json"}
