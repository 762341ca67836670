"""Whether we live, whether we can answer, how we are, and in what numbers."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus

import msgspec
from litestar import HttpMethod, Response, route
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from perps_stats.api.deadline import in_time
from perps_stats.api.filters import read_filters
from perps_stats.api.problems import Asked, not_ready
from perps_stats.api.readiness import LATE_SECONDS, Process, extension, readiness
from perps_stats.api.sources import Sources
from perps_stats.core.errors import DatabaseError
from perps_stats.core.stored import StoredExchange
from perps_stats.core.times import rfc3339
from perps_stats.core.traits import Repository

PROBE_SECONDS = 3.0
METHODS = (HttpMethod.GET, HttpMethod.HEAD)
JSON = "application/json"
METRICS = "text/plain; version=0.0.4; charset=utf-8"
AWAY = "the database does not answer"


class Health(Struct, frozen=True, kw_only=True):
    """``status`` is ``degraded`` where the database is away; the rest is then not known."""

    status: str
    version: str
    database: str
    simulated: bool | None
    """Whether any stored exchange is simulated."""
    exchanges: list[str] | None
    """Those that are stored."""
    served_at: str


class Live(Struct, frozen=True):
    status: str
    late_seconds: float | None
    """How late the loop's own heartbeat is."""


async def ask_database(repository: Repository) -> list[StoredExchange]:
    """Raises ``DatabaseError`` where a query is not answered in time."""
    return await in_time(PROBE_SECONDS, repository.get_exchanges())


async def health(sources: Sources, version: str) -> Health:
    served_at = rfc3339(sources.now())
    try:
        stored = await ask_database(sources.repository)
    except DatabaseError:
        return Health(
            status="degraded",
            version=version,
            database="away",
            simulated=None,
            exchanges=None,
            served_at=served_at,
        )
    return Health(
        status="ok",
        version=version,
        database="ok",
        simulated=any(exchange.simulated for exchange in stored),
        exchanges=[exchange.name for exchange in stored],
        served_at=served_at,
    )


def probes(
    process: Process, repository: Repository | None, now: Callable[[], datetime]
) -> list[HTTPRouteHandler]:
    """``repository``: ``None`` as long as there is none."""

    def read_nothing(request: Asked) -> None:
        read_filters(request.scope["query_string"], (), now())

    @route("/livez", http_method=METHODS)
    async def live(request: Asked) -> Response[bytes]:
        read_nothing(request)
        late = process.state().late_seconds
        lives = late is None or late < LATE_SECONDS
        status = HTTPStatus.OK if lives else HTTPStatus.SERVICE_UNAVAILABLE
        said = msgspec.json.encode(Live("ok" if lives else "late", late))
        return Response(said, status_code=status, media_type=JSON)

    @route("/readyz", http_method=METHODS)
    async def ready(request: Asked) -> Response[bytes]:
        read_nothing(request)
        found = readiness(process.state(), None if await _answers(repository) else AWAY)
        if found.status != "ready":
            return not_ready(request, found.kind, found.reasons, extension(found))
        return Response(msgspec.json.encode(found), media_type=JSON)

    @route("/metrics", http_method=METHODS)
    async def metrics(request: Asked) -> Response[bytes]:
        read_nothing(request)
        told = process.metrics(database=await _answers(repository))
        return Response(told, media_type=METRICS)

    return [live, ready, metrics]


async def _answers(repository: Repository | None) -> bool:
    if repository is None:
        return False
    try:
        await ask_database(repository)
    except DatabaseError:
        return False
    return True
