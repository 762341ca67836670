"""Answers: rows that come page by page as they are wanted, and what is said of them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import msgspec
from msgspec import Struct

from perps_stats.client.asking import Asked
from perps_stats.client.errors import NotUnderstood
from perps_stats.client.http import Http

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

T = TypeVar("T")
R = TypeVar("R")


class Meta(Struct, frozen=True, kw_only=True):
    """What an answer says of itself. ``as_of``: the newest source time in it."""

    as_of: datetime | None
    served_at: datetime
    units: Mapping[str, str]
    """By field; of a book's levels by ``bids.price`` and the like."""
    simulated: bool
    """Whether any exchange that it draws from is simulated."""
    next: str | None
    """Where the next page begins; ``None``: there is no more."""


class Page(Struct, Generic[T], frozen=True):
    rows: list[T]
    meta: Meta

    def __len__(self) -> int:
        return len(self.rows)


class Paged(Protocol):
    @property
    def meta(self) -> Meta: ...
    def __len__(self) -> int: ...


PagedT = TypeVar("PagedT", bound=Paged)


class Envelope(Struct, frozen=True):
    data: list[msgspec.Raw]
    meta: Meta


class Question(Generic[T]):
    """A path, its parameters, what its rows are, and how many a page has at most."""

    def __init__(self, http: Http, path: str, row: type[T], asked: Asked, most: int) -> None:
        self._http = http
        self._path = path
        self._decoder = msgspec.json.Decoder(row)
        self._asked = tuple(each for each in asked if each[0] != "limit")
        self._most = most
        self._limit = next((int(text) for name, text in asked if name == "limit"), None)

    async def walk(
        self, ask: Callable[[str | None, int], Awaitable[PagedT]]
    ) -> AsyncIterator[PagedT]:
        """Page by page: ``ask`` is told where each begins and its most rows."""
        left, cursor = self._limit, None
        while True:
            page = await ask(cursor, self._most if left is None else min(left, self._most))
            yield page
            left = None if left is None else left - len(page)
            cursor = page.meta.next
            if cursor is None or left == 0:
                return

    async def rows(self, cursor: str | None, most: int) -> Page[T]:
        body = await self.body(cursor, most)
        try:
            envelope = msgspec.json.decode(body, type=Envelope)
            return Page([self._decoder.decode(row) for row in envelope.data], envelope.meta)
        except msgspec.MsgspecError as error:
            raise NotUnderstood(f"{self._path}: {error}") from error

    async def body(self, cursor: str | None, most: int, form: str | None = None) -> bytes:
        said = (("limit", str(most)), ("cursor", cursor), ("format", form))
        more = tuple((name, text) for name, text in said if text is not None)
        return await self._http.get(self._path, (*self._asked, *more))


class AsyncAnswer(Generic[T]):
    """Iterate for the rows: no more than a page is in memory at a time. The first page is asked for
    once and kept, so that ``meta`` is of the rows that one sees. Every method raises
    ``ClientError``.
    """

    def __init__(self, question: Question[T]) -> None:
        self._question = question
        self._first: Page[T] | None = None

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.pages():
            for row in page.rows:
                yield row

    def pages(self) -> AsyncIterator[Page[T]]:
        """The same, with what each page says of itself."""
        return self._question.walk(self._page)

    async def all(self) -> list[T]:
        return [row async for row in self]

    async def meta(self) -> Meta:
        """Of the first page."""
        return (await anext(self.pages())).meta

    async def to_arrow(self) -> "pa.Table":
        """Asked for in Arrow's own form. Decimals are decimal128, exact; see ``frames``."""
        from perps_stats.client import frames  # noqa: PLC0415  needs pyarrow, an extra

        return await frames.to_arrow(self._question)

    async def to_polars(self) -> "pl.DataFrame":
        from perps_stats.client import frames  # noqa: PLC0415

        return frames.to_polars(await frames.to_arrow(self._question))

    async def to_pandas(self) -> "pd.DataFrame":
        """Columns of pandas' ``ArrowDtype``: its own types would round decimals."""
        from perps_stats.client import frames  # noqa: PLC0415

        return frames.to_pandas(await frames.to_arrow(self._question))

    async def _page(self, cursor: str | None, most: int) -> Page[T]:
        if cursor is not None:
            return await self._question.rows(cursor, most)
        if self._first is None:
            self._first = await self._question.rows(None, most)
        return self._first


class Run(Protocol):
    """Waits for a coroutine that runs elsewhere."""

    def __call__(self, coroutine: Coroutine[object, object, R]) -> R: ...


class Answer(Generic[T]):
    """The same as ``AsyncAnswer``, without ``await``."""

    def __init__(self, answer: AsyncAnswer[T], run: Run) -> None:
        self._answer = answer
        self._run = run

    def __iter__(self) -> Iterator[T]:
        for page in self.pages():
            yield from page.rows

    def pages(self) -> Iterator[Page[T]]:
        pages = self._answer.pages()
        while (page := self._run(_next(pages))) is not None:
            yield page

    def all(self) -> list[T]:
        return self._run(self._answer.all())

    @property
    def meta(self) -> Meta:
        """Of the first page, which is asked for if need be."""
        return self._run(self._answer.meta())

    def to_arrow(self) -> "pa.Table":
        return self._run(self._answer.to_arrow())

    def to_polars(self) -> "pl.DataFrame":
        return self._run(self._answer.to_polars())

    def to_pandas(self) -> "pd.DataFrame":
        return self._run(self._answer.to_pandas())


async def _next(pages: AsyncIterator[Page[T]]) -> Page[T] | None:
    return await anext(pages, None)
