"""The connection of a stream, made again whenever it breaks."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from http import HTTPStatus

import aiohttp
import msgspec

from perps_stats.client.errors import (
    BadQuestion,
    NotReached,
    NotUnderstood,
    Problem,
    Refused,
    TooMany,
    Unavailable,
    refusal,
)
from perps_stats.client.http import PREFIX, Http, retry_after
from perps_stats.client.messages import Message, Wrong, decoder
from perps_stats.client.patience import LONGEST_WAIT, Patience

SILENT_SECONDS = 30.0
"""The service beats every ten."""
CLOSE_SECONDS = 2.0


class Line:
    def __init__(self, http: Http) -> None:
        self._http = http
        self._path = f"{http.url}{PREFIX}/stream"

    async def messages(self, requests: Callable[[], Iterable[bytes]]) -> AsyncGenerator[Message]:
        """``requests`` are sent whenever there is a connection. Raises ``ClientError``: at once for
        what is wrong from the start, else when patience ends.
        """
        patience = self._http.patience()
        is_first = True
        while True:
            try:
                async for message in self._connected(requests, patience):
                    is_first = False
                    yield message
            except (TooMany, Unavailable, NotReached) as error:
                await patience.bear(error)
            except BadQuestion as error:  # a market that nobody listens to yet, after a restart
                if is_first:
                    raise
                await patience.bear(error)

    async def _connected(
        self, requests: Callable[[], Iterable[bytes]], patience: Patience
    ) -> AsyncGenerator[Message]:
        """Until it breaks, which is an error."""
        clock = asyncio.get_running_loop().time
        timeout = aiohttp.ClientWSTimeout(ws_receive=SILENT_SECONDS, ws_close=CLOSE_SECONDS)  # pyright: ignore[reportCallIssue]  it is of attrs
        try:
            async with self._http.session().ws_connect(self._path, timeout=timeout) as socket:
                connected_at = clock()
                for request in requests():
                    await socket.send_str(request.decode())
                async for frame in socket:
                    if clock() - connected_at > LONGEST_WAIT:
                        patience.renew()
                    yield _read(frame.data)
        except aiohttp.WSServerHandshakeError as error:
            raise _not_let_in(error) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            reason = str(error) or type(error).__name__
            raise NotReached(f"{self._path} does not answer ({reason})") from error
        # Whatever the reason: who is wanted no more is not let in again, and told so.
        raise NotReached(f"{self._path} was closed ({socket.close_code})")


def _read(text: object) -> Message:
    """Raises ``BadQuestion`` for one that says that the request was wrong."""
    if not isinstance(text, str):
        raise NotUnderstood("the stream sends something that is no text")
    try:
        message = decoder.decode(text)
    except msgspec.MsgspecError as error:
        raise NotUnderstood(f"the stream: {error}") from error
    if isinstance(message, Wrong):
        detail = f"{message.field}: {message.value!r} is not accepted; {message.remedy}"
        raise BadQuestion(
            Problem(
                title="Bad parameter",
                status=HTTPStatus.BAD_REQUEST,
                detail=detail,
                field=message.field,
                value=message.value,
                remedy=message.remedy,
            )
        )
    return message


def _not_let_in(error: aiohttp.WSServerHandshakeError) -> Refused:
    problem = Problem(status=error.status, title=error.message, detail="no stream is opened")
    return refusal(problem, retry_after(error.headers or {}))
