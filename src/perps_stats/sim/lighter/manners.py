"""How Lighter behaves on a stream connection."""

from collections.abc import Callable
from itertools import count

import msgspec
from aiohttp import WSCloseCode, web

from perps_stats.sim.dialect.manners import Client, Limits, Manners, Parting, Topics
from perps_stats.sim.dialect.venue import Door, wants_upgrade

PATH = "/stream"
MOST_CHANNELS = 500
NOT_JSON, NOT_SUBSCRIBED, SUBSCRIBED, NO_CHANNEL, NO_TYPE = 30_000, 30_002, 30_003, 30_005, 30_006
TOO_MANY_CHANNELS, TOO_MANY_MESSAGES = 30_009, 30_010
"""Both are limits; which code is whose is not told."""
PING, PONG = b'{"type":"ping"}', b'{"type":"pong"}'
SESSIONS = count(1)


class Command(msgspec.Struct):
    type: str
    channel: str = ""


def error(code: int, message: str) -> bytes:
    return msgspec.json.encode({"error": {"code": code, "message": message}})


LIMITS = Limits(
    messages=200,
    per_seconds=60.0,
    flooded=Parting(
        frame=error(TOO_MANY_MESSAGES, "Too Many Messages"), code=WSCloseCode.POLICY_VIOLATION
    ),
    ping_seconds=60.0,
    ping_frame=PING,
    patience_seconds=120.0,
)
"""Whatever the client sends is a sign of life."""


class LighterManners(Manners):
    """``exists`` tells whether there is a channel of that name."""

    limits = LIMITS

    def __init__(self, hub: Topics, exists: Callable[[str], bool]) -> None:
        super().__init__(hub)
        self._exists = exists

    def greet(self, client: Client) -> None:
        session = f"00000000-0000-4000-8000-{next(SESSIONS):012x}"
        client.say(msgspec.json.encode({"session_id": session, "type": "connected"}))

    def hear(self, client: Client, text: str) -> None:
        client.heard()
        try:
            command = msgspec.json.decode(text, type=Command)
        except msgspec.DecodeError:
            client.say(error(NOT_JSON, "Invalid JSON"))
            return
        match command.type:
            case "subscribe":
                self._begin(client, command.channel)
            case "unsubscribe":
                self._cease(client, command.channel)
            case "ping":
                client.say(PONG)
            case "pong":
                pass
            case _:
                client.say(error(NO_TYPE, f"Invalid Type: {command.type}"))

    def _begin(self, client: Client, channel: str) -> None:
        """There is no answer but the channel's first frame."""
        if not self._exists(channel):
            client.say(error(NO_CHANNEL, f"Invalid Channel: {channel}"))
        elif channel not in self.topics and len(self.topics) >= MOST_CHANNELS:
            client.say(error(TOO_MANY_CHANNELS, "Too Many Subscriptions"))
        elif not self.subscribe(client, channel):
            client.say(error(SUBSCRIBED, f"Already Subscribed to : {_named(channel)}"))

    def _cease(self, client: Client, channel: str) -> None:
        if self.unsubscribe(client, channel):
            client.say(msgspec.json.encode({"type": "unsubscribed", "channel": _named(channel)}))
        else:
            client.say(error(NOT_SUBSCRIBED, f"Not Subscribed to : {_named(channel)}"))


def _named(channel: str) -> str:
    return channel.replace("/", ":")


def door_to(hub: Topics, exists: Callable[[str], bool]) -> Door:
    def door(request: web.Request) -> Manners | web.Response | None:
        if request.path != PATH:
            return None
        if not wants_upgrade(request):
            return web.Response(text="Bad Request", status=400)
        return LighterManners(hub, exists)

    return door
