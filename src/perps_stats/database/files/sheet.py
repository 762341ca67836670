"""A workbook for reading: a sheet of rows, then one of units and notes. An extra: imported where it
is needed.

All cells are text: a number of a sheet has 15 digits, and a sum that left out the longer ones, kept
as text, would be wrong without a word.
"""
# pyright: reportUnknownMemberType=false, reportPrivateUsage=false
# (the library is typed in part)

import io
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

import xlsxwriter  # type: ignore[import-untyped]
from xlsxwriter.exceptions import XlsxWriterException  # type: ignore[import-untyped]

from perps_stats.core.catalogue import DataSet
from perps_stats.core.errors import BadInput, Unwritable
from perps_stats.database.files.about import About
from perps_stats.database.files.layout import header_of
from perps_stats.database.files.separated import to_lines

EVERYWHERE = "A1:XFD1048576"
WIDTH = 20
Cells: TypeAlias = Sequence[str | None]


@contextmanager
def sheet_writer(path: Path, data_set: DataSet, about: About) -> Generator[Callable[[bytes], None]]:
    simulated = [name for name, is_simulated in about.simulated.items() if is_simulated]
    notes = [
        f"{about.data_set}: {about.meaning}",
        f"rows from {about.start or 'the first'} to before {about.end or 'the end'}",
        f"written {about.written_at} by perps-stats {about.version}, for reading, not for import",
        *([f"simulated data: {', '.join(simulated)}"] if simulated else []),
    ]
    with workbook(path, header_of(data_set), about.units, notes) as append:

        def write(block: bytes) -> None:
            for line in to_lines(line.decode() for line in io.BytesIO(block)):
                append(line.values)

        yield write


@contextmanager
def workbook(
    path: Path, fields: Sequence[str], units: Mapping[str, str], notes: Sequence[str]
) -> Generator[Callable[[Cells], None]]:
    """Appends a row; each is on disk before the next one comes. Raises ``Unwritable``."""
    with TemporaryDirectory(dir=path.parent, prefix=f"{path.name}.") as directory:
        book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "tmpdir": directory})
        book.use_zip64()
        try:
            with _sheet(book, "rows", fields) as append:
                yield append
            with _sheet(book, "units", ("field", "unit")) as append:
                for cells in (*units.items(), (), *((note,) for note in notes)):
                    append(cells)
            book.close()
        except XlsxWriterException as error:
            raise Unwritable(f"{path} cannot be written: {error}") from error
        finally:
            _leave(book)


@contextmanager
def _sheet(
    book: xlsxwriter.Workbook, name: str, fields: Sequence[str]
) -> Generator[Callable[[Cells], None]]:
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(fields), WIDTH)
    sheet.ignore_errors({"number_stored_as_text": EVERYWHERE})
    bold = book.add_format({"bold": True})
    for place, field in enumerate(fields):
        sheet.write_string(0, place, field, bold)
    rows = 0

    def append(cells: Cells) -> None:
        nonlocal rows
        rows += 1
        for place, text in enumerate(cells):
            if text is not None and sheet.write_string(rows, place, text) != 0:
                remedy = "a cell does not hold so much text: use .parquet or .csv"
                raise BadInput(f"row {rows}, {fields[place]}", f"{text[:40]}…", remedy)

    yield append


def _leave(book: xlsxwriter.Workbook) -> None:
    """Without it the book would be written when it is forgotten, after an error too."""
    if not book.fileclosed:
        book.fileclosed = True
        for sheet in book.worksheets():
            sheet._opt_close()  # noqa: SLF001  there is no other way to give up a book
