"""Asking an exchange over HTTP: deadlines, budget, retries; every failure is an ExchangeError."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import aiohttp
import stamina
import structlog

from perps_stats.core.errors import ExchangeError, RateLimited, Unreachable, Unreadable
from perps_stats.exchanges.contract import Answer, Ask, Request, Rest
from perps_stats.feed.budget import Budget

log = structlog.get_logger()
SIMULATED_HEADER = "X-Perps-Stats-Simulated"
BAN = 418
FALLBACK_RETRY_AFTER = 60.0
ERROR_BODY_BYTES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpLimits:
    """``patience`` is how long a request may wait for its turn before the caller is told."""

    connect_seconds: float = 5.0
    total_seconds: float = 20.0
    attempts: int = 4
    patience_seconds: float = 30.0
    max_body_bytes: int = 32 << 20


class _Transient(Exception):
    """Worth another try. ``cause`` is what to tell if it was the last."""

    def __init__(self, cause: ExchangeError) -> None:
        self.cause = cause


class HttpSender:
    """Sends requests to one host within its budget.

    ``simulated`` is learnt from the first answer; ``None`` until then. Raises ``Refused``,
    ``Unreadable``, ``Unreachable`` or ``RateLimited``; only the last two were worth retrying.
    """

    def __init__(
        self, rest: Rest, url: str, session: aiohttp.ClientSession, limits: HttpLimits
    ) -> None:
        self._rest = rest
        self._url = url.rstrip("/")
        self._session = session
        self._limits = limits
        self.budget = Budget(rest.limits)
        self.simulated: bool | None = None

    async def send(self, ask: Ask) -> Answer:
        """The body of one request, or the bodies of several that are sent together."""
        if isinstance(ask, Request):
            return await self._send_one(ask)
        return tuple(await asyncio.gather(*map(self._send_one, ask)))

    async def _send_one(self, request: Request) -> bytes:
        try:
            async for attempt in stamina.retry_context(
                on=_Transient,
                attempts=self._limits.attempts,
                timeout=self._limits.patience_seconds,
                wait_initial=0.2,
                wait_max=5.0,
                wait_jitter=0.5,
            ):
                with attempt:
                    return await self._attempt(request)
        except _Transient as failure:
            raise failure.cause from failure.cause.__cause__
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def _attempt(self, request: Request) -> bytes:
        await self._turn(request)
        try:
            async with self._session.request(
                request.method, self._url + request.path, params=request.query, data=request.body
            ) as response:
                self.simulated = SIMULATED_HEADER in response.headers
                self.budget.learn(request, response.headers, _now())
                return self._judged(request, response, await self._body(response))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            reason = str(error) or type(error).__name__
            cause = Unreachable(f"{self._url}{request.path} does not answer ({reason})")
            cause.__cause__ = error
            raise _Transient(cause) from error

    async def _turn(self, request: Request) -> None:
        while wait := self.budget.wait(request, _now()):
            banned = self.budget.is_banned(_now())
            if wait > self._limits.patience_seconds or banned:
                until = datetime.now(UTC) + timedelta(seconds=wait)
                raise RateLimited(until, banned=banned)
            log.debug("waits for its turn", path=request.path, seconds=round(wait, 2))
            self.budget.waited(wait)
            await asyncio.sleep(wait)
        self.budget.spend(request, _now())

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        chunks: list[bytes] = []
        size = 0
        async for chunk in response.content.iter_any():
            size += len(chunk)
            if size > self._limits.max_body_bytes:
                response.close()
                limit = self._limits.max_body_bytes >> 20
                raise Unreadable(f"the body is larger than {limit} MiB", b"".join(chunks)[:200])
            chunks.append(chunk)
        return b"".join(chunks)

    def _judged(self, request: Request, response: aiohttp.ClientResponse, body: bytes) -> bytes:
        status = response.status
        refused = self._rest.refusal(status, body)
        banned = status == BAN or (status == HTTPStatus.FORBIDDEN and refused is None)
        if banned or status == HTTPStatus.TOO_MANY_REQUESTS or (refused and refused.too_fast):
            self._slow_down(request, response.headers, banned=banned)
        if refused:
            raise refused
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise _Transient(Unreachable(f"{self._url} answers HTTP {status}"))
        if status >= HTTPStatus.BAD_REQUEST:
            raise Unreadable(f"HTTP {status} without an error code", body[:ERROR_BODY_BYTES])
        if body[:1] == b"<":
            raise Unreadable("HTML instead of JSON", body[:ERROR_BODY_BYTES])
        return body

    def _slow_down(self, request: Request, headers: Mapping[str, str], *, banned: bool) -> None:
        seconds = retry_after(headers) or self.budget.reset_seconds(request, headers)
        if seconds is None:
            seconds = FALLBACK_RETRY_AFTER
        given_up = self.budget.silence(seconds, _now(), banned=banned)
        seconds = self.budget.silent_for(_now())
        limited = RateLimited(datetime.now(UTC) + timedelta(seconds=seconds), banned=banned)
        log.warning("told to slow down", url=self._url, seconds=round(seconds, 1), banned=banned)
        if given_up:
            log.error("given up after repeated bans", url=self._url, until=str(limited.until))
        if banned or seconds > self._limits.patience_seconds:
            raise limited
        raise _Transient(limited)


def _now() -> float:
    """Seconds of the loop's own clock: the budget's, too, where it is asked by others."""
    return asyncio.get_running_loop().time()


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that an answer asks us to wait."""
    text = headers.get("Retry-After", "")
    return float(text) if text.isdecimal() else None


@asynccontextmanager
async def http_session(limits: HttpLimits) -> AsyncGenerator[aiohttp.ClientSession, None]:
    """One pool of connections for all exchanges of the process."""
    timeout = aiohttp.ClientTimeout(total=limits.total_seconds, sock_connect=limits.connect_seconds)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        yield session
