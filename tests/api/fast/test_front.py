"""Answers that hold are sent again as they were, to everybody who asks the same."""

import asyncio

import pytest
from litestar.types import Receive, Scope, Send
from tests.api.conftest import asking

from perps_stats.api.fast import FRESH, Fresh, Front, front

HEADERS = [(b"content-type", b"text/plain"), (b"etag", b'W/"7"')]


class Behind:
    """What stands behind: answers its path and query, how often it was asked, and holds as told."""

    def __init__(self, fresh: Fresh | None = None, status: int = 200) -> None:
        self.fresh = fresh
        self.status = status
        self.asked = 0
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        self.asked += 1
        number = self.asked
        await self.may_answer.wait()
        scope["state"][FRESH] = self.fresh
        body = b"%b?%b %d" % (scope["path"].encode(), scope["query_string"], number)
        headers = [*HEADERS, (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})


HOLDS = Fresh((), 3600)


async def test_an_answer_that_holds_is_sent_again() -> None:
    """To everybody who asks the same, in the same form; to no others."""
    behind = Behind(HOLDS)
    async with asking(Front(behind, None)) as ask:
        told = [await ask(path) for path in ("/a", "/a", "/a?x=1", "/b", "/a")]
        assert [each.text for each in told] == [b"/a? 1", b"/a? 1", b"/a?x=1 2", b"/b? 3", b"/a? 1"]
        other = await ask("/a", headers={"Accept": "text/csv"})
        packed = await ask("/a", headers={"Accept-Encoding": "zstd"})
    assert (other.text, packed.text) == (b"/a? 4", b"/a? 5")


async def test_who_has_it_is_told_so() -> None:
    """Without the body; the tag of something else does not count."""
    async with asking(Front(Behind(HOLDS), None)) as ask:
        await ask("/a")
        has_it = await ask("/a", headers={"If-None-Match": 'W/"6", W/"7"'})
        strong = await ask("/a", headers={"If-None-Match": '"7"'})
        other = await ask("/a", headers={"If-None-Match": 'W/"6"'})
        head = await ask("/a", method="HEAD")
    assert (has_it.status, has_it.text, has_it.headers["ETag"]) == (304, b"", 'W/"7"')
    assert (strong.status, other.status, other.text) == (304, 200, b"/a? 1")
    assert (head.status, head.text, head.headers["Content-Length"]) == (200, b"", "5")


@pytest.mark.parametrize(("fresh", "status"), [(None, 200), (HOLDS, 503), (Fresh((), 0), 200)])
async def test_what_does_not_hold_is_made_again(fresh: Fresh | None, status: int) -> None:
    """What nobody says of that it holds, what is no answer, what held no moment."""
    behind = Behind(fresh, status)
    async with asking(Front(behind, None)) as ask:
        assert [(await ask("/a")).text for _ in range(2)] == [b"/a? 1", b"/a? 2"]


async def test_nothing_but_questions_is_answered_here() -> None:
    """Any other method passes."""
    behind = Behind(HOLDS)
    async with asking(Front(behind, None)) as ask:
        for method in ("GET", "POST", "DELETE"):
            await ask("/a", method=method)
    assert behind.asked == 3


async def test_many_who_ask_at_once_are_one_question() -> None:
    """While an answer that no longer holds is made again, the others wait for it."""
    behind = Behind(Fresh((), 0))
    async with asking(Front(behind, None)) as ask:
        await ask("/a")
        behind.fresh = HOLDS
        behind.may_answer.clear()
        waiting = asyncio.gather(*(ask("/a") for _ in range(20)))
        while behind.asked < 2:
            await asyncio.sleep(0)
        behind.may_answer.set()
        told = {each.text for each in await waiting}
    assert (told, behind.asked) == ({b"/a? 2"}, 2)


async def test_no_more_is_kept_than_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was kept first goes first."""
    monkeypatch.setattr(front, "MOST_BYTES", 3 * (front.OVERHEAD_BYTES + 40))
    behind = Behind(HOLDS)
    async with asking(Front(behind, None)) as ask:
        for path in ("/1", "/2", "/3", "/4", "/4", "/3", "/1"):
            await ask(path)
    assert behind.asked == 5
