"""All clients and topics: what is new is encoded and framed once, and written to each client once.

It neither waits nor reads: ``tick`` is called by whoever has the clock, ``hear`` by connections.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from perps_stats.api.guard import Admission, Caller
from perps_stats.api.live import messages
from perps_stats.api.live.clients import (
    RESUMED,
    Client,
    Code,
    Due,
    Limits,
    Line,
    Piece,
)
from perps_stats.api.live.requests import (
    Channel,
    Id,
    Key,
    Market,
    Ping,
    Subscribe,
    Unsubscribe,
    expand,
    id_of,
    matches,
    read_request,
)
from perps_stats.api.live.topics import REMEMBERED_SECONDS, Topic
from perps_stats.core.errors import BadInput
from perps_stats.core.live import LiveSource
from perps_stats.core.times import rfc3339, to_us

STATES_SECONDS = 0.02
"""Of each tick: what else the process does is not held up by many books. The others come next."""
LOOK_SECONDS = 1.0
HEARTBEAT_SECONDS = 10.0


class Hub:
    """``seconds`` is a clock that only grows. ``counts``: clients ``accepted``; ``messages`` due to
    one, all of a topic and a tick as one, and those ``conflated``; ``bytes``; ``gaps`` in what we
    said; ``closed`` by code.
    """

    def __init__(
        self,
        source: LiveSource,
        admission: Admission,
        limits: Limits,
        *,
        now: Callable[[], datetime],
        seconds: Callable[[], float],
    ) -> None:
        self.admission = admission
        self.limits = limits
        self.seconds = seconds
        self.clients: dict[Client, None] = {}
        self.topics: dict[Key, Topic] = {}
        self.counts: Counter[str] = Counter()
        self.closed: Counter[int] = Counter()
        self._source = source
        self._now = now
        self._listeners: dict[Topic, dict[Client, None]] = {}
        self._events: dict[Topic, None] = {}
        self._states: deque[Topic] = deque()
        self._markets: list[Market] = []
        self._looked_at = self._beat_at = seconds()

    def join(self, caller: Caller, line: Line) -> Client:
        client = Client(
            caller, line, self.limits, now=self.seconds(), counts=self.counts, say=self._say
        )
        self.clients[client] = None
        self.counts["accepted"] += 1
        return client

    def leave(self, client: Client, code: int) -> None:
        self.closed[code] += 1
        del self.clients[client]
        for topic in tuple(client.topics):
            self._part(client, topic)

    def hear(self, client: Client, text: bytes) -> None:
        """A message of a client. What it asks for is done, or refused as a whole."""
        try:
            request = read_request(text)
            match request:
                case Subscribe():
                    self._subscribe(client, request)
                case Unsubscribe():
                    self._unsubscribe(client, request)
                case Ping():
                    client.line.write(messages.pong(request.id, rfc3339(self._now())))
        except BadInput as error:
            client.line.write(messages.refused(id_of(text), error))

    def fill(self, client: Client) -> None:
        """It takes no more for now."""
        client.is_full, client.full_since = True, self.seconds()

    def drain(self, client: Client) -> None:
        """It takes more again."""
        client.is_full = False
        client.flush(self.seconds())

    def tick(self) -> None:
        """Say what is new."""
        now = self.seconds()
        for topic in self._events:
            self._say(topic)
        self._say_states(now)
        if now - self._looked_at >= LOOK_SECONDS:
            self._looked_at = now
            self._look(now)
        for client in tuple(self.clients):
            if client.out:
                client.flush(now)

    def _say_states(self, now: float) -> None:
        for _ in range(len(self._states)):
            topic = self._states[0]
            self._states.rotate(-1)
            if self._listeners[topic]:
                self._say(topic)
            if self.seconds() - now > STATES_SECONDS:
                return

    def _say(self, topic: Topic) -> None:
        after = topic.seq
        if frames := topic.take():
            piece, listeners = Piece(topic, after, frames), self._listeners[topic]
            self.counts["messages"] += len(listeners)
            for client in listeners:
                client.out.append(piece)

    def _subscribe(self, client: Client, request: Subscribe) -> None:
        markets = self._source.markets()
        wanted: dict[Key, Channel] = {}
        for place, channel in enumerate(request.channels):
            wanted |= dict.fromkeys(expand(channel, place, markets), channel)
        self._require_room(client, wanted)
        self._enlist(client, request.id, wanted)
        for channel in request.channels:
            if channel.is_open and channel not in client.patterns:
                client.patterns.append(channel)

    def _enlist(self, client: Client, request: Id, wanted: Mapping[Key, Channel]) -> None:
        """What was new until now is said first: what is subscribed to begins after it."""
        topics = {self._topic(key): channel for key, channel in wanted.items()}
        for topic in topics:
            self._say(topic)
        now = self.seconds()
        client.flush(now)
        listed = [(topic.key, topic.seq) for topic in topics]
        client.line.write(messages.confirmed("subscribed", request, listed))
        for topic, channel in topics.items():
            self._listeners[topic][client] = client.topics[topic] = None
            client.owe(topic, Due(channel.after, RESUMED))
        client.catch_up(now)

    def _require_room(self, client: Client, wanted: Iterable[Key]) -> None:
        count = len({*wanted, *(topic.key for topic in client.topics)})
        if count > self.limits.topics:
            most = f"a connection has at most {self.limits.topics} topics; open another"
            raise BadInput("channels", f"{count} topics", most)

    def _topic(self, key: Key) -> Topic:
        topic = self.topics.get(key)
        if topic is None:
            began = to_us(self._now())
            topic = self.topics[key] = Topic(key, self._source, began, self.seconds)
            self._listeners[topic] = {}
            if topic.is_event:
                self._events[topic] = None
            else:
                self._states.append(topic)
        return topic

    def _unsubscribe(self, client: Client, request: Unsubscribe) -> None:
        ended = [
            topic
            for topic in client.topics
            if any(channel.is_of(topic.key) for channel in request.channels)
        ]
        for topic in ended:
            self._part(client, topic)
        client.patterns = [
            pattern
            for pattern in client.patterns
            if not any(channel.is_of(pattern.as_key()) for channel in request.channels)
        ]
        listed = [(topic.key, topic.seq) for topic in ended]
        client.line.write(messages.confirmed("unsubscribed", request.id, listed))

    def _part(self, client: Client, topic: Topic) -> None:
        client.forget(topic)
        del client.topics[topic]
        listeners = self._listeners[topic]
        del listeners[client]
        if not listeners:
            topic.left_at = self.seconds()

    def _look(self, now: float) -> None:
        for topic in tuple(self.topics.values()):
            if not self._listeners[topic] and now - topic.left_at > REMEMBERED_SECONDS:
                self._forget(topic)
        self._follow_markets()
        for client in tuple(self.clients):
            if self.admission.is_still_welcome(client.caller):
                client.look(now)
            else:
                client.line.close(Code.POLICY, "the key is not valid any more")
        if now - self._beat_at >= HEARTBEAT_SECONDS:
            self._beat_at = now
            self._beat()

    def _beat(self) -> None:
        beat = messages.heartbeat(rfc3339(self._now()))
        for client in tuple(self.clients):
            if not client.is_full:
                client.line.write(beat)

    def _forget(self, topic: Topic) -> None:
        topic.end()
        del self.topics[topic.key], self._listeners[topic]
        if topic.is_event:
            del self._events[topic]
        else:
            self._states.remove(topic)

    def _follow_markets(self) -> None:
        """Who asked for all is given those that are listened to from now on, too."""
        markets = list(self._source.markets())
        new = [market for market in markets if market not in self._markets]
        self._markets = markets
        if not new:
            return
        for client in tuple(self.clients):
            wanted = {
                key: pattern
                for pattern in client.patterns
                for key in matches(pattern, new)
                if self.topics.get(key) not in client.topics
            }
            if wanted and len(client.topics) + len(wanted) <= self.limits.topics:
                self._enlist(client, None, wanted)
