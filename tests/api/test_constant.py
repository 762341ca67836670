"""Answers that never change: packed once, tagged by their bytes, not sent twice."""

import gzip
import zlib

import pytest
from litestar import Litestar, Response, get
from tests.api.conftest import Ask, Reply, asking

from perps_stats.api.constant import constant
from perps_stats.api.problems import Asked

TEXT = b"the same " * 1000
SAID = constant("text/plain", TEXT, {"gzip": gzip.compress(TEXT), "deflate": zlib.compress(TEXT)})


@get("/said")
async def said(request: Asked) -> Response[bytes]:
    return SAID.answer(request)


async def told(**headers: str) -> Reply:
    async with asking(Litestar([said], openapi_config=None)) as ask:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await ask("/said", headers={"Accept-Encoding": "identity", **named})


async def test_each_coding_has_a_tag_of_its_own() -> None:
    """A strong one promises the same bytes (RFC 9110, 8.8.3)."""
    replies = [await told(Accept_Encoding=each) for each in ("identity", "gzip", "deflate")]
    tags = [reply.headers["ETag"] for reply in replies]
    assert len(set(tags)) == 3
    assert all(tag.startswith('"') for tag in tags)
    assert {reply.headers["Vary"] for reply in replies} == {"Accept-Encoding"}
    assert {reply.headers["Cache-Control"] for reply in replies} == {"no-cache"}


async def test_other_words_have_another_tag() -> None:
    """Of the next release, for one."""
    assert constant("text/plain", b"a", {}).tag != constant("text/plain", b"b", {}).tag
    assert constant("text/plain", b"a", {}) == constant("text/plain", b"a", {})


@pytest.mark.parametrize(
    ("known", "status"),
    [
        ('"{0}"', 304),
        ('W/"{0}"', 304),
        ('"other", "{0}"', 304),
        ("*", 304),
        ('"{0}-gzip"', 200),
        ('"{0}x"', 200),
        ("{0}", 200),
        ("", 200),
    ],
)
async def test_what_is_known_is_not_sent_again(known: str, status: int) -> None:
    """Tags are compared whole, weakly, as RFC 9110, 13.1.2 has it for this header."""
    reply = await told(If_None_Match=known.format(SAID.tag))
    assert (reply.status, reply.text) == (status, TEXT if status == 200 else b"")
    assert reply.headers["ETag"] == f'"{SAID.tag}"'


async def test_a_packed_form_is_known_by_its_own_tag() -> None:
    """And no other's."""
    packed = await told(Accept_Encoding="gzip", If_None_Match=f'"{SAID.tag}-gzip"')
    plain = await told(Accept_Encoding="gzip", If_None_Match=f'"{SAID.tag}"')
    assert (packed.status, plain.status, plain.headers["Content-Encoding"]) == (304, 200, "gzip")


async def test_the_openapi_text_is_one(ask: Ask) -> None:
    """Packed, or asked for again at the price of a tag; it takes no parameters."""
    path = "/api/v1/openapi.json"
    plain = await ask(path, headers={"Accept-Encoding": "identity"})
    tag = plain.headers["ETag"]
    again = await ask(path, headers={"Accept-Encoding": "identity", "If-None-Match": tag})
    assert (plain.status, again.status, again.text) == (200, 304, b"")
    assert (tag[0], plain.headers["Cache-Control"]) == ('"', "no-cache")
    packed = await ask(path, headers={"Accept-Encoding": "gzip"})
    assert (packed.text, packed.headers["Content-Encoding"]) == (plain.text, "gzip")
    assert int(packed.headers["Content-Length"]) < len(plain.text) / 5
    assert packed.headers["ETag"] == f'{tag[:-1]}-gzip"'
    assert (await ask(f"{path}?format=yaml")).status == 400
