"""The OpenAPI text says what the API does: read by people, and tried by a machine."""

import asyncio
import os
import sys
from pathlib import Path

import msgspec
import pytest
from jsonschema_rs import Draft202012Validator
from litestar.types import ASGIApp

from perps_stats.api.openapi import openapi_document
from perps_stats.api.resources import RESOURCES

from .conftest import Ask, serving

LONG = "PERPS_STATS_LONG" in os.environ
SCHEMATHESIS = Path(sys.executable).parent / "schemathesis"
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_headers_conformance,response_schema_conformance,negative_data_rejection,"
    "unsupported_method,allow_header_conformance"
)


def at(document: object, *path: str) -> object:
    for name in path:
        assert isinstance(document, dict)
        document = document[name]
    return document


def test_every_resource_is_described() -> None:
    """Its parameters, typed, and the type of its records."""
    document = openapi_document(RESOURCES, "1.2.3")
    paths = at(document, "paths")
    assert isinstance(paths, dict)
    assert set(paths) == {
        *(f"/api/v1/{resource.path}" for resource in RESOURCES),
        *(f"/udf/{name}" for name in ("config", "symbols", "search", "history", "time")),
        "/livez",
        "/readyz",
        "/metrics",
        "/api/v1/health",
        "/api/v1/stream",
    }
    klines = at(paths, "/api/v1/klines", "get", "parameters")
    assert isinstance(klines, list)
    assert [each["name"] for each in klines] == [
        "exchange",
        "symbol",
        "start_time",
        "start",
        "end_time",
        "end",
        "order",
        "limit",
        "offset",
        "cursor",
        "numbers",
        "format",
        "interval",
    ]
    limit = next(each for each in klines if each["name"] == "limit")
    assert limit["schema"] == {"type": "integer", "minimum": 1, "maximum": 5000, "default": 500}


def test_units_stand_in_the_descriptions() -> None:
    """Beside what the field means."""
    document = openapi_document(RESOURCES, "1.2.3")
    schemas = at(document, "components", "schemas")
    price = at(schemas, "Trade", "properties", "price")
    assert isinstance(price, dict)
    assert price["description"] == "price (quote/base)"
    assert price["type"] == ["string", "number"]
    assert at(schemas, "Trade", "properties", "recv_ts") == {
        "type": ["string", "null"],
        "format": "date-time",
    }
    floors = at(schemas, "LiquidityDepthStats", "properties", "floors")
    assert at(floors, "type") == "array"


@pytest.mark.usefixtures("stored")
async def test_answers_are_as_described(ask: Ask) -> None:
    """Every answer of known rows holds to its schema, which requires every field."""
    text = await ask("/api/v1/openapi.json")
    assert text.headers["Content-Type"] == "application/vnd.oai.openapi+json"
    for resource in RESOURCES:
        path = f"/api/v1/{resource.path}"
        where = ("paths", path, "get", "responses", "200", "content", "application/json", "schema")
        schema = at(text.body, *where)
        assert isinstance(schema, dict)
        whole = {**schema, "components": text.body["components"]}
        reply = await ask(path)
        Draft202012Validator(whole, validate_formats=True).validate(msgspec.json.decode(reply.text))


@pytest.mark.usefixtures("stored")
@pytest.mark.timeout(7200 if LONG else 120)
async def test_a_machine_finds_no_fault(app: ASGIApp, tmp_path: Path) -> None:
    """Schemathesis asks what the text allows and what it forbids, and follows its links: never a
    5xx, never off schema. With ``PERPS_STATS_LONG=1`` 50,000 times and more.
    """
    much = ("--max-examples", "1500") if LONG else ("--max-time", "20")
    async with serving(app) as address:
        running = await asyncio.create_subprocess_exec(
            *(SCHEMATHESIS, "run", f"{address}/api/v1/openapi.json"),
            *("--checks", CHECKS, "--phases", "coverage,fuzzing,stateful", *much),
            *("--continue-on-failure", "--no-shrink", "--seed", "1", "--warnings", "off"),
            *("--request-timeout", "60", "--request-retries", "1"),  # an idle connection may close
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await running.communicate()
    told = output.decode()
    sys.stdout.write(told[-1500:])
    assert running.returncode == 0, told[-8000:]
