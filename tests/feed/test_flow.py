"""A flow with a sender, and the same from bodies."""

from collections.abc import Awaitable, Callable

import pytest

from perps_stats.core.errors import Refused, Unreachable, Unreadable
from perps_stats.exchanges.contract import Answer, Ask, Flow, Request
from perps_stats.feed.flow import replay, run

ONE, TWO, THREE = (Request("GET", path) for path in ("/1", "/2", "/3"))
BAD_ROW = Unreadable("row 2: no price")


def question() -> Flow[list[Answer]]:
    """One request, then two together, with a bad row in between."""
    first = yield ONE
    yield BAD_ROW
    both = yield (TWO, THREE)
    return [first, both]


def nothing() -> Flow[str]:
    """Needs no request at all."""
    yield from ()
    return "known"


def recorder(asks: list[Ask]) -> Callable[[Ask], Awaitable[Answer]]:
    async def send(ask: Ask) -> Answer:
        asks.append(ask)
        if isinstance(ask, Request):
            return ask.path.encode()
        return tuple(request.path.encode() for request in ask)

    return send


async def test_a_flow_is_sent_what_it_asks() -> None:
    """One body for one request, a tuple for a tuple; the bad row goes to the report."""
    asks: list[Ask] = []
    rows: list[Unreadable] = []
    answer = await run(question(), recorder(asks), rows.append)
    assert answer == [b"/1", (b"/2", b"/3")]
    assert asks == [ONE, (TWO, THREE)]
    assert rows == [BAD_ROW]


async def test_without_a_report_a_bad_row_is_an_error() -> None:
    """It is never dropped in silence."""
    with pytest.raises(Unreadable, match="no price"):
        await run(question(), recorder([]))
    with pytest.raises(Unreadable, match="no price"):
        replay(question(), [b"1", b"2", b"3"])


async def test_a_flow_without_a_request_sends_nothing() -> None:
    """Its result is there at once."""
    asks: list[Ask] = []
    assert await run(nothing(), recorder(asks)) == "known"
    assert asks == []


@pytest.mark.parametrize("failure", [Unreachable("away"), Refused("-1121", "Invalid symbol.")])
async def test_what_the_sender_raises_ends_the_flow(failure: Exception) -> None:
    """The caller sees the sender's own error."""

    async def send(_ask: Ask) -> Answer:
        raise failure

    with pytest.raises(type(failure)) as caught:
        await run(question(), send)
    assert caught.value is failure


def test_the_same_from_bodies() -> None:
    """One body a request, those of a tuple in their order."""
    rows: list[Unreadable] = []
    assert replay(question(), [b"a", b"b", b"c"], rows.append) == [b"a", (b"b", b"c")]
    assert rows == [BAD_ROW]


@pytest.mark.parametrize(
    ("bodies", "message"),
    [
        ([b"a", b"b"], "no body is left for /3"),
        ([], "no body is left for /1"),
        ([b"a", b"b", b"c", b"d"], "1 bodies were not asked for"),
    ],
)
def test_another_number_of_bodies_is_an_error(bodies: list[bytes], message: str) -> None:
    """A replay that does not fit the flow is found at once."""
    with pytest.raises(ValueError, match=message):
        replay(question(), bodies, lambda _row: None)
