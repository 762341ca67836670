"""What can go wrong when the service is asked, and what it said itself.

* ClientError               the tree
  x NotReached                nobody answered in time, or the connection broke
  x NotUnderstood             it answered something that is none of its answers
  x NotInstalled              a library that the wanted form needs is missing
  x Refused                   it said no: ``problem`` is its RFC 9457 document
    x BadQuestion        400    a value of the question is at fault
    x NotAllowed         401, 403   the key
    x NotFound           404
    x TooMany            429    even after waiting as long as it asked
    x Unavailable        503    it is starting, or its database is away
"""

from http import HTTPStatus

from msgspec import Struct

from perps_stats.core.errors import PerpsError


class Problem(Struct, frozen=True, kw_only=True):
    """RFC 9457. ``field``, ``value`` and ``remedy`` are there where a value was at fault."""

    type: str = "about:blank"
    title: str = ""
    status: int
    detail: str = ""
    instance: str = ""
    field: str | None = None
    value: str | None = None
    remedy: str | None = None


class ClientError(PerpsError):
    pass


class NotReached(ClientError):
    pass


class NotUnderstood(ClientError):
    pass


class NotInstalled(ClientError):
    def __init__(self, library: str, extra: str) -> None:
        super().__init__(f"this needs {library}: pip install 'perps-stats[{extra}]'")


class Refused(ClientError):
    """``retry_after``: the seconds that it asks to wait."""

    def __init__(self, problem: Problem, retry_after: float | None = None) -> None:
        super().__init__(f"{problem.status} {problem.title}: {problem.detail}")
        self.problem = problem
        self.retry_after = retry_after


class BadQuestion(Refused):
    pass


class NotAllowed(Refused):
    pass


class NotFound(Refused):
    pass


class TooMany(Refused):
    pass


class Unavailable(Refused):
    pass


KINDS: dict[int, type[Refused]] = {
    HTTPStatus.BAD_REQUEST: BadQuestion,
    HTTPStatus.UNAUTHORIZED: NotAllowed,
    HTTPStatus.FORBIDDEN: NotAllowed,
    HTTPStatus.NOT_FOUND: NotFound,
    HTTPStatus.TOO_MANY_REQUESTS: TooMany,
    HTTPStatus.SERVICE_UNAVAILABLE: Unavailable,
}


def refusal(problem: Problem, retry_after: float | None) -> Refused:
    return KINDS.get(problem.status, Refused)(problem, retry_after)
