"""``serve`` while its database is stopped: a machine asks whatever the OpenAPI text allows."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from tests.cli.own_server import OwnServer, free_port, own_server
from tests.cli.program import Program, command
from tests.engines import reachable_directory

from perps_stats.api.resources import RESOURCES

LONG = "PERPS_STATS_LONG" in os.environ
SCHEMATHESIS = Path(sys.executable).parent / "schemathesis"
CHECKS = (
    "status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance"
)
NEEDS_NONE = {
    *("/livez", "/metrics", "/udf/config", "/udf/time"),
    *("/api/v1/openapi.json", "/api/v1/health"),
}
"""What is answered without a database; ``health`` says that it is away."""
PROBLEM, JSON, UDF = "application/problem+json", "application/json", "/udf/"
"""A charting library knows errors of its own kind alone."""
PATHS = [f"/api/v1/{resource.path}" for resource in RESOURCES]
PATIENCE_SECONDS = 60
Entry = Mapping[str, Mapping[str, object]]


@pytest.fixture
def own() -> Generator[OwnServer]:
    with own_server(reachable_directory()) as server:
        asyncio.run(server.execute("create database down"))
        yield server


def ask(url: str) -> tuple[int, str]:
    """Status and media type; 0 where nobody answers."""
    try:
        with urlopen(url, timeout=PATIENCE_SECONDS) as answer:  # noqa: S310  # our own service
            return answer.status, answer.headers.get_content_type()
    except HTTPError as error:
        with error:
            return error.code, error.headers.get_content_type()
    except (URLError, ConnectionError, TimeoutError):
        return 0, ""


def wait_for_all(address: str, paths: list[str], status: int) -> None:
    """Until each has that status."""
    last = time.monotonic() + PATIENCE_SECONDS
    while wrong := {path: found for path in paths if (found := ask(address + path)[0]) != status}:
        assert time.monotonic() < last, wrong
        time.sleep(0.2)


@contextmanager
def serving(program: Program, port: int, log: TextIO) -> Generator["subprocess.Popen[bytes]"]:
    """Its log goes to a file: who reads no pipe holds up who writes it."""
    words = command(("serve", "--port", str(port)))
    process = subprocess.Popen(words, cwd=program.directory, env=program.environ, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def tried(address: str, directory: Path) -> list[Entry]:
    """Every question and its answer. Fails for one off its schema, or without an answer."""
    log = directory / "asked.har"
    phases, examples = ("coverage,fuzzing", "200") if LONG else ("fuzzing", "6")
    done = subprocess.run(
        (
            *(SCHEMATHESIS, "run", f"{address}/api/v1/openapi.json", "--checks", CHECKS),
            *("--phases", phases, "--max-examples", examples, "--report-har-path", str(log)),
            *("--continue-on-failure", "--no-shrink", "--seed", "1", "--warnings", "off"),
            *("--suppress-health-check", "all", "--request-timeout", str(PATIENCE_SECONDS)),
            *("--request-retries", "1"),  # an idle connection may close
        ),
        cwd=directory,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout[-8000:]
    entries: list[Entry] = json.loads(log.read_text("utf-8"))["log"]["entries"]
    return entries


@pytest.mark.timeout(3600 if LONG else 120)
def test_without_a_database_nothing_is_made_up(
    program: Program, own: OwnServer, tmp_path: Path
) -> None:
    """Whatever is asked, the answer is 503 as a problem, or that the question is wrong; when the
    database is back, everything is answered by the same process.
    """
    program.environ["DATABASE_URL"] = own.url("down")
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with (
        (tmp_path / "log").open("w", encoding="utf-8") as log,
        serving(program, port, log) as service,
    ):
        wait_for_all(address, ["/readyz", *PATHS], 200)
        own.stop()
        wait_for_all(address, PATHS, 503)
        assert {ask(address + path)[1] for path in PATHS} == {PROBLEM}
        entries = tried(address, tmp_path)
        own.start()
        wait_for_all(address, ["/readyz", *PATHS], 200)
        assert service.poll() is None
    faults = faults_in(entries)
    assert not faults, faults[:20]
    statuses = Counter(entry["response"]["status"] for entry in entries)
    assert statuses[503] > len(PATHS)


def faults_in(entries: list[Entry]) -> list[object]:
    """Answers that claim to know something, or that say nothing."""
    found: list[object] = []
    for entry in entries:
        url, response = str(entry["request"]["url"]), entry["response"]
        status, content = response["status"], response["content"]
        assert isinstance(status, int)
        assert isinstance(content, dict)
        media = str(content["mimeType"]).partition(";")[0]
        path = urlsplit(url).path
        is_right = (
            400 <= status < 500
            or (status == 204 and entry["request"]["method"] == "OPTIONS")
            or (status == 200 and path in NEEDS_NONE)
            or (status == 503 and media == (JSON if path.startswith(UDF) else PROBLEM))
        )
        if not is_right:
            found.append((url, status, media))
    return found
