"""What the stream says: JSON texts, told apart by ``type``."""

from typing import Literal, TypeAlias

import msgspec
from msgspec import Struct

from perps_stats.core.types import Gap


class Topic(Struct, frozen=True):
    """What numbers belong to. ``depth``: levels a side, of order books alone."""

    data_set: str
    exchange: str
    symbol: str
    depth: int | None = None


class _Told(Struct, frozen=True, kw_only=True, tag_field="type"):
    data_set: str
    exchange: str
    symbol: str
    depth: int | None = None
    seq: int

    @property
    def topic(self) -> Topic:
        return Topic(self.data_set, self.exchange, self.symbol, self.depth)


class Snapshot(_Told, frozen=True, kw_only=True, tag="snapshot"):
    """What holds now, and the gaps that are open."""

    data: list[msgspec.Raw]
    gaps: list[Gap]


class Update(_Told, frozen=True, kw_only=True, tag="update"):
    data: list[msgspec.Raw]


class GapTold(_Told, frozen=True, kw_only=True, tag="gap"):
    """``of`` the feed: gaps that open, close or are filled. Of the delivery: what was said
    ``after`` a number, up to ``seq``, is lost.
    """

    of: Literal["feed", "delivery"]
    data: list[Gap] = []
    after: int = 0
    reason: str = ""


class Subscribed(Struct, frozen=True, tag_field="type", tag="subscribed"):
    """What was asked for is followed by a snapshot, or by what was missed."""


class Wrong(Struct, frozen=True, tag_field="type", tag="error"):
    field: str
    value: str
    remedy: str


class Heartbeat(Struct, frozen=True, tag_field="type", tag="heartbeat"):
    """That the service is there, and has nothing to say."""


Message: TypeAlias = Snapshot | Update | GapTold | Subscribed | Wrong | Heartbeat
decoder: msgspec.json.Decoder[Message] = msgspec.json.Decoder(Message)
