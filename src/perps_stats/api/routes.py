"""The application: a route for each resource, the probes, the OpenAPI text."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache
from importlib.metadata import version

import msgspec
from litestar import Litestar, Response, route
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp

from perps_stats.api.answers import Answers
from perps_stats.api.constant import Constant, constant
from perps_stats.api.deadline import in_time
from perps_stats.api.fast import FRESH, Front
from perps_stats.api.filters import read_filters
from perps_stats.api.formats import form_of, reply
from perps_stats.api.formats.packing import PACKINGS
from perps_stats.api.live import PATH
from perps_stats.api.openapi import PREFIX, openapi_document
from perps_stats.api.page import page_routes
from perps_stats.api.probes import JSON, METHODS, health, probes
from perps_stats.api.problems import Asked, exception_handlers, starting, upgrade_required
from perps_stats.api.readiness import Process
from perps_stats.api.resources import RESOURCES, Resource
from perps_stats.api.sources import NO_FEES, Sources
from perps_stats.api.udf import udf
from perps_stats.core.live import LiveSource
from perps_stats.core.traits import Repository
from perps_stats.exchanges.contract import Exchange

PACKAGE = "perps-stats"
OPENAPI = "application/vnd.oai.openapi+json"
ANSWER_SECONDS = 20.0


def create_app(
    repository: Repository,
    *,
    exchanges: Mapping[str, Exchange],
    now: Callable[[], datetime],
    process: Process,
    live: LiveSource | None = None,
    taker_fees: Mapping[str, Decimal] = NO_FEES,
) -> ASGIApp:
    """Reads ``repository`` only, and what is known without it from ``live``. ``exchanges`` are
    those that the program can read, ``taker_fees`` those that the settings say, by name.
    """
    sources = Sources(repository, exchanges, now, live=live, taker_fees=taker_fees)
    answers = Answers(sources, live)
    resources = [_resource(answers, each, now) for each in RESOURCES]
    routes = [*resources, *probes(process, repository, now), _health(sources), _openapi(now)]
    return Front(_app([*routes, _stream, *udf(sources), *page_routes()]), live)


def create_probes(
    process: Process, repository: Repository, *, now: Callable[[], datetime]
) -> Litestar:
    """The probes and the metrics alone."""
    return _app(probes(process, repository, now))


def create_porch(process: Process, *, now: Callable[[], datetime]) -> Litestar:
    """Before there is a database: the probes, and to every other question that we are starting."""

    @route("/{path:path}", http_method=METHODS)
    async def wait(request: Asked) -> Response[bytes]:
        return starting(request)

    return _app([*probes(process, None, now), *page_routes(), wait])


def _app(handlers: Sequence[HTTPRouteHandler]) -> Litestar:
    return Litestar(
        handlers,
        openapi_config=None,
        logging_config=None,
        exception_handlers=exception_handlers(sorted(path for h in handlers for path in h.paths)),
    )


def _resource(
    answers: Answers, resource: Resource, now: Callable[[], datetime]
) -> HTTPRouteHandler:
    @route(f"{PREFIX}/{resource.path}", http_method=METHODS, name=resource.path)
    async def ask(request: Asked) -> Response[bytes]:
        query = request.scope["query_string"]
        filters = read_filters(query, resource.parameters, now())
        form = form_of(request, filters.format)
        answer, fresh = await in_time(ANSWER_SECONDS, answers.answer(resource, filters))
        request.scope["state"][FRESH] = fresh
        return await reply(request, answer, form)

    return ask


def _health(sources: Sources) -> HTTPRouteHandler:
    release = version(PACKAGE)

    @route(f"{PREFIX}/health", http_method=METHODS)
    async def how(request: Asked) -> Response[bytes]:
        read_filters(request.scope["query_string"], (), sources.now())
        return Response(msgspec.json.encode(await health(sources, release)), media_type=JSON)

    return how


def _openapi(now: Callable[[], datetime]) -> HTTPRouteHandler:
    document = _document()

    @route(f"{PREFIX}/openapi.json", http_method=METHODS)
    async def describe(request: Asked) -> Response[bytes]:
        read_filters(request.scope["query_string"], (), now())
        return document.answer(request)

    return describe


@cache
def _document() -> Constant:
    text = msgspec.json.encode(openapi_document(RESOURCES, version(PACKAGE)))
    return constant(OPENAPI, text, {coding: pack(text) for coding, pack in PACKINGS.items()})


@route(PATH, http_method=METHODS)
async def _stream(request: Asked) -> Response[bytes]:
    """Of what is no WebSocket: those never come here."""
    return upgrade_required(request)
