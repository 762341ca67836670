"""Secrets that were planted everywhere are in nothing that the program says."""

import asyncio
import signal
from collections.abc import Generator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from tests.cli.own_server import OwnServer, own_server
from tests.cli.program import SECONDS, Program, stop
from tests.cli.test_keys import Service
from tests.engines import reachable_directory

PASSWORD = "pl4nted"  # noqa: S105  it is planted
GIVEN = "5ecre7" * 8
KEY = f"ps_planted_{GIVEN}"
PATHS = (
    "/api/v1/openapi.json", "/api/v1/health", "/api/v1/trades", "/api/v1/stats",
    "/api/v1/trades?x=1", "/metrics", "/readyz", "/", "/nowhere",
)  # fmt: skip


@pytest.fixture(scope="module")
def own() -> Generator[OwnServer]:
    with own_server(reachable_directory()) as server:
        asyncio.run(server.execute("create database planted"))
        asyncio.run(server.execute(f"create role planted superuser login password '{PASSWORD}'"))
        yield server


def answer(port: int, path: str, headers: dict[str, str]) -> str:
    request = Request(f"http://127.0.0.1:{port}{path}", headers=headers)
    try:
        with urlopen(request, timeout=SECONDS) as reply:  # noqa: S310  ours
            return f"{reply.headers}\n{reply.read().decode()}"
    except HTTPError as error:
        return f"{error.headers}\n{error.read().decode()}"


@pytest.fixture
def planted(program: Program, own: OwnServer, tmp_path: Path) -> Program:
    (tmp_path / "keys").write_text(KEY)
    program.environ |= {
        "DATABASE_URL": own.url("planted", "planted", PASSWORD),
        "PERPS_STATS__API__KEYS_FILE": str(tmp_path / "keys"),
        "PERPS_STATS__LOG__LEVEL": "debug",
    }
    return program


def assert_kept(said: list[str], *more: str) -> None:
    for secret in (PASSWORD, GIVEN, *more):
        assert [text for text in said if secret in text] == []


def test_nothing_that_a_service_says_has_a_secret_in_it(planted: Program) -> None:
    """Logs of all levels, answers, refusals, OpenAPI, metrics; the list of keys."""
    made = planted("keys", "create").out.strip()
    said: list[str] = []
    service = Service(planted)
    try:
        service.wait("/api/v1/trades", made, 200)
        for text in (KEY, made):
            wrong = {"Authorization": f"Bearer {text[:-1]}0"}
            basic = {"Authorization": f"Basic {text}", "X-Wrong": text}
            for headers in ({"X-API-Key": text}, wrong, basic):
                said += [answer(service.port, path, headers) for path in PATHS]
    finally:
        ended = stop(service.process, signal.SIGTERM)
    said += [ended.out, ended.err]
    said += planted("keys", "list")[1:]
    assert_kept(said, made.rpartition("_")[2])
    assert any(made.split("_")[1] in text for text in said)


@pytest.mark.parametrize(
    "words", [["config", "show"], ["config", "show", "--json"], ["doctor"]], ids=" ".join
)
def test_nothing_that_is_told_of_settings_has_a_secret_in_it(
    planted: Program, words: list[str]
) -> None:
    """Their values, and what is found with them."""
    done = planted(*words)
    assert done.out
    assert_kept([done.out, done.err])


@pytest.mark.parametrize(
    "words",
    [["db", "stats"], ["--debug", "db", "stats"], ["serve"], ["keys", "list"]],
    ids=" ".join,
)
def test_no_error_has_a_secret_in_it(planted: Program, own: OwnServer, words: list[str]) -> None:
    """Nor a traceback: of a database that lets nobody in, of settings that are wrong."""
    gone = own.url("planted", "planted", PASSWORD + "x")
    said = [
        *planted(*words, DATABASE_URL=gone),
        *planted(*words, DATABASE_URL=gone.replace("postgresql", "mysql")),
        *planted(*words, PERPS_STATS__API__KEYS=f"{KEY},,", PERPS_STATS__API__KEYS_FILE=""),
    ]
    texts = [text for text in said if isinstance(text, str)]
    assert_kept(texts)
    assert any("planted" in text for text in texts)
