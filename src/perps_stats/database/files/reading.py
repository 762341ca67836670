"""A file that ``db export`` wrote, opened again: what it is about, and its rows in chunks."""

import zlib
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from perps_stats.core.catalogue import DataSet
from perps_stats.core.errors import BadInput
from perps_stats.database.files.about import About, beside, to_about
from perps_stats.database.files.forms import CSV_GZ, PARQUET
from perps_stats.database.files.layout import header_of
from perps_stats.database.files.separated import Line, read_lines


class Chunk(NamedTuple):
    """Rows in the order of ``header_of``; ``places`` says where each of them stands."""

    rows: Sequence[Sequence[str | None]]
    places: Sequence[int]
    unit: str
    """In which places are counted: line, or row."""

    def place_of(self, row: int) -> str:
        return f"{self.unit} {self.places[row]}"


def open_about(path: Path, form: str) -> About:
    """Raises ``BadInput``."""
    with reading(path):
        if form == PARQUET:
            from perps_stats.database.files.parquet import read_about  # noqa: PLC0415  an extra

            return to_about(read_about(path), str(path))
        path.open("rb").close()
        note = beside(path)
        if not note.exists():
            remedy = f"{note.name} is missing beside it: copy both, or export parquet, which is one"
            raise BadInput("file", str(path), remedy)
        return to_about(note.read_bytes(), str(note))


def read_chunks(path: Path, form: str, data_set: DataSet, size: int) -> Iterator[Chunk]:
    """Raises ``BadInput`` for what is no such file."""
    with reading(path):
        if form == PARQUET:
            from perps_stats.database.files.parquet import read_rows  # noqa: PLC0415  an extra

            first = 1
            for rows in read_rows(path, data_set, size):
                yield Chunk(rows, range(first, first + len(rows)), "row")
                first += len(rows)
        else:
            lines = read_lines(path, packed=form == CSV_GZ)
            width = _checked_header(next(lines, None), header_of(data_set))
            while some := list(islice(lines, size)):
                _check_widths(some, width)
                yield Chunk([line.values for line in some], [line.number for line in some], "line")


@contextmanager
def reading(path: Path) -> Generator[None]:
    """Turn what a file that is none says into ``BadInput``."""
    try:
        yield
    except (OSError, EOFError, zlib.error, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or error
        raise BadInput("file", str(path), f"it cannot be read: {reason}") from error


def _checked_header(line: Line | None, header: Sequence[str]) -> int:
    if line is None or line.values != list(header):
        raise ValueError(f"its first line is to be {','.join(header)}")
    return len(header)


def _check_widths(lines: Sequence[Line], width: int) -> None:
    for number, values in lines:
        if len(values) != width:
            raise ValueError(f"line {number} has {len(values)} values, not {width}")
