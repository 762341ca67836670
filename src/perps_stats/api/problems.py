"""Failures as RFC 9457 problem documents: what, where, what to do; never our insides."""

import traceback
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import TypeAlias
from urllib.parse import quote

import msgspec
import structlog
from litestar import Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from msgspec import Struct, structs

from perps_stats.api.filters import NotAcceptable, UnknownParameter
from perps_stats.core.errors import BadInput, DatabaseError, near_names
from perps_stats.database.failures import TooSlow

MEDIA_TYPE = "application/problem+json"
METHODS = "GET, HEAD, OPTIONS"
RETRY_SECONDS = 2
LONGEST_SHOWN = 200
FOLLOW = (
    'connect to it as a WebSocket and send {"op": "subscribe", "channels": [{"data_set": '
    '"tickers", "exchange": "*", "symbol": "BTC"}]}; docs/websocket.md has all that can be said'
)
Asked: TypeAlias = Request[None, None, State]
Told: TypeAlias = Callable[..., Response[bytes]]
log = structlog.get_logger()


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``field``, ``value`` and ``remedy`` are there where a value of the question was at fault."""

    type: str
    """What kind it is, for programs: ``urn:perps-stats:problem:bad-parameter``."""
    title: str
    """The kind in words."""
    status: int
    detail: str
    """What is wrong, and what to do."""
    instance: str
    """The path that was asked."""
    field: str | None = None
    """Which part of the question."""
    value: str | None = None
    remedy: str | None = None
    """What would be taken instead."""
    error: str = ""
    """The title once more, to clients of before RFC 9457."""
    message: str = ""
    """The detail once more."""

    def __post_init__(self) -> None:
        structs.force_setattr(self, "error", self.title)
        structs.force_setattr(self, "message", self.detail)


def exception_handlers(paths: Sequence[str]) -> dict[int | type[Exception], Told]:
    """``paths`` are those there are, to name the near ones of an unknown one."""

    def not_found(request: Asked, _error: Exception) -> Response[bytes]:
        near = near_names(request.scope["path"], paths)
        hint = f"did you mean {', '.join(near)}?" if near else "see /api/v1/openapi.json"
        return _response(_problem(request, HTTPStatus.NOT_FOUND, f"there is no such path; {hint}"))

    return {
        HTTPStatus.NOT_FOUND: not_found,
        HTTPException: _http,
        BadInput: _bad_input,
        TooSlow: _too_slow,
        DatabaseError: _database_away,
        Exception: _unexpected,
    }


def _bad_input(request: Asked, error: BadInput) -> Response[bytes]:
    status, kind = _fault(error)
    value = str(error.value)
    if len(value) > LONGEST_SHOWN:
        value = f"{value[:LONGEST_SHOWN]}…"
    problem = Problem(
        type=problem_type(kind),
        title=_title(kind),
        status=status,
        detail=str(BadInput(error.field, value, error.remedy)),
        instance=_instance(request),
        field=error.field,
        value=value,
        remedy=error.remedy,
    )
    return _response(problem)


def _database_away(request: Asked, error: DatabaseError) -> Response[bytes]:
    """Our log says why; the answer says when to ask again."""
    log.warning("the database does not answer", path=request.scope["path"], error=str(error))
    detail = "the database does not answer; try again soon"
    problem = _problem(request, HTTPStatus.SERVICE_UNAVAILABLE, detail, kind="database-away")
    return _response(problem, {"Retry-After": str(RETRY_SECONDS)})


def _too_slow(request: Asked, error: DatabaseError) -> Response[bytes]:
    log.warning("a question took too long", path=request.scope["path"], error=str(error))
    detail = "the database would take too long over this; narrow the span or the markets"
    problem = _problem(request, HTTPStatus.SERVICE_UNAVAILABLE, detail, kind="too-slow")
    return _response(problem)


def starting(request: Asked) -> Response[bytes]:
    detail = "the service is starting; try again soon"
    problem = _problem(request, HTTPStatus.SERVICE_UNAVAILABLE, detail, kind="starting")
    return _response(problem, {"Retry-After": str(RETRY_SECONDS)})


def upgrade_required(request: Asked) -> Response[bytes]:
    """To a question for the stream that is no WebSocket's."""
    problem = _problem(request, HTTPStatus.UPGRADE_REQUIRED, "this is a WebSocket, not a page")
    told = structs.replace(problem, remedy=FOLLOW)
    return _response(told, {"Upgrade": "websocket", "Connection": "Upgrade"})


def not_ready(
    request: Asked, kind: str, reasons: Sequence[str], members: Mapping[str, object]
) -> Response[bytes]:
    """Why, as text for people and as further ``members`` for machines."""
    status = HTTPStatus.SERVICE_UNAVAILABLE
    problem = _problem(request, status, "; ".join(reasons), kind=kind)
    told: dict[str, object] = {**msgspec.to_builtins(problem), **members}
    headers = {"Retry-After": str(RETRY_SECONDS)}
    said = msgspec.json.encode(told)
    return Response(said, status_code=status, media_type=MEDIA_TYPE, headers=headers)


def _http(request: Asked, error: HTTPException) -> Response[bytes]:
    status = HTTPStatus(error.status_code)
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        detail = f"{request.scope['method']} is not allowed; use GET"
        return _response(_problem(request, status, detail), {"Allow": METHODS})
    return _response(_problem(request, status, status.description or status.phrase))


def _unexpected(request: Asked, error: Exception) -> Response[bytes]:
    trace = "".join(traceback.format_exception(error))
    log.error("a request failed", path=request.scope["path"], error=repr(error), trace=trace)
    detail = "this is our fault, and it is in our log"
    return _response(_problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, detail))


def _problem(request: Asked, status: HTTPStatus, detail: str, *, kind: str = "") -> Problem:
    name = kind or status.phrase.lower().replace(" ", "-")
    return Problem(
        type=problem_type(name),
        title=_title(name),
        status=status,
        detail=detail,
        instance=_instance(request),
    )


def _response(problem: Problem, headers: Mapping[str, str] | None = None) -> Response[bytes]:
    return Response(
        msgspec.json.encode(problem),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers=headers,
    )


def _fault(error: BadInput) -> tuple[HTTPStatus, str]:
    if isinstance(error, NotAcceptable):
        return HTTPStatus.NOT_ACCEPTABLE, "not-acceptable"
    unknown = isinstance(error, UnknownParameter)
    return HTTPStatus.BAD_REQUEST, "unknown-parameter" if unknown else "bad-parameter"


def _title(kind: str) -> str:
    return kind.replace("-", " ").capitalize()


def problem_type(kind: str) -> str:
    return f"urn:perps-stats:problem:{kind}"


def _instance(request: Asked) -> str:
    return quote(request.scope["path"])
