"""How Paradex behaves on a stream connection: JSON-RPC 2.0, one channel a request."""

from collections.abc import Callable

import msgspec
from aiohttp import WSCloseCode, web

from perps_stats.sim.dialect.manners import Client, Limits, Manners, Parting, Topics
from perps_stats.sim.dialect.venue import Door, wants_upgrade
from perps_stats.sim.dialect.weights import OK, Limit, Weights

PATH = "/v1"
PARSE_ERROR, INVALID_REQUEST, NO_METHOD, INVALID_PARAMS = -32700, -32600, -32601, -32602
METHODS = ("subscribe", "unsubscribe")
LIMITS = Limits(
    messages=1000,
    per_seconds=1.0,
    flooded=Parting(code=WSCloseCode.POLICY_VIOLATION, reason=b"too many messages"),
    ping_seconds=55.0,
    patience_seconds=60.0,
)
"""A pong is due 5 seconds after the ping. Of messages no limit is documented."""
CONNECTIONS = (Limit("second", 20, 1000), Limit("connections", 600, 60_000))


class Request(msgspec.Struct, frozen=True):
    method: str
    jsonrpc: str = ""
    params: msgspec.Raw = msgspec.Raw(b"{}")
    id: int | None = None


class Params(msgspec.Struct, frozen=True):
    channel: str


class Trouble(Exception):  # it is an answer
    def __init__(self, code: int, message: str, why: str = "", number: int | None = None) -> None:
        super().__init__(message)
        self.error = {"code": code, "message": message, **({"data": why} if why else {})}
        self.number = number


class ParadexManners(Manners):
    limits = LIMITS

    def __init__(
        self, hub: Topics, is_channel: Callable[[str], bool], clock: Callable[[], int]
    ) -> None:
        super().__init__(hub)
        self._is_channel = is_channel
        self._clock = clock

    def hear(self, client: Client, text: str) -> None:
        try:
            request = parsed(text)
            channel = self._checked(request)
        except Trouble as trouble:
            client.say(self._answer(trouble.number, {"error": trouble.error}))
            return
        if request.method == "unsubscribe":
            self.unsubscribe(client, channel)
        client.say(self._answer(request.id, {"result": {"channel": channel}}))
        if request.method == "subscribe":
            self.subscribe(client, channel)

    def _checked(self, request: Request) -> str:
        """The channel of a request that can be fulfilled."""
        message = f"invalid {request.method} request"
        try:
            channel = msgspec.json.decode(request.params, type=Params).channel
        except msgspec.ValidationError as error:
            raise Trouble(INVALID_PARAMS, "invalid params", str(error), request.id) from error
        if not self._is_channel(channel):
            raise Trouble(INVALID_REQUEST, message, "invalid channel", request.id)
        known = channel in self.topics
        if known and request.method == "subscribe":
            raise Trouble(INVALID_REQUEST, message, "already subscribed", request.id)
        if not known and request.method == "unsubscribe":
            raise Trouble(INVALID_REQUEST, message, "not subscribed", request.id)
        return channel

    def _answer(self, number: int | None, said: dict[str, object]) -> bytes:
        """With the times of its arrival and its answer, in microseconds."""
        now = self._clock() * 1000
        times = {"usIn": now, "usDiff": 0, "usOut": now}
        return msgspec.json.encode({"jsonrpc": "2.0", **said, **times, "id": number})


def parsed(text: str) -> Request:
    """Raises ``Trouble``."""
    try:
        request = msgspec.json.decode(text, type=Request)
    except msgspec.ValidationError as error:
        raise Trouble(INVALID_REQUEST, "invalid request", str(error)) from error
    except msgspec.DecodeError as error:
        raise Trouble(PARSE_ERROR, "parse error", str(error)) from error
    if request.jsonrpc != "2.0":
        raise Trouble(INVALID_REQUEST, "invalid request", "jsonrpc must be 2.0", request.id)
    if request.method not in METHODS:
        raise Trouble(NO_METHOD, "method not found", request.method, request.id)
    return request


def door_to(manners: Callable[[], Manners], clock: Callable[[], int]) -> Door:
    """An address may open 20 connections a second, and 600 a minute."""
    connections = Weights(clock, CONNECTIONS)

    def door(request: web.Request) -> Manners | web.Response | None:
        if request.path != PATH:
            return None
        if not wants_upgrade(request):
            return web.Response(status=400, text="Bad Request")
        costs = {limit.name: 1 for limit in CONNECTIONS}
        if connections.charge(request.remote or "", costs).status != OK:
            return web.Response(status=429, text="Too Many Requests")
        return manners()

    return door
