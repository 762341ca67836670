"""The forms a file may have, by the end of its name, and what each needs."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from perps_stats.core.catalogue import DataSet
from perps_stats.core.errors import BadInput, ConfigError
from perps_stats.database.files.about import About
from perps_stats.database.files.place import writing_to
from perps_stats.database.files.separated import separated_writer

PARQUET, CSV, CSV_GZ, XLSX = ".parquet", ".csv", ".csv.gz", ".xlsx"
EXPORTED = (PARQUET, CSV, CSV_GZ, XLSX)
IMPORTED = (PARQUET, CSV, CSV_GZ)
MOST_ROWS = {XLSX: 1_048_575}
"""Of a sheet, beside its header."""
LIBRARIES = {PARQUET: "pyarrow", XLSX: "xlsxwriter"}


def form_of(path: Path, forms: tuple[str, ...], field: str) -> str:
    """Raises ``BadInput`` for any other, ``ConfigError`` where its library is missing."""
    form = next((form for form in forms if path.name.lower().endswith(form)), None)
    if form is None:
        raise BadInput(field, str(path), f"end the name in {', '.join(forms)}")
    require_library(form)
    return form


def needs_about(form: str) -> bool:
    """Whether a second file says what the first is about."""
    return form in {CSV, CSV_GZ}


def require_library(form: str) -> None:
    """Raises ``ConfigError`` that says what to install."""
    library = LIBRARIES.get(form)
    if library is not None and find_spec(library) is None:
        raise ConfigError(
            f"{form} files need {library}, which is not installed: pip install 'perps-stats[files]'"
        )


def require_room(path: Path, form: str, rows: int) -> None:
    """Raises ``BadInput``."""
    most = MOST_ROWS.get(form, rows)
    if rows > most:
        raise BadInput(
            "output",
            str(path),
            f"{rows:,} rows are more than the {most:,} of a sheet: "
            "use .parquet or .csv, or a shorter span",
        )


@contextmanager
def writer_to(
    path: Path, part: Path, form: str, data_set: DataSet, about: About
) -> Generator[Callable[[bytes], None]]:
    """Writes blocks of whole rows, csv as the server sends it, to ``part``, which is to become
    ``path``. Raises ``Unwritable``.
    """
    with writing_to(path):
        if form == PARQUET:
            from perps_stats.database.files.parquet import parquet_writer  # noqa: PLC0415  an extra

            writer = parquet_writer(part, data_set, about)
        elif form == XLSX:
            from perps_stats.database.files.sheet import sheet_writer  # noqa: PLC0415  an extra

            writer = sheet_writer(part, data_set, about)
        else:
            writer = separated_writer(part, data_set, packed=form == CSV_GZ)
        with writer as write:
            yield writing_to(path)(write)
