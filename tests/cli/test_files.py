"""Answers as files: the same digits in each form."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.cli.program import Program
from tests.database.files.transfer import names_in
from tests.database.files.workbook import sheets

from perps_stats.cli.files import write_file
from perps_stats.cli.output import FILES, Printed, Record, Screen
from perps_stats.core.errors import BadInput, Unwritable
from perps_stats.database.files import forms

FIELDS = ("symbol", "value", "count", "whole", "names", "none", "mixed")
RECORDS: list[Record] = [
    {
        "symbol": "BTC",
        "value": "1" * 30 + ".10",
        "count": 3,
        "whole": True,
        "names": ["a", "b"],
        "mixed": 1,
    },
    {"symbol": "", "value": None, "names": [], "mixed": "x"},
]
PRINTED = Printed(
    records=RECORDS,
    fields=FIELDS,
    screen=Screen(FIELDS),
    units={"value": "quote"},
    simulated=("binance",),
    notes=("a note",),
)


def test_a_workbook_has_texts_units_and_notes(tmp_path: Path) -> None:
    """Unknown is no cell; that it is simulated is said in it."""
    path = tmp_path / "a.xlsx"
    write_file(PRINTED, path, "xlsx")
    assert sheets(path) == {
        "rows": [
            dict(zip("ABCDEFG", FIELDS, strict=True)),
            {"A": "BTC", "B": "1" * 30 + ".10", "C": "3", "D": "true", "E": "a b", "G": "1"},
            {"A": "", "E": "", "G": "x"},
        ],
        "units": [
            {"A": "field", "B": "unit"},
            {"A": "value", "B": "quote"},
            {"A": "simulated data: binance"},
            {"A": "a note"},
        ],
    }


def test_parquet_has_types_units_and_notes(tmp_path: Path) -> None:
    """Whole numbers, flags and lists are what they are; what is mixed is text."""
    path = tmp_path / "a.parquet"
    write_file(PRINTED, path, "parquet")
    table = pq.read_table(path)
    assert table.to_pylist() == [
        {**RECORDS[0], "none": None, "mixed": "1"},
        {**dict.fromkeys(FIELDS), **RECORDS[1]},
    ]
    assert table.schema.field("value").metadata == {b"unit": b"quote"}
    about = json.loads(table.schema.metadata[b"perps-stats"])
    assert (about["simulated"], about["notes"]) == (["binance"], ["a note"])


@pytest.mark.parametrize("form", FILES)
def test_no_record_is_a_file_with_a_header(tmp_path: Path, form: str) -> None:
    """Nobody has to ask whether it went wrong."""
    path = tmp_path / f"a.{form}"
    empty = Printed(records=[], fields=("a", "b"), screen=Screen(()))
    write_file(empty, path, form)
    if form == "parquet":
        assert pq.read_schema(path).names == ["a", "b"]
    else:
        assert sheets(path)["rows"] == [{"A": "a", "B": "b"}]


def test_more_records_than_fit_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sheet ends."""
    monkeypatch.setitem(forms.MOST_ROWS, ".xlsx", 1)
    with pytest.raises(BadInput, match="2 rows are more than the 1 of a sheet"):
        write_file(PRINTED, tmp_path / "a.xlsx", "xlsx")
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("form", ["csv", *FILES])
def test_a_place_that_is_none_is_one_line(tmp_path: Path, form: str) -> None:
    """With the reason."""
    with pytest.raises(Unwritable, match=f"no/a.{form} cannot be written: No such file"):
        write_file(PRINTED, tmp_path / "no" / f"a.{form}", form)


def test_any_command_writes_them(program: Program) -> None:
    """What it would print as csv, it writes to a workbook and to parquet."""
    header, first = program("exchanges", "--csv").out.splitlines()[:2]
    for form in FILES:
        done = program("exchanges", "-o", f"a.{form}")
        assert (done.code, done.out) == (0, ""), done.err
    table = pq.read_table(program.directory / "a.parquet")
    assert table.column_names == header.split(",")
    rows = sheets(program.directory / "a.xlsx")["rows"]
    assert list(rows[0].values()) == header.split(",")
    assert rows[1]["A"] == table.to_pylist()[0][header.split(",")[0]] == first.split(",")[0]
