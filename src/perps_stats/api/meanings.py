"""What a type and its fields mean, in the words that stand in its source: they are said once."""

import ast
import inspect
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import pairwise
from typing import TypeAlias

from msgspec import Struct

Json: TypeAlias = "dict[str, Json] | list[Json] | str | float | bool | None"


def meanings_of(shape: type[Struct]) -> dict[str, str]:
    """By field, those of the types that it extends included; fields that say all by their name
    have none.
    """
    found: dict[str, str] = {}
    for each in reversed(shape.__mro__):
        if Struct in each.__mro__[1:]:
            found |= _by_type(each.__module__).get(each.__name__, {})
    return found


def described(schema: Json, meanings: Mapping[str, str]) -> Json:
    """The schema of a type with the ``meanings`` of its fields, after what their units say."""
    if not isinstance(schema, dict):
        return schema
    match schema:
        case {"description": str(text), "properties": dict(fields)}:
            told = {name: _field(field, meanings.get(name)) for name, field in fields.items()}
            return {**schema, "description": _plain(text), "properties": told}
        case _:
            return schema


def _field(schema: Json, meaning: str | None) -> Json:
    if meaning is None or not isinstance(schema, dict):
        return schema
    known = schema.get("description")
    return {**schema, "description": f"{known}: {meaning}" if known else meaning}


@cache
def _by_type(module: str) -> Mapping[str, Mapping[str, str]]:
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    types = (node for node in tree.body if isinstance(node, ast.ClassDef))
    return {node.name: dict(_below_fields(node.body)) for node in types}


def _below_fields(body: list[ast.stmt]) -> Iterable[tuple[str, str]]:
    for field, below in pairwise(body):
        match field, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                yield name, _plain(text)
            case _:
                pass


def _plain(text: str) -> str:
    """A docstring as one paragraph of Markdown, in the words of JSON."""
    return " ".join(text.replace("``None``", "``null``").replace("``", "`").split())
