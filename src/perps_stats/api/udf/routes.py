"""The paths of the UDF protocol: TradingView's charting library is pointed at ``/udf``.

https://www.tradingview.com/charting-library-docs/latest/connecting_data/UDF/. The library reads
``s`` of an answer, not its status; both say the same.
"""

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Literal, TypeAlias

import msgspec
import structlog
from litestar import Response, route
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from perps_stats.api.deadline import in_time
from perps_stats.api.probes import JSON, METHODS
from perps_stats.api.problems import RETRY_SECONDS, Asked
from perps_stats.api.sources import Sources
from perps_stats.api.udf.answers import Udf
from perps_stats.core.errors import BadInput, DatabaseError

PREFIX = "/udf"
ANSWER_SECONDS = 20.0
Answer: TypeAlias = Callable[[bytes], Coroutine[object, object, object]]
numbers = msgspec.json.Encoder(decimal_format="number")
log = structlog.get_logger()


class Failure(Struct, frozen=True, kw_only=True):
    s: Literal["error"] = "error"
    errmsg: str


def udf(sources: Sources) -> list[HTTPRouteHandler]:
    answers = Udf(sources)
    asked: dict[str, Answer] = {
        "config": answers.config,
        "symbols": answers.symbols,
        "search": answers.search,
        "history": answers.history,
        "time": answers.time,
    }
    return [_handler(name, answer) for name, answer in asked.items()]


def _handler(name: str, answer: Answer) -> HTTPRouteHandler:
    @route(f"{PREFIX}/{name}", http_method=METHODS)
    async def ask(request: Asked) -> Response[bytes]:
        try:
            said = await in_time(ANSWER_SECONDS, answer(request.scope["query_string"]))
        except BadInput as error:
            return _failure(HTTPStatus.BAD_REQUEST, str(error))
        except DatabaseError as error:
            log.warning(
                "the database does not answer", path=request.scope["path"], error=str(error)
            )
            return _failure(HTTPStatus.SERVICE_UNAVAILABLE, "the database does not answer")
        media_type = "text/plain" if isinstance(said, int) else JSON
        return Response(numbers.encode(said), media_type=media_type)

    return ask


def _failure(status: HTTPStatus, message: str) -> Response[bytes]:
    wait = {"Retry-After": str(RETRY_SECONDS)}
    return Response(
        msgspec.json.encode(Failure(errmsg=message)),
        status_code=status,
        media_type=JSON,
        headers=wait if status is HTTPStatus.SERVICE_UNAVAILABLE else {},
    )
