"""How KuCoin behaves on a connection of its classic stream."""

from collections.abc import Callable
from typing import TypeAlias

import msgspec
from aiohttp import WSCloseCode, web

from perps_stats.sim.dialect.manners import Client, Limits, Manners, Parting, Topics
from perps_stats.sim.dialect.venue import Door, wants_upgrade

MOST_SYMBOLS = 100
BAD, UNAUTHORISED, UNKNOWN, UNSUPPORTED = 400, 401, 404, 415
Number: TypeAlias = str | int | None


class Command(msgspec.Struct):
    type: str
    id: Number = None
    topic: str = ""
    response: bool = False


def said(kind: str, number: Number = None, **more: object) -> bytes:
    known = {} if number is None else {"id": str(number)}
    return msgspec.json.encode({**known, "type": kind, **more})


def error(code: int, words: str, number: Number = None) -> bytes:
    return said("error", number, code=code, data=words)


LIMITS = Limits(
    messages=100,
    per_seconds=10.0,
    flooded=Parting(code=WSCloseCode.POLICY_VIOLATION, reason=b"too many messages"),
    patience_seconds=28.0,
    silent=Parting(frame=error(BAD, "ping timeout"), after_seconds=60.0, code=WSCloseCode.OK),
)
"""A ping is due every 18 s, and 10 s late at most; only a ping is a sign of life."""


class KucoinManners(Manners):
    """``exists`` tells whether there is a topic; ``clock`` gives ms."""

    limits = LIMITS

    def __init__(
        self, hub: Topics, exists: Callable[[str], bool], clock: Callable[[], int], name: str
    ) -> None:
        super().__init__(hub)
        self._exists = exists
        self._clock = clock
        self._name = name

    def greet(self, client: Client) -> None:
        client.say(said("welcome", self._name))

    def hear(self, client: Client, text: str) -> None:
        try:
            command = msgspec.json.decode(text, type=Command)
        except msgspec.DecodeError:
            client.say(error(BAD, "invalid message"))
            return
        match command.type:
            case "ping":
                client.heard()
                client.say(said("pong", command.id, timestamp=self._clock() * 1000))
            case "subscribe" | "unsubscribe":
                self._obey(client, command)
            case _:
                client.say(error(UNSUPPORTED, "type is not supported", command.id))

    def _obey(self, client: Client, command: Command) -> None:
        """A symbol that does not exist is acknowledged like any other."""
        topics = topics_of(command.topic)
        if not topics or not all(map(self._exists, topics)):
            client.say(error(UNKNOWN, "topic does not exist", command.id))
            return
        if len(topics) > MOST_SYMBOLS:
            client.say(error(BAD, f"more than {MOST_SYMBOLS} symbols", command.id))
            return
        if command.response:
            client.say(said("ack", command.id))
        step = self.subscribe if command.type == "subscribe" else self.unsubscribe
        for topic in topics:
            step(client, topic)


class Stranger(Manners):
    """Who comes without a token that is good."""

    limits = LIMITS

    def greet(self, client: Client) -> None:
        refused = error(UNAUTHORISED, "token is invalid")
        client.end(Parting(frame=refused, code=WSCloseCode.POLICY_VIOLATION))

    def hear(self, client: Client, text: str) -> None:
        """Nothing is heard any more."""


def topics_of(names: str) -> list[str]:
    """``/a/b:X,Y`` is two topics."""
    kind, colon, symbols = names.partition(":")
    return [f"{kind}:{symbol}" for symbol in symbols.split(",")] if colon else [kind]


def door_to(
    hub: Topics,
    exists: Callable[[str], bool],
    takes: Callable[[str], bool],
    clock: Callable[[], int],
) -> Door:
    def door(request: web.Request) -> Manners | web.Response | None:
        if request.path != "/" or not wants_upgrade(request):
            return None
        if not takes(request.query.get("token", "")):
            return Stranger(hub)
        return KucoinManners(hub, exists, clock, request.query.get("connectId", ""))

    return door
