"""Why somebody is not let in, as a problem document that stands before all routes."""

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import TypeAlias
from urllib.parse import quote

import msgspec
from msgspec import Struct

from perps_stats.api.problems import MEDIA_TYPE, RETRY_SECONDS, Problem, problem_type

Headers: TypeAlias = Sequence[tuple[bytes, bytes]]
Received: TypeAlias = Iterable[tuple[bytes, bytes]]
"""As ASGI has them: names in lower case."""
REALM = 'Bearer realm="perps-stats"'
SOON: Headers = ((b"retry-after", str(RETRY_SECONDS).encode()),)


class Refusal(Struct, frozen=True):
    """``kind`` is the last part of the problem's type; ``headers`` belong to the answer."""

    status: HTTPStatus
    kind: str
    detail: str
    headers: Headers = ()


def no_key() -> Refusal:
    detail = "a key is needed: Authorization: Bearer ps_… or X-API-Key: ps_…"
    challenge = ((b"www-authenticate", REALM.encode()),)
    return Refusal(HTTPStatus.UNAUTHORIZED, "key-needed", detail, challenge)


def bad_key(why: str) -> Refusal:
    challenge = f'{REALM}, error="invalid_token", error_description="{why}"'
    headers = ((b"www-authenticate", challenge.encode()),)
    return Refusal(HTTPStatus.UNAUTHORIZED, "bad-key", why, headers)


def lacks(scope: str) -> Refusal:
    detail = f"this key lacks the scope {scope}"
    challenge = f'{REALM}, error="insufficient_scope", scope="{scope}"'
    headers = ((b"www-authenticate", challenge.encode()),)
    return Refusal(HTTPStatus.FORBIDDEN, "scope-missing", detail, headers)


def keys_unknown() -> Refusal:
    detail = "the database does not answer, and which keys are valid is no longer known"
    return Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "database-away", detail, SOON)


def starting() -> Refusal:
    """Which keys there are is not known yet."""
    detail = "the service is starting; try again soon"
    return Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "starting", detail, SOON)


def over_quota(seconds: int, told: Headers) -> Refusal:
    detail = f"more requests than the quota allows; again in {seconds} s"
    headers = ((b"retry-after", str(seconds).encode()), *told)
    return Refusal(HTTPStatus.TOO_MANY_REQUESTS, "quota-exceeded", detail, headers)


def foreign_origin(origin: bytes) -> Refusal:
    shown = origin[:100].decode("ascii", "replace")
    detail = f"pages of {shown} may not connect; name it in the setting api.cors_origins"
    return Refusal(HTTPStatus.FORBIDDEN, "foreign-origin", detail)


def bad_request(detail: str) -> Refusal:
    """After which nothing more is read: where the request ends may be in doubt."""
    return Refusal(HTTPStatus.BAD_REQUEST, "bad-request", detail, ((b"connection", b"close"),))


def too_large(most: int) -> Refusal:
    detail = f"the answer is larger than {most} bytes; use a smaller limit, or ask for less"
    return Refusal(HTTPStatus.BAD_REQUEST, "answer-too-large", detail)


def document(refusal: Refusal, path: str) -> bytes:
    problem = Problem(
        type=problem_type(refusal.kind),
        title=refusal.kind.replace("-", " ").capitalize(),
        status=refusal.status,
        detail=refusal.detail,
        instance=quote(path),
    )
    return msgspec.json.encode(problem)


def response_headers(refusal: Refusal, body: bytes) -> list[tuple[bytes, bytes]]:
    return [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        *refusal.headers,
    ]
