"""Parameters and fields as tables of Markdown."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from docs.reference.openapi import Document, Parameter, Schema, name_of

Record: TypeAlias = Mapping[str, object]
Row: TypeAlias = tuple[str, ...]
PARAMETERS = ("parameter", "what it takes", "what it says")
FIELDS = ("field", "type", "unit", "meaning", "for example")
WORDS = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true, false"}
ALIAS = re.compile(r"The same as `(\w+)`\.")
DESCRIBED = re.compile(r"(?P<quantity>[^()]+) \((?P<unit>\S+)\)(?:: (?P<meaning>.*))?")
"""What a decimal says of itself: ``price (quote/base): Mid.``"""
LONGEST = 32
"""Characters of an example."""


def table(heads: Sequence[str], rows: Iterable[Row]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def parameter_table(parameters: Sequence[Parameter]) -> str:
    also: dict[str, str] = {}
    for each in parameters:
        if alias := ALIAS.fullmatch(each.description):
            also[alias[1]] = f", also `{each.name}`"
    return table(
        PARAMETERS,
        [
            (f"`{each.name}`{also.get(each.name, '')}", _taken(each.schema), each.description)
            for each in parameters
            if not ALIAS.fullmatch(each.description)
        ],
    )


def field_table(document: Document, name: str, example: Record | None = None) -> str:
    """Of a type; the last column where there is an ``example``."""
    heads = FIELDS if example else FIELDS[:-1]
    rows = _field_rows(document, document.schema(name), example or {}, "")
    return table(heads, [row[: len(heads)] for row in rows])


def _field_rows(document: Document, schema: Schema, example: Record, before: str) -> Iterable[Row]:
    for name, field in schema.properties.items():
        quantity, unit, meaning = _described(field.description)
        value = example.get(name)
        shown = "" if isinstance(value, list | dict) and _part(document, field) else _shown(value)
        known = name in example
        kind = _kind(document, field)
        yield f"`{before}{name}`", kind, unit, meaning or quantity, shown if known else ""
        if part := _part(document, field):
            first = value[0] if isinstance(value, list) and value else {}
            inner = first if isinstance(first, dict) else {}
            yield from _field_rows(document, part, inner, f"{before}{name}[].")


def _described(text: str) -> tuple[str, str, str]:
    """Quantity, unit, meaning; of what is no decimal the last alone."""
    if found := DESCRIBED.fullmatch(text):
        quantity, unit, meaning = found.group("quantity", "unit", "meaning")
        return ("" if quantity == unit else quantity), unit, meaning or ""
    return "", "", text


def _part(document: Document, field: Schema) -> Schema | None:
    """The type of a list's parts, where they have fields."""
    for each in (field, *field.any_of):
        if each.items and each.items.ref:
            return document.schema(name_of(each.items.ref))
    return None


def _kind(document: Document, field: Schema) -> str:
    kinds = [_one(document, each) for each in field.any_of] or [_one(document, field)]
    kinds += ["null"] if isinstance(field.type, list) and "null" in field.type else []
    return " or ".join(kinds)


def _one(document: Document, field: Schema) -> str:
    if field.ref:
        return ", ".join(f"`{each}`" for each in document.schema(name_of(field.ref)).enum or [])
    if field.format in {"decimal", "date-time"}:
        return {"decimal": "decimal", "date-time": "time"}[field.format]
    kind = field.type[0] if isinstance(field.type, list) else field.type or ""
    if kind == "array":
        inner = field.items
        return f"list of {_one(document, inner)}" if inner and not inner.ref else "list"
    return {**WORDS, "object": "names and values", "null": "null"}[kind]


def _taken(schema: Schema) -> str:
    if schema.type == "array":
        return _taken(schema.items) + ", several" if schema.items else "several"
    if schema.enum:
        said = ", ".join(f"`{each}`" for each in schema.enum)
    elif schema.minimum is not None:
        said = f"{schema.minimum} to {schema.maximum}"
    else:
        said = ", ".join(f"`{each}`" for each in schema.examples) or "text"
    return said if schema.default is None else f"{said}; `{schema.default}` if absent"


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"`{text if len(text) <= LONGEST else text[:LONGEST] + '…'}`" if text else '`""`'
