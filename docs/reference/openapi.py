"""The parts of our OpenAPI text that the reference tells."""

from typing import TypeAlias

import msgspec
from msgspec import Struct, field

from perps_stats.api.openapi import openapi_document
from perps_stats.api.resources import RESOURCES
from perps_stats.cli import VERSION

Default: TypeAlias = str | int | float | bool | None


class Schema(Struct, kw_only=True):
    type: str | list[str] | None = None
    description: str = ""
    format: str | None = None
    enum: list[str] | None = None
    default: Default = None
    minimum: int | None = None
    maximum: int | None = None
    examples: list[str] = []
    items: "Schema | None" = None
    properties: "dict[str, Schema]" = {}
    any_of: "list[Schema]" = field(name="anyOf", default_factory=list)
    ref: str | None = field(name="$ref", default=None)


class Parameter(Struct, frozen=True, kw_only=True):
    name: str
    description: str
    schema: Schema


class Told(Struct, frozen=True, kw_only=True):
    """A header."""

    description: str


class Content(Struct, frozen=True):
    schema: Schema | None = None


class Response(Struct, frozen=True, kw_only=True):
    description: str
    headers: dict[str, Told] = {}
    content: dict[str, Content] = {}


class Operation(Struct, frozen=True, kw_only=True):
    summary: str
    tags: list[str]
    parameters: list[Parameter] = []
    responses: dict[str, Response]

    @property
    def row(self) -> str | None:
        """The name of the type of its records; what is told of one thing has none."""
        content = self.responses["200"].content if "200" in self.responses else {}
        schema = content["application/json"].schema if "application/json" in content else None
        data = schema.properties.get("data") if schema else None
        return name_of(data.items.ref) if data and data.items and data.items.ref else None


class Path(Struct, frozen=True):
    get: Operation


class Info(Struct, frozen=True):
    description: str


class Components(Struct, frozen=True):
    schemas: dict[str, Schema]


class Document(Struct, frozen=True, kw_only=True):
    info: Info
    paths: dict[str, Path]
    components: Components

    def schema(self, name: str) -> Schema:
        return self.components.schemas[name]


def name_of(reference: str) -> str:
    return reference.rpartition("/")[2]


def todays_document() -> Document:
    text = msgspec.json.encode(openapi_document(RESOURCES, VERSION))
    return msgspec.json.decode(text, type=Document)
