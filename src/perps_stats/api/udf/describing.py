"""The UDF protocol in the OpenAPI text."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import msgspec
from msgspec import Struct

from perps_stats.api.filters import Schema
from perps_stats.api.probes import JSON
from perps_stats.api.udf.answers import Config
from perps_stats.api.udf.asked import HISTORY, SEARCH, SYMBOL, Parameter
from perps_stats.api.udf.bars import Bars, NoData
from perps_stats.api.udf.routes import PREFIX, Failure
from perps_stats.api.udf.symbols import Found, SymbolInfo

SHAPES: tuple[type[Struct], ...] = (Config, SymbolInfo, Found, Bars, NoData, Failure)
SCHEMAS = "#/components/schemas/"
Document: TypeAlias = dict[str, object]
Json: TypeAlias = "dict[str, Json] | list[Json] | str | float | bool | None"


def udf_paths(refusals: Document) -> Document:
    """``refusals`` are those that stand before every answer, by status."""
    seconds: Schema = {"text/plain": {"schema": {"type": "string", "pattern": "^[0-9]+$"}}}
    found = _json({"type": "array", "items": _ref(Found)})
    bars = _json({"anyOf": [_ref(Bars), _ref(NoData)]})
    asked: tuple[tuple[str, str, Sequence[Parameter], Schema], ...] = (
        ("config", "What the data feed can do.", (), _json(_ref(Config))),
        ("symbols", "A market.", (SYMBOL,), _json(_ref(SymbolInfo))),
        ("search", "Markets by part of a name.", SEARCH, found),
        ("history", "Bars.", HISTORY, bars),
        ("time", "Now, in Unix seconds.", (), seconds),
    )
    return {f"{PREFIX}/{each[0]}": _get(*each, refusals) for each in asked}


def udf_schemas() -> Document:
    """Of ``SHAPES``; numbers are numbers there."""
    _, known = msgspec.json.schema_components(SHAPES, ref_template=f"{SCHEMAS}{{name}}")
    return {name: _as_sent(schema) for name, schema in known.items()}


def _get(
    name: str, summary: str, parameters: Sequence[Parameter], content: Schema, refusals: Document
) -> Document:
    failed = _json(_ref(Failure))
    responses: Document = {
        "200": {"description": "The answer.", "content": content},
        "400": {"description": "A parameter is at fault.", "content": failed},
        "503": {"description": "The database does not answer.", "content": failed},
    }
    return {
        "get": {
            "operationId": f"udf_{name}",
            "summary": f"For TradingView's charting library. {summary}",
            "tags": ["charting library"],
            "parameters": [_parameter(each) for each in parameters],
            "responses": responses | refusals,
        }
    }


def _parameter(parameter: Parameter) -> Document:
    return {
        "name": parameter.name,
        "in": "query",
        "description": parameter.meaning,
        "required": parameter.required,
        "schema": parameter.schema,
    }


def _json(schema: Schema) -> Schema:
    return {JSON: {"schema": schema}}


def _ref(shape: type[Struct]) -> Mapping[str, object]:
    return {"$ref": f"{SCHEMAS}{shape.__name__}"}


def _as_sent(schema: Json) -> Json:
    if isinstance(schema, list):
        return [_as_sent(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("format") == "decimal":
        return {"type": "number"}
    return {name: _as_sent(value) for name, value in schema.items()}
