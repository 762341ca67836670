"""Runs a flow: with a sender it asks an exchange, with recorded bodies it asks nobody."""

from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeAlias, TypeVar

from perps_stats.core.errors import Unreadable
from perps_stats.exchanges.contract import Answer, Ask, Flow, Request

T = TypeVar("T")
Send: TypeAlias = Callable[[Ask], Awaitable[Answer]]
"""Gives the body of one request, or the bodies of several that it sends together."""
Report: TypeAlias = Callable[[Unreadable], None]
"""Is told of a row that could not be read; the other rows of its list go on."""


def refuse(row: Unreadable) -> None:
    """The report of who wants none: the bad row is an error."""
    raise row


async def run(flow: Flow[T], send: Send, report: Report = refuse) -> T:
    """Whatever ``send`` raises ends the flow."""
    answer: Answer | None = None
    try:
        while True:
            answer = await send(_next_ask(flow, answer, report))
    except StopIteration as done:
        result: T = done.value
        return result


def first_ask(flow: Flow[T]) -> Ask:
    """What a flow begins with. Raises ``ValueError`` for one that asks nothing."""
    for ask in flow:
        if not isinstance(ask, Unreadable):
            flow.close()
            return ask
    raise ValueError("it asks nothing")


def replay(flow: Flow[T], bodies: Iterable[bytes], report: Report = refuse) -> T:
    """The same from recorded bodies, one a request. ``ValueError`` where the count differs."""
    left = deque(bodies)
    answer: Answer | None = None
    try:
        while True:
            answer = _taken(left, _next_ask(flow, answer, report))
    except StopIteration as done:
        if left:
            raise ValueError(f"{len(left)} bodies were not asked for") from None
        result: T = done.value
        return result


def _next_ask(flow: Flow[T], answer: Answer | None, report: Report) -> Ask:
    ask = next(flow) if answer is None else flow.send(answer)
    while isinstance(ask, Unreadable):
        report(ask)
        ask = next(flow)
    return ask


def _taken(left: deque[bytes], ask: Ask) -> Answer:
    requests = (ask,) if isinstance(ask, Request) else ask
    if len(left) < len(requests):
        raise ValueError(f"no body is left for {requests[-1].path}")
    bodies = tuple(left.popleft() for _ in requests)
    return bodies[0] if isinstance(ask, Request) else bodies
