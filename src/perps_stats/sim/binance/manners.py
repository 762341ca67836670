"""How Binance behaves on a stream connection."""

from collections.abc import Callable
from typing import TypeAlias

import msgspec
from aiohttp import WSCloseCode, web

from perps_stats.sim.binance.control import (
    MAX_STREAMS,
    Command,
    Malformed,
    acknowledged,
    parse_command,
)
from perps_stats.sim.binance.frames import wrapped
from perps_stats.sim.binance.streams import CARRIED, Address, Route, parse_address, parse_stream
from perps_stats.sim.dialect.manners import Client, Limits, Manners, Parting, Topics
from perps_stats.sim.dialect.venue import Door, wants_upgrade

HubAt: TypeAlias = Callable[[Address], Topics]
"""What a path leads to."""
LIMITS = Limits(
    messages=10,
    per_seconds=1.0,
    flooded=Parting(code=WSCloseCode.POLICY_VIOLATION, reason=b"Too many requests"),
    ping_seconds=180.0,
    patience_seconds=600.0,
)


class BinanceManners(Manners):
    limits = LIMITS

    def __init__(self, hub: Topics, address: Address) -> None:
        super().__init__(hub)
        self._address = address

    def greet(self, client: Client) -> None:
        for stream in self._address.streams:
            self.subscribe(client, stream)

    def hear(self, client: Client, text: str) -> None:
        try:
            client.say(self._obey(client, parse_command(text)))
        except Malformed as error:
            client.say(error.frame)

    def dressed(self, topic: str, frame: bytes) -> bytes:
        return wrapped(topic, frame) if self._address.combined else frame

    def notice(self, time: int) -> bytes:
        """As documented of the spot streams; of the futures' nothing is said."""
        return msgspec.json.encode({"e": "serverShutdown", "E": time})

    def _obey(self, client: Client, command: Command) -> bytes:
        if command.method == "LIST_SUBSCRIPTIONS":
            return acknowledged(command, list(self.topics))
        if command.method == "SUBSCRIBE":
            if len(self.topics.keys() | set(command.params)) > MAX_STREAMS:
                raise Malformed(2, f"Invalid request: more than {MAX_STREAMS} streams")
            for stream in command.params:
                self.subscribe(client, stream)
        else:
            for stream in command.params:
                self.unsubscribe(client, stream)
        return acknowledged(command)


class Routed:
    """A hub behind a path: deaf to the streams that the path does not carry."""

    def __init__(self, hub: Topics, route: Route) -> None:
        self._hub = hub
        self._route = route

    def subscribe(self, client: Client, topic: str) -> None:
        stream = parse_stream(topic)
        if stream is not None and stream.kind in CARRIED[self._route]:
            self._hub.subscribe(client, topic)

    def unsubscribe(self, client: Client, topic: str) -> None:
        self._hub.unsubscribe(client, topic)


def door_to(hub_at: HubAt) -> Door:
    def door(request: web.Request) -> Manners | web.Response | None:
        address = parse_address(request.path, request.query.get("streams", ""))
        if address is None:
            return None
        if not wants_upgrade(request):
            refusal = {"code": -1000, "msg": "Upgrade to WebSocket."}
            return web.json_response(refusal, status=400)
        return BinanceManners(hub_at(address), address)

    return door
