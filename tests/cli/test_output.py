"""Records as JSON and as separated values."""

import csv
import io
import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perps_stats.cli.output import (
    Output,
    Printed,
    Record,
    Screen,
    plain_value,
    to_json,
    to_separated,
)
from perps_stats.core.errors import BadInput

FIELDS = ("symbol", "value", "whole", "names")


def printed(record: Record) -> Printed:
    return Printed(records=[record], fields=FIELDS, screen=Screen(FIELDS), units={"value": "quote"})


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_decimals_keep_every_digit_without_an_exponent(number: Decimal) -> None:
    """Text that reads back as the same decimal, and that any program can read."""
    text = plain_value(number)
    assert isinstance(text, str)
    assert "E" not in text.upper()
    assert Decimal(text) == number


def test_times_are_rfc_3339() -> None:
    """UTC, microseconds, ``Z``."""
    time = datetime(2026, 1, 31, 12, 0, 0, 5, tzinfo=UTC)
    assert plain_value(time) == "2026-01-31T12:00:00.000005Z"


def test_json_has_the_envelope_of_the_api() -> None:
    """``data`` is a list of objects, ``meta`` says units, time and whether it is simulated."""
    record: Record = {"symbol": "BTC", "value": "1000", "whole": True, "names": ["a", "b"]}
    answer = json.loads(to_json(printed(record)))
    assert answer == {
        "data": [record],
        "meta": {"as_of": None, "units": {"value": "quote"}, "simulated": False},
    }


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0")))
def test_separated_values_read_back(text: str) -> None:
    """Separators, quotes and line ends inside a value do not break a row."""
    record: Record = {"symbol": text, "value": None, "whole": False, "names": ["a", "b"]}
    for separator in (",", "\t"):
        written = to_separated(printed(record), separator)
        _, row = csv.reader(io.StringIO(written, newline=""), delimiter=separator)
        assert row == [text, "", "false", "a b"]


@pytest.mark.parametrize(
    ("output", "form"),
    [
        (Output(), None),
        (Output(as_json=True), "json"),
        (Output(as_csv=True), "csv"),
        (Output(path="a/b.TSV"), "tsv"),
        (Output(path="a.xlsx"), "xlsx"),
        (Output(path="a.parquet"), "parquet"),
    ],
)
def test_a_form_follows_from_the_options(output: Output, form: str | None) -> None:
    """Without an option it depends on where stdout goes."""
    assert output.format == form


@pytest.mark.parametrize(
    ("as_json", "as_csv", "path", "problem"),
    [
        (True, True, None, "use one of --json, --csv, -o"),
        (True, False, "x.json", "use one of --json, --csv, -o"),
        (False, False, "x.txt", r"end the name in \.json, \.csv, \.tsv, \.xlsx, \.parquet"),
        (False, False, "", r"end the name in \.json, \.csv, \.tsv, \.xlsx, \.parquet"),
    ],
)
def test_a_form_that_is_none_is_refused(
    as_json: bool,  # noqa: FBT001 - a parametrised value
    as_csv: bool,  # noqa: FBT001 - a parametrised value
    path: str | None,
    problem: str,
) -> None:
    """Two forms at once, or one that we do not write: told before anything is asked."""
    with pytest.raises(BadInput, match=problem):
        Output(as_json, as_csv, path)
