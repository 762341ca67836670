"""The forms that are text: one JSON document, a JSON document a line, or comma-separated values."""

import msgspec

from perps_stats.api.formats.columns import Kind, columns_of
from perps_stats.api.records import Answer, is_list

as_written = msgspec.json.Decoder(list[dict[str, object]], float_hook=str)
"""Numbers keep every digit: those with a point become text."""


def to_json(answer: Answer) -> bytes:
    """The envelope: records, what they say of themselves, and where the page lies in a span."""
    records = answer.lines.replace(b"\n", b",")
    parts = [b'{"data":[', records, b'],"meta":', msgspec.json.encode(answer.meta)]
    if answer.pagination is not None:
        parts += [b',"pagination":', msgspec.json.encode(answer.pagination)]
    return b"".join([*parts, b"}"])


def to_ndjson(answer: Answer) -> bytes:
    return answer.lines + b"\n" if answer.lines else b""


def to_csv(answer: Answer) -> bytes:
    """A line of names, then the records. Unknown is nothing between commas, an empty text is two
    quotes; the numbers of a list are separated by spaces, a list of texts is JSON.
    """
    columns = columns_of(answer.row)
    lines = [",".join(column.name for column in columns)]
    lines += [
        ",".join([_cell(column.take(record), column.kind) for column in columns])
        for record in as_written.decode(answer.array)
    ]
    return "\r\n".join([*lines, ""]).encode()


def _cell(value: object, kind: Kind) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if kind is Kind.TEXTS:
        return _quoted(msgspec.json.encode(value).decode())
    if is_list(value):
        return " ".join(map(str, value))
    return _quoted(value) if isinstance(value, str) else str(value)


def _quoted(text: str) -> str:
    if text and not any(each in text for each in ',"\r\n'):
        return text
    return '"' + text.replace('"', '""') + '"'
