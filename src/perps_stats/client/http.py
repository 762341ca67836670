"""Asking the service over HTTP: what is worth another try is tried again, as late as it says."""

from collections.abc import Mapping
from http import HTTPStatus

import aiohttp
import msgspec

from perps_stats.client.asking import Asked
from perps_stats.client.errors import NotReached, Problem, TooMany, Unavailable, refusal
from perps_stats.client.patience import Patience
from perps_stats.core.errors import BadInput

PREFIX = "/api/v1"
EXCERPT = 200


class Http:
    """One pool of connections, made with the first question and inside its loop."""

    def __init__(
        self, url: str, key: str | None, timeout_seconds: float, patience_seconds: float
    ) -> None:
        if not url.startswith(("http://", "https://")):
            raise BadInput("url", url, "begin it with http:// or https://")
        self.url = url.rstrip("/")
        self._headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds)
        self._patience = patience_seconds
        self._session: aiohttp.ClientSession | None = None

    def session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout, headers=self._headers)
        return self._session

    async def close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def patience(self) -> Patience:
        return Patience(self._patience)

    async def get(self, path: str, asked: Asked) -> bytes:
        """The body of an answer. Raises ``Refused`` and ``NotReached``."""
        patience = self.patience()
        while True:
            try:
                return await self._attempt(path, asked)
            except (TooMany, Unavailable, NotReached) as error:
                await patience.bear(error)

    async def _attempt(self, path: str, asked: Asked) -> bytes:
        url = f"{self.url}{PREFIX}/{path}"
        try:
            async with self.session().get(url, params=asked, allow_redirects=False) as response:
                body = await response.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            reason = str(error) or type(error).__name__
            raise NotReached(f"{url} does not answer ({reason})") from error
        if response.status == HTTPStatus.OK:
            return body
        raise refusal(_problem(response, body), retry_after(response.headers))


def _problem(response: aiohttp.ClientResponse, body: bytes) -> Problem:
    """What stands between us and the service, a proxy, may answer in words of its own."""
    try:
        return msgspec.json.decode(body, type=Problem)
    except msgspec.MsgspecError:
        said = body[:EXCERPT].decode("utf-8", "replace")
        return Problem(status=response.status, title=response.reason or "", detail=said)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that an answer asks to wait."""
    text = headers.get("Retry-After", "")
    return float(text) if text.isdecimal() else None
