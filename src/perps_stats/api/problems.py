"""Failures as RFC 9457 problem documents: what, where, what to do; never our insides."""

from http import HTTPStatus
from typing import TypeAlias
from urllib.parse import quote

import msgspec
import structlog
from litestar import MediaType, Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from msgspec import Struct

from perps_stats.api.parameters import UnknownParameter
from perps_stats.core.errors import BadInput, DatabaseError, near_names

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 2
LONGEST_SHOWN = 200
Asked: TypeAlias = Request[None, None, State]
log = structlog.get_logger()


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``field``, ``value`` and ``remedy`` where a value of the question was at fault."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    field: str | None = None
    value: str | None = None
    remedy: str | None = None


def bad_input(request: Asked, error: BadInput) -> Response[bytes]:
    unknown = isinstance(error, UnknownParameter)
    value = str(error.value)
    if len(value) > LONGEST_SHOWN:
        value = f"{value[:LONGEST_SHOWN]}…"
    named = type(error)(error.field, value, error.remedy) if not unknown else error
    return _response(
        request,
        Problem(
            type=_type("unknown-parameter" if unknown else "bad-parameter"),
            title="Unknown parameter" if unknown else "Bad parameter",
            status=HTTPStatus.BAD_REQUEST,
            detail=str(named),
            instance=_instance(request),
            field=error.field,
            value=value,
            remedy=error.remedy,
        ),
    )
