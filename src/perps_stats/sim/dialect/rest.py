"""The REST side of a venue: weight first, then the question, then what goes wrong."""

import asyncio
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Generic, Protocol, TypeVar

from aiohttp import web
from msgspec import Struct
from msgspec.structs import replace

from perps_stats.sim.counters import Counters
from perps_stats.sim.dialect.asked import Asked, BadParameter, Refusal
from perps_stats.sim.dialect.raw import CHUNK, reset
from perps_stats.sim.dialect.walls import PAGE, refused_by_wall, waited
from perps_stats.sim.dialect.weights import OK, Verdict, Weights
from perps_stats.sim.faults import HUGE_BYTES, Fault, Kind
from perps_stats.sim.pages import worsened
from perps_stats.sim.pending import Faults
from perps_stats.sim.spoil import spoiled

B = TypeVar("B")
REFUSALS = {Kind.SLOW_DOWN: 429, Kind.BANNED: 418}
WALLS = {Kind.FORBIDDEN: 403, Kind.UNAVAILABLE: 503}
UNANSWERED = {Kind.HANG, Kind.HUGE, Kind.RESET}
SERVICE_UNAVAILABLE = 503
JSON = "application/json"
REMEMBERED = 64
"""Questions about books of which the first answer is kept, to be given once more when it is old."""


class Question(Struct, Generic[B], frozen=True, kw_only=True):
    """``answer`` gives what ``Words.body`` writes, or raises ``Refusal`` or ``BadParameter``.

    ``costs``, by the limit's name, are charged before anything is checked: it never raises.
    """

    answer: Callable[[B, Asked], object]
    costs: Callable[[Asked], Mapping[str, int]]
    method: str = "GET"
    is_book: bool = False
    """Whether it is counted as an order book's snapshot."""


class Words(Protocol):
    """How the venue words what is no answer, and what is around one."""

    def body(self, answer: object) -> bytes:
        """A good answer, in its envelope."""
        ...

    def error(self, refusal: Refusal) -> web.Response: ...
    def limited(self, verdict: Verdict) -> web.Response:
        """The verdict's status is 429 or 418."""
        ...

    def headers(self, verdict: Verdict) -> Mapping[str, str]:
        """On every answer."""
        ...

    def flawed(self, problem: BadParameter) -> Refusal: ...
    def unknown(self, method: str, path: str) -> Refusal:
        """No such path, or not with this method."""
        ...

    def broken(self) -> Refusal:
        """The venue's own fault: HTTP 500."""
        ...


class Routes(Generic[B]):
    """Questions by path, which may hold names: ``/api/v1/contracts/{symbol}``."""

    def __init__(self, questions: Mapping[str, Question[B]]) -> None:
        self._plain = {path: one for path, one in questions.items() if "{" not in path}
        self._named = [
            (re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(path))), one)
            for path, one in questions.items()
            if "{" in path
        ]

    def find(self, path: str) -> tuple[Question[B] | None, dict[str, str]]:
        """A path without names comes before one with."""
        if path in self._plain:
            return self._plain[path], {}
        for pattern, question in self._named:
            if match := pattern.fullmatch(path):
                return question, match.groupdict()
        return None, {}


class Rest(Generic[B]):
    """``closing`` releases the requests that are never answered."""

    def __init__(
        self,
        *,
        board: B,
        questions: Mapping[str, Question[B]],
        words: Words,
        weights: Weights,
        faults: Faults,
        counters: Counters,
        closing: asyncio.Event,
    ) -> None:
        self._board = board
        self._routes = Routes(questions)
        self._words = words
        self._weights = weights
        self._faults = faults
        self._counters = counters
        self._closing = closing
        self._books: dict[str, bytes] = {}

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self._counters.requests[request.path] += 1
        question, parts = self._routes.find(request.path)
        asked = Asked(request.host, request.path, request.query, parts, await request.read())
        fault = self._faults.on_request(request.path, is_known=_words(asked) in self._books)
        if fault and fault.kind in WALLS:
            self._counters.faults[fault.kind.value] += 1
            return refused_by_wall(WALLS[fault.kind], fault.seconds)
        verdict = self._charge(request.remote or "", question, asked)
        if fault and fault.kind in REFUSALS:
            self._counters.faults[fault.kind.value] += 1
            status, seconds = REFUSALS[fault.kind], -int(-fault.seconds // 1)
            verdict = replace(verdict, status=status, retry_after=seconds)
        if fault and verdict.status == OK and fault.kind in UNANSWERED:
            self._counters.faults[fault.kind.value] += 1
            return await self._unanswered(fault.kind, request)
        if question is not None and question.method != request.method:
            question = None
        response = self._response(request.method, question, asked, verdict, fault)
        response.headers.update(self._words.headers(verdict))
        if fault and fault.kind is Kind.SLOW:
            self._counters.faults[fault.kind.value] += 1
            await waited(fault.seconds, self._closing)
        return response

    async def _unanswered(self, kind: Kind, request: web.Request) -> web.StreamResponse:
        if kind is Kind.HUGE:
            return await _huge(request)
        if kind is Kind.RESET:
            reset(request.transport)
        else:
            await self._closing.wait()
        return web.Response(status=SERVICE_UNAVAILABLE)

    def _charge(self, address: str, question: Question[B] | None, asked: Asked) -> Verdict:
        costs = question.costs(asked) if question else {self._weights.first: 1}
        verdict = self._weights.charge(address, costs)
        self._counters.weight_used = self._weights.spent
        return verdict

    def _response(
        self,
        method: str,
        question: Question[B] | None,
        asked: Asked,
        verdict: Verdict,
        fault: Fault | None,
    ) -> web.Response:
        if verdict.status != OK:
            return self._words.limited(verdict)
        try:
            if fault and fault.kind is Kind.HTTP_500:
                self._counters.faults[fault.kind.value] += 1
                raise self._words.broken()
            if question is None:
                raise self._words.unknown(method, asked.path)
            body = self._words.body(question.answer(self._board, asked))
        except BadParameter as problem:
            return self._words.error(self._words.flawed(problem))
        except Refusal as refusal:
            return self._words.error(refusal)
        self._counters.snapshots_served += question.is_book
        first = self._first(asked, body) if question.is_book else body
        if fault is None:
            return web.Response(body=body, content_type=JSON)
        return self._spoiled(fault.kind, body, first)

    def _first(self, asked: Asked, body: bytes) -> bytes:
        """What the same question was answered the first time."""
        first = self._books.setdefault(_words(asked), body)
        if len(self._books) > REMEMBERED:
            del self._books[next(iter(self._books))]
        return first

    def _spoiled(self, kind: Kind, body: bytes, first: bytes) -> web.Response:
        told = first if kind is Kind.STALE else worsened(kind, spoiled(kind, body))
        if told != body:
            self._counters.faults[kind.value] += 1
        return web.Response(body=told, content_type=PAGE if kind is Kind.HTML else JSON)


def _words(asked: Asked) -> str:
    return f"{asked.path}?{sorted(asked.query.items())}"


async def _huge(request: web.Request) -> web.StreamResponse:
    """A body that begins like a list and does not end for 100 MB, or until the client hangs up."""
    response = web.StreamResponse(headers={"Content-Type": JSON})
    await response.prepare(request)
    with suppress(ConnectionError):
        await response.write(b"[")
        for _ in range(HUGE_BYTES // len(CHUNK) + 1):
            await response.write(CHUNK)
    return response
