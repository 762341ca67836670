"""What a client of the stream may ask for: text becomes a request, or one clear refusal."""

from collections.abc import Iterator, Sequence
from typing import Annotated, NamedTuple, TypeAlias

import msgspec
from msgspec import Meta, Struct, field

from perps_stats.core.catalogue import DATA_SETS
from perps_stats.core.errors import BadInput, near_names
from perps_stats.core.live import BOOK_LEVELS

ANY = "*"
MOST_LEVELS = 1000
LONGEST_SHOWN = 80
BOOKS = "orderbooks"
Id: TypeAlias = int | Annotated[str, Meta(max_length=64)] | None
Market: TypeAlias = tuple[str, str]
"""Exchange and symbol."""


class Key(NamedTuple):
    """Of a topic. ``depth``: levels a side, of ``orderbooks`` alone; else 0."""

    data_set: str
    exchange: str
    symbol: str
    depth: int


class Channel(Struct, frozen=True, forbid_unknown_fields=True):
    """One topic or, with ``*``, all that there are. ``after``: the last number that was heard."""

    data_set: str
    exchange: str
    symbol: str
    depth: Annotated[int, Meta(ge=1, le=MOST_LEVELS)] | None = None
    after: int | None = field(name="from", default=None)

    @property
    def is_open(self) -> bool:
        """Whether it means also what there is not yet."""
        return ANY in (self.data_set, self.exchange, self.symbol)

    def as_key(self) -> Key:
        return Key(self.data_set, self.exchange, self.symbol, self.depth or 0)

    def is_of(self, key: Key) -> bool:
        """Whether it means this topic; without a depth, those of every depth."""
        wanted = (self.data_set, self.exchange, self.symbol)
        named = all(one in (ANY, other) for one, other in zip(wanted, key, strict=False))
        return named and self.depth in (None, key.depth)


class Subscribe(Struct, frozen=True, forbid_unknown_fields=True, tag_field="op", tag="subscribe"):
    channels: Annotated[list[Channel], Meta(min_length=1, max_length=1000)]
    id: Id = None


class Unsubscribe(
    Struct, frozen=True, forbid_unknown_fields=True, tag_field="op", tag="unsubscribe"
):
    channels: Annotated[list[Channel], Meta(min_length=1, max_length=1000)]
    id: Id = None


class Ping(Struct, frozen=True, forbid_unknown_fields=True, tag_field="op", tag="ping"):
    id: Id = None


Request: TypeAlias = Subscribe | Unsubscribe | Ping


class _Named(Struct):
    id: Id = None


_REQUEST: msgspec.json.Decoder[Request] = msgspec.json.Decoder(Request)
_NAMED = msgspec.json.Decoder(_Named)


def id_of(text: bytes) -> Id:
    """That of a request which may be wrong otherwise."""
    try:
        return _NAMED.decode(text).id
    except (msgspec.DecodeError, RecursionError):
        return None


def read_request(text: bytes) -> Request:
    """Raises ``BadInput`` that names the field."""
    try:
        return _REQUEST.decode(text)
    except msgspec.ValidationError as error:
        wrong, _, path = str(error).partition(" - at `$")
        raise BadInput(path.strip(".`") or "message", _shown(text), wrong) from None
    except msgspec.DecodeError as error:
        raise BadInput("message", _shown(text), f"send JSON: {error}") from None
    except RecursionError:
        raise BadInput("message", _shown(text), "it is nested too deeply") from None


def _shown(text: bytes) -> str:
    shown = text.decode("utf-8", "replace")
    return shown if len(shown) <= LONGEST_SHOWN else f"{shown[:LONGEST_SHOWN]}…"


def expand(channel: Channel, place: int, markets: Sequence[Market]) -> list[Key]:
    """The topics it means among the ``markets`` of now; none only where it is of any.

    ``place`` is that in the list of the request. Raises ``BadInput`` for a name nobody has.
    """
    _require(channel, f"channels[{place}]", markets)
    return list(matches(channel, markets))


def matches(channel: Channel, markets: Sequence[Market]) -> Iterator[Key]:
    for data_set in DATA_SETS if channel.data_set == ANY else (channel.data_set,):
        depth = (channel.depth or BOOK_LEVELS) if data_set == BOOKS else 0
        for exchange, symbol in markets:
            if channel.exchange in (ANY, exchange) and channel.symbol in (ANY, symbol):
                yield Key(data_set, exchange, symbol, depth)


def _require(channel: Channel, at: str, markets: Sequence[Market]) -> None:
    if channel.data_set not in (ANY, *DATA_SETS):
        raise _unknown(f"{at}.data_set", channel.data_set, list(DATA_SETS))
    exchanges = list(dict.fromkeys(exchange for exchange, _ in markets))
    if channel.exchange not in (ANY, *exchanges):
        raise _unknown(f"{at}.exchange", channel.exchange, exchanges)
    symbols = [symbol for exchange, symbol in markets if channel.exchange in (ANY, exchange)]
    if channel.symbol not in (ANY, *symbols):
        raise _unknown(f"{at}.symbol", channel.symbol, list(dict.fromkeys(symbols)))
    if channel.depth is not None and channel.data_set not in (ANY, BOOKS):
        raise BadInput(f"{at}.depth", channel.depth, f"only {BOOKS} have a depth")
    if channel.after is not None and channel.is_open:
        raise BadInput(f"{at}.from", channel.after, "each topic counts by itself: name it")


def _unknown(field_name: str, name: str, known: Sequence[str]) -> BadInput:
    near = near_names(name, known)
    if near:
        return BadInput(field_name, name[:LONGEST_SHOWN], f"did you mean {', '.join(near)}?")
    told = f"one of {', '.join(known[:10])}" if known else "nothing is listened to yet; use *"
    return BadInput(field_name, name[:LONGEST_SHOWN], f"known now: {told}")
