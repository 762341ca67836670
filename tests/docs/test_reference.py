"""docs/api.md says what the OpenAPI text says today."""

import msgspec
from docs.reference.make import EXAMPLES, REFERENCE, reference
from docs.reference.openapi import todays_document


def test_it_is_todays() -> None:
    """To the byte what ``python -m docs.reference.make`` writes."""
    assert REFERENCE.read_text(encoding="utf-8") == reference()


def test_its_examples_are_whole() -> None:
    """Each is a record with all the fields of its type, and no other."""
    document = todays_document()
    examples = msgspec.json.decode(EXAMPLES.read_bytes(), type=dict[str, dict[str, object]])
    for path, record in examples.items():
        row = document.paths[path].get.row
        assert row is not None
        assert list(document.schema(row).properties) == list(record)


def test_every_resource_has_an_example() -> None:
    """But for those whose records are told at another."""
    document = todays_document()
    examples = msgspec.json.decode(EXAMPLES.read_bytes(), type=dict[str, object])
    rows = {path: each.get.row for path, each in document.paths.items() if each.get.row}
    assert {rows[path] for path in examples} == set(rows.values())
