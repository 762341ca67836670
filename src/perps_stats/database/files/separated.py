"""CSV as the server writes it: null is nothing between commas, an empty text is two quotes.

Python's own reader does not tell the two apart.
"""

import gzip
import re
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple, cast

from perps_stats.core.catalogue import DataSet
from perps_stats.database.files.layout import header_of

PACKING = 4
"""Of 1 to 9: what is above costs much time for little room."""
VALUE = re.compile(r'(?:"((?:[^"]|"")*)"|([^",]*))(,|$)')


class Line(NamedTuple):
    """``number`` is that of its first line in the file."""

    number: int
    values: list[str | None]


@contextmanager
def separated_writer(
    path: Path, data_set: DataSet, *, packed: bool
) -> Generator[Callable[[bytes], None]]:
    with _opened(path, "wb", packed=packed) as file:

        def write(block: bytes) -> None:
            file.write(block)

        write(",".join(header_of(data_set)).encode() + b"\n")
        yield write


def read_lines(path: Path, *, packed: bool) -> Iterator[Line]:
    """Raises ``OSError``, ``EOFError``, ``zlib.error``, ``ValueError`` for what is no such file."""
    with _opened(path, "rb", packed=packed) as file:
        yield from to_lines(line.decode() for line in file)


def to_lines(lines: Iterable[str]) -> Iterator[Line]:
    """Raises ``ValueError`` for quotes that do not match."""
    begun, first = "", 0
    for number, line in enumerate(lines, 1):
        if not begun:
            first = number
        begun += line
        if begun.count('"') % 2 == 0:
            yield Line(first, to_values(_without_end(begun), first))
            begun = ""
    if begun:
        raise ValueError(f"line {first}: a quote is not closed")


def to_values(line: str, number: int = 1) -> list[str | None]:
    if '"' not in line:
        return [value or None for value in line.split(",")]
    values: list[str | None] = []
    place, end = 0, ","
    while end:
        match = VALUE.match(line, place)
        if match is None:
            raise ValueError(f"line {number}: a quote stands inside a value")
        quoted, bare, end = match.groups()
        values.append((bare or None) if quoted is None else quoted.replace('""', '"'))
        place = match.end()
    return values


def _without_end(line: str) -> str:
    r"""A bare ``\r`` is the line end of another system: the server quotes one in a text."""
    return line.removesuffix("\n").removesuffix("\r")


@contextmanager
def _opened(path: Path, mode: str, *, packed: bool) -> Generator[IO[bytes]]:
    """Without a name inside: the file gets its own only when it is whole."""
    with path.open(mode) as file:
        if not packed:
            yield file
            return
        with gzip.GzipFile("", mode, PACKING, file) as unpacked:
            yield cast("IO[bytes]", unpacked)
