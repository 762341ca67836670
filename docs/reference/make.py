"""Writes docs/api.md: ``python -m docs.reference.make``.

From the OpenAPI text, the frame ``api.md.in``, and a record of each resource as the demo answered
it, which ``docs/guide/make.py`` renews.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
from docs.reference.openapi import Document, Operation, Parameter, todays_document
from docs.reference.tables import ALIAS, Record, field_table, parameter_table, table

HERE = Path(__file__).parent
REFERENCE = HERE.parent / "api.md"
FRAME = HERE / "api.md.in"
EXAMPLES = HERE / "examples.json"
COMMON = 5
"""A parameter that so many resources take in the same words is told once."""
GROUPS = {
    "what there is": "What there is",
    "last values": "The last of each market",
    "comparisons": "Comparisons",
    "history": "Spans of time",
}
"""The title of a tag's section."""


def reference() -> str:
    """What docs/api.md is today."""
    document = todays_document()
    examples = msgspec.json.decode(EXAMPLES.read_bytes(), type=dict[str, dict[str, object]])
    answer = document.paths["/api/v1/trades"].get.responses
    parts = {
        "about": document.info.description,
        "parameters": parameter_table(list(_common(document))),
        "meta": field_table(document, "AsOf"),
        "pagination": field_table(document, "Pagination"),
        "forms": ", ".join(f"`{each}`" for each in answer["200"].content),
        "headers": table(
            ("header", "what it says"),
            [(f"`{name}`", each.description) for name, each in answer["200"].headers.items()],
        ),
        "statuses": table(
            ("status", "when"), [(name, each.description) for name, each in sorted(answer.items())]
        ),
        "problem": field_table(document, "Problem"),
        "resources": "\n".join(Sections(document, examples).all()).strip(),
        "others": table(
            ("path", "what it says"),
            [
                (f"`{path}`", each.get.summary)
                for path, each in document.paths.items()
                if each.get.row is None
            ],
        ),
    }
    text = FRAME.read_text(encoding="utf-8")
    for name, part in parts.items():
        text = text.replace(f"{{{name}}}", part)
    return text


def _common(document: Document) -> Iterator[Parameter]:
    """In the order in which they are first told."""
    told = [each for path in document.paths.values() for each in path.get.parameters]
    times = Counter(json.dumps(msgspec.to_builtins(each)) for each in told)
    for text, count in times.items():
        if count >= COMMON:
            yield msgspec.json.decode(text, type=Parameter)


class Sections:
    """Of the resources: each type of record is told once, at the first that answers it."""

    def __init__(self, document: Document, examples: Mapping[str, Record]) -> None:
        self._document = document
        self._examples = examples
        self._common = list(_common(document))
        self._told: dict[str, str] = {}

    def all(self) -> Iterator[str]:
        for tag, title in GROUPS.items():
            yield f"\n## {title}"
            for path, each in self._document.paths.items():
                if tag in each.get.tags and each.get.row:
                    yield f"\n### `{path}`\n"
                    yield from self._resource(each.get)
                    yield from self._records(path, each.get.row, each.get.summary)

    def _resource(self, operation: Operation) -> Iterator[str]:
        own = [each for each in operation.parameters if each not in self._common]
        shared = [f"`{each.name}`" for each in operation.parameters if self._is_common(each)]
        end = ", and" if own else "."
        yield f"{operation.summary} Takes {', '.join(shared)}{end}\n"
        if own:
            yield parameter_table(own) + "\n"

    def _is_common(self, parameter: Parameter) -> bool:
        return parameter in self._common and not ALIAS.fullmatch(parameter.description)

    def _records(self, path: str, row: str, summary: str) -> Iterator[str]:
        first = self._told.setdefault(row, path)
        if first != path:
            yield f"Its records are those of [`{first}`](#{first.replace('/', '')})."
            return
        if (meaning := self._document.schema(row).description) != summary:
            yield meaning + "\n"
        yield field_table(self._document, row, self._examples.get(path))


if __name__ == "__main__":
    REFERENCE.write_text(reference(), encoding="utf-8")
    print(REFERENCE)
