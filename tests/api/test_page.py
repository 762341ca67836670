"""How the page is served: what it may load, how long it is kept, and nothing beside it."""

import asyncio
import gzip
from collections.abc import Mapping
from typing import NamedTuple

import pytest
from litestar import Litestar

from perps_stats.api import listen, serve_on
from perps_stats.api.constant import Constant
from perps_stats.api.page import NOT_BUILT, page_routes

SCRIPT = b"console.log(1)"
BUILT = {
    "index.html": Constant("text/html", "tag", {"identity": b"<!doctype html>"}),
    "assets/main-abc.js": Constant(
        "text/javascript", "other", {"gzip": gzip.compress(SCRIPT), "identity": SCRIPT}
    ),
}


class Reply(NamedTuple):
    """Header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


async def ask(built: Mapping[str, Constant], path: str, **headers: str) -> Reply:
    """On a real socket, the path as it is written: no client tidies it up."""
    app = Litestar(page_routes(built), openapi_config=None, logging_config=None)
    listener, over = listen("127.0.0.1", 0), asyncio.Event()
    serving = asyncio.create_task(serve_on(app, listener, over))
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    head = "\r\n".join([f"GET {path} HTTP/1.1", "host: x", "connection: close", *lines])
    reader, writer = await asyncio.open_connection(*listener.getsockname())
    writer.write(f"{head}\r\n\r\n".encode())
    told, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    over.set()
    await serving
    first, *rest = told.decode().split("\r\n")
    fields = dict(line.split(": ", 1) for line in rest)
    return Reply(int(first.split()[1]), fields, body)


async def test_the_page_may_load_its_own_files_alone() -> None:
    """No inline script, no other origin, no frame around it; it is asked for anew each time."""
    reply = await ask(BUILT, "/")
    assert (reply.status, reply.body) == (200, b"<!doctype html>")
    assert reply.headers["content-type"].startswith("text/html")
    assert reply.headers["cache-control"] == "no-cache"
    policy = reply.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


async def test_an_asset_is_kept_for_ever() -> None:
    """Its name tells its content, so it never changes."""
    reply = await ask(BUILT, "/assets/main-abc.js")
    assert (reply.status, reply.body) == (200, SCRIPT)
    assert reply.headers["cache-control"] == "public, max-age=31536000, immutable"


async def test_a_compressed_form_is_sent_to_who_accepts_it() -> None:
    """And to nobody else."""
    packed = await ask(BUILT, "/assets/main-abc.js", accept_encoding="br, gzip")
    plain = await ask(BUILT, "/assets/main-abc.js", accept_encoding="gzip;q=0")
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body == SCRIPT
    assert "content-encoding" not in plain.headers


async def test_what_is_known_is_not_sent_again() -> None:
    """The tag is of the content."""
    reply = await ask(BUILT, "/", if_none_match='W/"tag"')
    assert (reply.status, reply.body) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/assets/missing.js",
        "/assets/../index.html",
        "/assets/..%2findex.html",
        "/assets/%2e%2e/%2e%2e/resources.py",
        "/assets/..%5c..%5cresources.py",
        "/assets//etc/passwd",
        "/assets/",
        "/index.html",
    ],
)
async def test_there_is_no_way_out_of_the_page(path: str) -> None:
    """What is no file of the build is not found."""
    assert (await ask(BUILT, path)).status == 404


async def test_a_page_that_is_not_built_says_how_to() -> None:
    """One line of text."""
    reply = await ask({}, "/")
    assert (reply.status, reply.body) == (404, NOT_BUILT)
    assert NOT_BUILT.count(b"\n") == 1
    assert b"make page" in NOT_BUILT
