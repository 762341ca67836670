"""Attacks on the whole application, behind the guard, on a real database."""

from collections.abc import AsyncGenerator
from urllib.parse import quote

import pytest
from litestar.types import ASGIApp
from tests.api.conftest import READ, Ask, Said, asking
from tests.api.guard.known import Door, admission, key, opened, problem_of, status_of
from tests.api.rows import NOW

from perps_stats.api import create_app
from perps_stats.api.guard import Guard, Rules
from perps_stats.api.resources import RESOURCES
from perps_stats.database.reader import reading_link
from perps_stats.database.repository import PostgresRepository

INJECTIONS = (
    "'; drop table markets; --",
    "' or '1'='1",
    "BTC' union select digest, 1 from api_keys --",
    "1; select pg_sleep(30)",
    "$$; commit; delete from trades; $$",
    "{{7*7}}%s%(x)s",
    "\\'; copy trades to program 'true' --",
    "BTC\0'",
)
OUTSIDE = (
    "/../../etc/passwd",
    "/assets/../../../../etc/passwd",
    "/assets/..%2f..%2f..%2fetc%2fpasswd",
    "/assets/%2e%2e/%2e%2e/pyproject.toml",
    "/assets/....//....//etc/passwd",
    "/assets/..%5c..%5cetc%5cpasswd",
    "/assets//etc/passwd",
    "/assets/%00index.html",
    "/assets/%ff%fe",
    "/%2e%2e/%2e%2e/etc/passwd",
    "//etc/passwd",
    "/assets/" + "a/" * 500,
)
HTTP = b"GET %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n%s\r\n"


@pytest.fixture
async def guarded(app: ASGIApp) -> ASGIApp:
    """As on loopback without keys."""
    return Guard(app, await admission())


@pytest.fixture
async def door(guarded: ASGIApp) -> AsyncGenerator[Door]:
    async with opened(guarded) as running:
        yield running


@pytest.fixture
async def ask_guarded(guarded: ASGIApp) -> AsyncGenerator[Ask]:
    async with asking(guarded) as question:
        yield question


async def test_sql_in_every_parameter(ask_guarded: Ask, stored: PostgresRepository) -> None:
    """It is a value that is not accepted, or one that finds nothing; nothing is done by it."""
    before = await stored.get_stats()
    for resource in RESOURCES:
        names = [name for each in resource.parameters for name in (each.name, *each.aliases)]
        for name in names:
            for text in INJECTIONS:
                reply = await ask_guarded(f"/api/v1/{resource.path}?{name}={quote(text)}")
                assert reply.status in {400, 406}, (resource.path, name, text, reply.text)
    assert await stored.get_stats() == before


async def test_nothing_lies_outside(door: Door) -> None:
    """No path leads to a file that is not of the page."""
    for path in OUTSIDE:
        answer = await door.ask(HTTP % (path.encode(), b""))
        assert status_of(answer) in {400, 404}, (path, answer)
        assert b"root:" not in answer
        assert b"[project]" not in answer
    for odd in (b"http://169.254.169.254/latest", b"*", b"\\..\\..", b"/%", b"/%zz"):
        assert status_of(await door.ask(HTTP % (odd, b""))) in {400, 404}


@pytest.mark.usefixtures("stored")
async def test_text_that_is_no_utf_8(door: Door) -> None:
    """In the path, the query and headers: refused in one line, or of no matter."""
    for query in (b"symbol=%ff%fe", b"symbol=%c3%28", b"%ff=1", b"symbol=%ed%a0%80"):
        answer = await door.ask(HTTP % (b"/api/v1/trades?" + query, b""))
        assert status_of(answer) == 400
        assert problem_of(answer)["detail"]
    for header in (b"If-None-Match: \xff\xfe\r\n", b"Accept: \xff\r\n", b"X-\xff: a\r\n"):
        answer = await door.ask(HTTP % (b"/api/v1/trades", header))
        assert status_of(answer) in {200, 400, 406}
    assert status_of(await door.ask(HTTP % (b"/api/v1/\xff\xfe", b""))) == 400


async def test_there_is_one_way_in(app: ASGIApp) -> None:
    """However a path is spelt: without a key nothing of the data is answered."""
    spelt = (
        "/api/v1/trades", "//api/v1/trades", "/api//v1/trades", "/api/v1/trades/",
        "/%61pi/v1/trades", "/api/v1/../v1/trades", "/assets/../api/v1/trades",
        "/livez/../api/v1/trades",
        "/assets//../api/v1/trades", "/./api/v1/trades", "/API/v1/trades", "/api/v1/trades%00",
        "/api/v1/trades;x=1", "/api/v1/openapi.json", "/metrics/", "//metrics", "/udf/config",
    )  # fmt: skip
    guarded = Guard(app, await admission(key()[1], rules=Rules(is_public=True)))
    async with opened(guarded) as door:
        for path in spelt:
            answer = await door.ask(HTTP % (path.encode(), b""))
            assert status_of(answer) in {400, 401, 404}, (path, answer)
            assert b'"data"' not in answer
        forged = b"X-Forwarded-For: 127.0.0.1\r\nX-Original-URL: /livez\r\n"
        answer = await door.ask(HTTP % (b"/api/v1/trades", forged))
        assert status_of(answer) == 401


@pytest.mark.usefixtures("stored")
async def test_all_is_answered_by_connections_that_can_only_read(
    repository: PostgresRepository,
) -> None:
    """Every resource, as it is read where the session is read-only."""
    async with reading_link(repository.link, 60) as link:
        reader = PostgresRepository(link)
        app = create_app(reader, exchanges=READ, now=lambda: NOW, process=Said())
        async with asking(app) as ask:
            for resource in RESOURCES:
                assert (await ask(f"/api/v1/{resource.path}")).status == 200, resource.path
