"""The clients: one for those who await, one for those who do not."""

from types import TracebackType
from typing import Self, TypeVar

from perps_stats.client.answers import Answer, AsyncAnswer, Question
from perps_stats.client.asking import Asked
from perps_stats.client.blocking import Background
from perps_stats.client.http import Http
from perps_stats.client.resources import MOST_ROWS, Resources
from perps_stats.client.streams import Streams

T = TypeVar("T")
HERE = "http://127.0.0.1:8080"


class AsyncClient(Resources, Streams):
    """Asks a running perps-stats: ``async for trade in client.trades(symbol="BTC")``.

    ``url`` without ``/api/v1``; ``key``: ``ps_…``, where it wants one. A question has
    ``timeout_seconds`` to be answered, and is asked again for ``patience_seconds`` while nobody
    answers, or while it says 429 or 503, when it says so.
    """

    def __init__(
        self,
        url: str = HERE,
        *,
        key: str | None = None,
        timeout_seconds: float = 60.0,
        patience_seconds: float = 30.0,
    ) -> None:
        self.http = Http(url, key, timeout_seconds, patience_seconds)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self.http.close()

    def put(self, path: str, row: type[T], asked: Asked, most: int = MOST_ROWS) -> AsyncAnswer[T]:
        """A path under ``/api/v1`` whose records are ``row``: what every method is made of."""
        return AsyncAnswer(Question(self.http, path, row, asked, most))


class Client(Resources):
    """The same without ``await``: ``for trade in client.trades(symbol="BTC")``."""

    def __init__(
        self,
        url: str = HERE,
        *,
        key: str | None = None,
        timeout_seconds: float = 60.0,
        patience_seconds: float = 30.0,
    ) -> None:
        self._client = AsyncClient(
            url, key=key, timeout_seconds=timeout_seconds, patience_seconds=patience_seconds
        )
        self._run = Background(self._client.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Done by itself when neither it nor an answer is used any more."""
        self._run.end()

    def put(self, path: str, row: type[T], asked: Asked, most: int = MOST_ROWS) -> Answer[T]:
        """See ``AsyncClient.put``."""
        return Answer(self._client.put(path, row, asked, most), self._run)
