"""The forms of a file, and what each needs."""

from pathlib import Path

import pytest

from perps_stats.core.errors import BadInput, ConfigError
from perps_stats.database.files import forms
from perps_stats.database.files.forms import EXPORTED, IMPORTED, form_of, require_room


@pytest.mark.parametrize(
    ("name", "form"),
    [("a.csv", ".csv"), ("a.CSV.gz", ".csv.gz"), ("a.b.parquet", ".parquet"), ("a.xlsx", ".xlsx")],
)
def test_a_form_follows_from_the_name(name: str, form: str) -> None:
    """Its end decides, in any case."""
    assert form_of(Path(name), EXPORTED, "output") == form


@pytest.mark.parametrize("name", ["a.gz", "a", "a.parquet.gz", "a.xlsx"])
def test_another_form_is_refused(name: str) -> None:
    """A workbook is not for import."""
    with pytest.raises(BadInput, match=r"file: .* end the name in \.parquet, \.csv, \.csv\.gz"):
        form_of(Path(name), IMPORTED, "file")


@pytest.mark.parametrize("form", [".parquet", ".xlsx"])
def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    """With what to install."""
    monkeypatch.setitem(forms.LIBRARIES, form, "no_such_library")
    with pytest.raises(ConfigError, match=r"no_such_library.*pip install 'perps-stats\[files\]'"):
        form_of(Path(f"a{form}"), EXPORTED, "output")


def test_a_sheet_has_a_million_rows() -> None:
    """Excel's limit of 2 ** 20 lines, with the header; other forms have none."""
    require_room(Path("a.xlsx"), ".xlsx", 2**20 - 1)
    require_room(Path("a.csv"), ".csv", 10**9)
    with pytest.raises(BadInput, match=r"1,048,576 rows are more than the 1,048,575 of a sheet"):
        require_room(Path("a.xlsx"), ".xlsx", 2**20)
