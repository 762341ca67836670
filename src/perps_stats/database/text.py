r"""The text format of COPY: tabs between values, ``\N`` for null, one row a line."""

from collections.abc import Iterator, Sequence

from perps_stats.core.stored import Row

NULL = r"\N"
ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
CHUNK = 1 << 18


def encoded(rows: Sequence[Row]) -> bytes:
    """Raises ``UnicodeEncodeError`` for text that UTF-8 cannot hold.

    Columns are joined as they are; only where the separators do not count right, or a backslash
    is not one of our nulls, is a value to be escaped.
    """
    nulls = 0
    columns: list[Sequence[str]] = []
    for column in zip(*rows, strict=True):
        absent = column.count(None)
        nulls += absent
        columns.append([NULL if value is None else value for value in column] if absent else column)
    text = "\n".join(map("\t".join, zip(*columns, strict=True)))
    plain = (
        text.count("\t") == len(rows) * (len(columns) - 1)
        and text.count("\n") == len(rows) - 1
        and text.count("\\") == nulls
        and "\r" not in text
    )
    return (text if plain else _escaped(rows)).encode() + b"\n"


def _escaped(rows: Sequence[Row]) -> str:
    return "\n".join(
        "\t".join(NULL if value is None else value.translate(ESCAPES) for value in row)
        for row in rows
    )


def chunks(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), CHUNK):
        yield body[start : start + CHUNK]
