"""The OpenAPI 3.1 text, written from the resources and the types of their records."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias, get_args, get_type_hints

import msgspec
from msgspec import Struct

from perps_stats.api.filters import Parameter, Schema
from perps_stats.api.formats import FORMS, META
from perps_stats.api.kinds import Resource, Rows
from perps_stats.api.links import links_of, operation_id
from perps_stats.api.live import PATH
from perps_stats.api.meanings import described, meanings_of
from perps_stats.api.probes import Health
from perps_stats.api.problems import MEDIA_TYPE, Problem
from perps_stats.api.records import AsOf, Pagination, extra_fields
from perps_stats.api.udf import udf_paths, udf_schemas
from perps_stats.core.figures import Hole
from perps_stats.core.types import OrderbookLevel

PREFIX = "/api/v1"
SCHEMAS = "#/components/schemas/"
DECIMAL_TYPES = ("string", "number")
DECIMAL: "dict[str, Json]" = {"type": [*DECIMAL_TYPES], "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}
"""Exact as a string; a number only on request."""
ABOUT = (
    "Perpetual-futures market data. Decimals are exact strings, times are UTC, unknown is null. "
    "Quantities are in base coin, turnover and liquidity in quote. `meta.as_of` is the newest "
    "source time of an answer. Data from a simulator is marked `simulated`."
)
KEYS: "Document" = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A key: `ps_<id>_<secret>`."},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}
SECURITY: "list[Document]" = [{}, {"bearer": []}, {"header": []}]
"""On loopback no key is needed as long as there is none."""
OPEN: "Document" = {"security": []}
SAME: "Document" = {}
"""What holds for all."""
ANSWER_HEADERS: "Document" = {
    name: {"description": meaning, "schema": {"type": "string"}}
    for name, meaning in {
        "ETag": "Of what is said, not of when: send it back as `If-None-Match`.",
        "Link": 'The next page, as `rel="next"`, where there is one.',
        META: "`meta` as JSON, where the body is no envelope.",
        "RateLimit-Policy": 'The quota: `"key";q=1200;w=60` is 1200 a minute, of the key.',
        "RateLimit": 'What is left: `"key";r=1199;t=1`, and the seconds until it is whole again.',
    }.items()
}
Document: TypeAlias = dict[str, object]
Json: TypeAlias = "dict[str, Json] | list[Json] | str | float | bool | None"


def openapi_document(resources: Sequence[Resource], version: str) -> Document:
    paths = {f"{PREFIX}/{each.path}": {"get": _ask(each, resources)} for each in resources}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "perps-stats",
            "version": version,
            "description": ABOUT,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "security": SECURITY,
        "paths": {**paths, **_stream(), **udf_paths(_refusals()), **_probes()},
        "components": {
            "schemas": {
                **_schemas([*dict.fromkeys(resource.row for resource in resources)]),
                **udf_schemas(),
            },
            "securitySchemes": KEYS,
        },
    }


def _ask(resource: Resource, resources: Sequence[Resource]) -> Document:
    return {
        "operationId": operation_id(resource),
        "summary": f"{resource.meaning[0].upper()}{resource.meaning[1:]}.",
        "tags": [resource.tag],
        "parameters": [
            parameter for each in resource.parameters for parameter in _parameters(each)
        ],
        "responses": {
            "200": {**_answer(resource), "links": links_of(resource, resources)},
            "304": {"description": "Nothing changed since the answer with this ETag."},
            "400": _problem("A parameter is unknown, malformed or contradictory."),
            **_refusals(),
            "406": _problem("`format` and `Accept` ask for nothing that there is."),
            "503": _problem("The database does not answer, or would take too long."),
        },
    }


def _refusals(scope: str = "read") -> Document:
    return {
        "401": _problem("A key is needed, and none that is valid was given."),
        "403": _problem(f"The key lacks the scope `{scope}`."),
        "429": _problem("More requests than the quota allows: `Retry-After` says when again."),
    }


def _parameters(parameter: Parameter) -> Iterable[Document]:
    yield _parameter(parameter.name, parameter.meaning, parameter.schema)
    for alias in parameter.aliases:
        yield _parameter(alias, f"The same as `{parameter.name}`.", parameter.schema)


def _parameter(name: str, meaning: str, schema: Schema) -> Document:
    return {"name": name, "in": "query", "description": meaning, "schema": schema}


def _answer(resource: Resource) -> Document:
    """In each form; what is no JSON document is described by the columns' names alone."""
    forms: Document = {form.media_type: {} for form in FORMS.values()}
    forms["application/json"] = {"schema": _envelope(resource)}
    meaning = "The records, and what they say of themselves."
    return {"description": meaning, "headers": ANSWER_HEADERS, "content": forms}


def _envelope(resource: Resource) -> Document:
    properties = {"data": {"type": "array", "items": _ref(resource.row)}, "meta": _ref(AsOf)}
    if isinstance(resource, Rows) and resource.latest is None:
        properties["pagination"] = _ref(Pagination)
    return {"type": "object", "required": list(properties), "properties": properties}


def _stream() -> Document:
    """Which answers no question, but opens: what is said on it stands in docs/websocket.md."""
    responses: Document = {
        "101": {"description": "It is open."},
        "400": _problem("The handshake is none, or has parameters."),
        **_refusals("stream"),
        "426": _problem("This was no WebSocket's handshake; `remedy` says what to send."),
        "503": _problem("There are as many clients as may be, or the database is away."),
    }
    summary = "The WebSocket of live values: docs/websocket.md."
    return {PATH: _probe("stream", summary, responses, {"tags": ["stream"]})}


def _probes() -> Document:
    status: Schema = {"type": "object", "required": ["status"]}
    ok = _response("It does.", status)
    away = _problem("It cannot; `reasons` says why.")
    plain = {"text/plain": {"schema": {"type": "string"}}}
    text = {"description": "The metrics.", "content": plain}
    refused = _problem("It takes no parameters.")
    found = _response("Also when the database is away.", _ref(Health))
    health = {"200": found, "400": refused, **_refusals()}
    return {
        "/livez": _probe(
            "livez",
            "The process answers, and its loop keeps up.",
            {"200": ok, "400": refused, "503": _response("It is late.", status)},
            OPEN,
        ),
        "/readyz": _probe(
            "readyz",
            "The database answers, and collecting has begun where the process collects.",
            {"200": ok, "400": refused, "503": away},
            OPEN,
        ),
        "/metrics": _probe(
            "metrics",
            "In the text format of Prometheus. On this machine no key is needed.",
            {"200": text, "400": refused, **_refusals()},
        ),
        f"{PREFIX}/health": _probe("health", "How the service is.", health),
    }


def _probe(name: str, summary: str, responses: Document, also: Document = SAME) -> Document:
    asked = {"operationId": name, "summary": summary, "tags": ["probes"], "responses": responses}
    return {"get": asked | also}


def _response(description: str, schema: Schema) -> Document:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _problem(description: str) -> Document:
    return {"description": description, "content": {MEDIA_TYPE: {"schema": _ref(Problem)}}}


def _ref(shape: type[Struct]) -> Document:
    return {"$ref": f"{SCHEMAS}{shape.__name__}"}


def _schemas(rows: Sequence[type[Struct]]) -> Document:
    shapes: list[type[Struct]] = [*rows, Hole, OrderbookLevel, AsOf, Pagination, Health]
    _, known = msgspec.json.schema_components([*shapes, Problem], ref_template=f"{SCHEMAS}{{name}}")
    for shape in shapes:
        properties = known[shape.__name__]["properties"]
        properties |= {name: _time(optional) for name, optional in _times(shape).items()}
        properties |= extra_fields(shape)
        known[shape.__name__]["required"] = list(properties)
    shapes.append(Problem)
    meanings = {shape.__name__: meanings_of(shape) for shape in shapes}
    return {
        name: described(_as_sent(schema), meanings.get(name, {})) for name, schema in known.items()
    }


def _times(shape: type[Struct]) -> Mapping[str, bool]:
    """The fields that hold a time, and whether it may be unknown."""
    hints = get_type_hints(shape)
    return {
        name: hint is not datetime
        for name, hint in hints.items()
        if datetime in (hint, *get_args(hint))
    }


def _time(optional: bool) -> Document:  # noqa: FBT001  the value of a mapping
    return {"type": ["string", "null"] if optional else "string", "format": "date-time"}


def _as_sent(schema: Json) -> Json:
    """Decimals as we send them, and no defaults: an answer always holds every field."""
    if isinstance(schema, list):
        return [_as_sent(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    sent = {name: _as_sent(value) for name, value in schema.items() if name != "default"}
    if schema.get("format") == "decimal":
        return {**sent, **DECIMAL}
    match sent.get("anyOf"):
        case [dict(known), {"type": "null"}] if known.get("format") == "decimal":
            return {**known, "type": [*DECIMAL_TYPES, "null"]}
        case _:
            return sent
